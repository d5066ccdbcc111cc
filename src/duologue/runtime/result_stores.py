"""The stores of remembered results, opened by their addresses."""

import logging
from pathlib import Path
from urllib.parse import unquote, urlsplit

from duologue.core.errors import DefinitionError
from duologue.ports.result_store import ResultStore
from duologue.project.problems import suggest_name
from duologue.runtime.adapter_table import RESULT_STORES, find_missing_extra, load_adapter
from duologue.runtime.remembering import KEEP_SECONDS
from duologue.runtime.waiting import open_when_reachable

NOT_REMEMBERED = "off"
"""Instead of an address: results are not remembered."""
IN_MEMORY = "memory"
_KINDS = {
    "memory": "memory",
    "sqlite": "sqlite",
    "redis": "redis",
    "rediss": "redis",
    "unix": "redis",
    "postgresql": "postgresql",
    "postgres": "postgresql",
}
_WHAT = "the store of results"

_log = logging.getLogger(__name__)


def find_keep_seconds(url: str) -> float:
    """How long results are kept where nobody says it.

    What is lost with the process helps only turns that are run again while it lives, which is at once or never.
    """
    return 600.0 if url == IN_MEMORY else KEEP_SECONDS


def outlives_processes(url: str) -> bool:
    """Whether a call that was cut off by the end of a process may be made again, and does nothing twice."""
    return url not in (IN_MEMORY, NOT_REMEMBERED)


def find_result_store_kind(url: str) -> str:
    """The kind of store that an address names: `memory`, `sqlite`, `redis` or `postgresql`.

    Raises:
        DefinitionError: there is no such kind.
    """
    scheme = url.partition(":")[0].partition("+")[0].casefold()
    kind = _KINDS.get(scheme)
    if kind is None:
        hint = suggest_name(scheme, _KINDS)
        # The address itself may hold a password.
        raise DefinitionError(
            f"Results cannot be remembered in {scheme!r}: write `memory`, `sqlite:///results.db`,"
            f" `redis://host:6379/0` or `postgresql://user:password@host/database`. {hint}".strip()
        )
    return kind


async def open_result_store(url: str, *, folder: Path | None = None, patience: float = 30.0) -> ResultStore:
    """The store at an address.

    Args:
        folder: from which a SQLite file's relative path counts; by default the current one.
        patience: seconds to wait for a store that cannot be reached yet.

    Raises:
        DefinitionError: the address cannot be used, or the store refuses us.
        StorageUnavailableError: it cannot be reached within that time.
    """
    kind = find_result_store_kind(url)
    if extra := find_missing_extra(RESULT_STORES, kind):
        raise DefinitionError(
            f"Remembering results in {kind} needs a package that is not installed; run"
            f" `pip install 'duologue[{extra}]'`."
        )
    opener = load_adapter(RESULT_STORES, kind, what=_WHAT)
    if kind == "memory":
        return await opener()
    place = str((folder or Path()) / _find_file(url)) if kind == "sqlite" else url
    return await open_when_reachable(
        lambda: opener(place), patience if kind != "sqlite" else 0.0, event="result_store.waiting"
    )


def _find_file(url: str) -> str:
    """`sqlite:///results.db` is in the current folder, `sqlite:////data/results.db` is not."""
    parts = urlsplit(url)
    name = unquote(parts.path)[1:]
    if "///" not in url or parts.netloc or not name:
        raise DefinitionError(
            "The address of a SQLite file has three strokes, `sqlite:///results.db`, or four for a place from the"
            " root, `sqlite:////data/results.db`."
        )
    return name
