"""What every test may count on: no network beyond this machine, and the folder with real projects."""

import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

REPOSITORY = Path(__file__).resolve().parents[1]
LOCAL_HOSTS = ("127.", "::1", "localhost", "0.0.0.0")


def _refuse_other_machines(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        host = str(arguments[1][0])
        if not host.startswith(LOCAL_HOSTS):
            raise RuntimeError(f"A test reached for {host}; tests talk to this machine only.")


# An audit hook cannot be taken back, so it is laid once, when the tests of this process are collected.
sys.addaudithook(_refuse_other_machines)

# No test fails on a clock: a busy machine is slow now and then.
settings.register_profile("duologue", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("duologue")


@pytest.fixture(autouse=True)
def undo_logging_set_up() -> Iterator[None]:
    """A command that a test runs in this process sets up the log of the process; the next test starts afresh."""
    yield
    for name in ("duologue", "actions", "uvicorn.access"):
        logging.getLogger(name).setLevel(logging.NOTSET)
    root = logging.getLogger()
    for handler in [*root.handlers]:
        if type(handler.formatter).__module__.startswith("duologue"):
            root.removeHandler(handler)
            handler.close()
    root.setLevel(logging.WARNING)
    logging.captureWarnings(False)


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of this repository."""
    return REPOSITORY


@pytest.fixture(scope="session")
def acceptance_data() -> Path:
    """The folder with real projects; a test that needs it is skipped without it, and fails where CI is set.

    `DUOLOGUE_ACCEPTANCE_DATA` names the folder; the word `none` declares that there is none.
    """
    declared = os.environ.get("DUOLOGUE_ACCEPTANCE_DATA", "")
    folder = Path(declared) if declared else REPOSITORY.parent.joinpath("shared", "data")
    if folder.is_dir():
        return folder
    reason = f"No folder with real projects at {folder}; name it with DUOLOGUE_ACCEPTANCE_DATA."
    if os.environ.get("CI") and declared != "none":
        pytest.fail(reason)
    pytest.skip(reason)
