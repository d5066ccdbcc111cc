"""The file of a cassette: every recorded answer of a language model, beside the request in words a person can read.

Texts stand as lists of lines and entries in the order of their prompts, so that a change shows as a small difference.
What many requests share, such as the instructions, stands once.
"""

import hashlib
import json
import os
import tempfile
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec

from duologue.core.errors import DuologueError
from duologue.core.values import OpenData
from duologue.ports.language_model import ModelRequest, ModelUsage

FORMAT = 1
_LOCK_SECONDS = 10.0
"""How long another process may hold the file; a lock that is older was left behind."""


class CassetteFileError(DuologueError):
    """The file is not a cassette that this release can read."""


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """One request and what the model answered."""

    key: str
    model: str
    """Which model was asked: the id of its group, or its name."""
    request: ModelRequest
    text: str
    answered_by: str = ""
    """The model that answered, as the provider names it."""
    usage: ModelUsage = ModelUsage()
    finish_reason: str = "stop"
    is_cut_off: bool = False
    """Reading stopped before the answer ended."""
    milliseconds: float = 0.0


def compute_key(model: str, request: ModelRequest, mask: Callable[[str], str] = str) -> str:
    """What must be the same for a recorded answer to fit: everything but the time-out, which changes no answer."""
    parts = [
        model,
        mask(request.prefix),
        mask(request.prompt),
        request.schema,
        request.max_tokens,
        request.temperature,
    ]
    return _digest(json.dumps(parts, sort_keys=True, ensure_ascii=False))


def read_cassette_file(path: Path) -> dict[str, Recording]:
    """The recordings by key; none if there is no file.

    Raises:
        CassetteFileError: the file cannot be read; the text says why.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise CassetteFileError(f"The cassette {path} cannot be read: {error}.") from error
    try:
        content = msgspec.json.decode(text.encode())
    except msgspec.DecodeError as error:
        raise CassetteFileError(
            f"{path}:{_find_line(text)}: this is no cassette: it is not JSON. Record it again, or mend the place."
        ) from error
    try:
        if content["cassette"] != FORMAT:
            raise CassetteFileError(
                f"The cassette {path} has the format {content['cassette']!r}, and this release reads {FORMAT};"
                " record it again."
            )
        recordings = [_parse_recording(entry, content["shared"]) for entry in content["recordings"]]
    except (KeyError, TypeError, AttributeError, msgspec.ValidationError) as error:
        raise CassetteFileError(f"The cassette {path} is damaged ({error!r}); record it again.") from error
    return {recording.key: recording for recording in recordings}


def _find_line(text: str) -> int:
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return error.lineno
    return 1


def merge_into_file(path: Path, fresh: Iterable[Recording], dropped: frozenset[str] = frozenset()) -> None:
    """Put recordings into the file beside those that other runs put there in the meantime."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with _lock(path):
        kept = {key: one for key, one in read_cassette_file(path).items() if key not in dropped}
        kept.update({one.key: one for one in fresh})
        _replace(path, format_cassette(kept.values()))


def format_cassette(recordings: Iterable[Recording]) -> str:
    """The recordings as the text of a file; the same ones always give the same text."""
    shared: dict[str, Any] = {}
    entries = [
        _format_recording(recording, shared)
        for recording in sorted(recordings, key=lambda one: (one.model, one.request.prompt, one.key))
    ]
    content = {"cassette": FORMAT, "recordings": entries, "shared": dict(sorted(shared.items()))}
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _format_recording(recording: Recording, shared: dict[str, Any]) -> OpenData:
    request = recording.request
    asked: OpenData = {"prefix": _share(_split(request.prefix), "prefix", shared)}
    asked["prompt"] = _split(request.prompt)
    if request.schema is not None:
        asked["schema"] = _share(request.schema, "schema", shared)
    if request.max_tokens is not None:
        asked["max_tokens"] = request.max_tokens
    if request.temperature is not None:
        asked["temperature"] = request.temperature
    answer: OpenData = {
        "text": _split(recording.text),
        "model": recording.answered_by,
        "finish_reason": recording.finish_reason,
        "usage": msgspec.to_builtins(recording.usage),
        "milliseconds": round(recording.milliseconds, 1),
    }
    if recording.is_cut_off:
        answer["is_cut_off"] = True
    return {"key": recording.key, "model": recording.model, "request": asked, "answer": answer}


def _parse_recording(entry: Any, shared: Any) -> Recording:
    asked, answer = entry["request"], entry["answer"]
    return Recording(
        key=entry["key"],
        model=entry["model"],
        request=ModelRequest(
            prefix=_join(shared[asked["prefix"]]),
            prompt=_join(asked["prompt"]),
            schema=shared[asked["schema"]] if "schema" in asked else None,
            max_tokens=asked.get("max_tokens"),
            temperature=asked.get("temperature"),
        ),
        text=_join(answer["text"]),
        answered_by=answer["model"],
        usage=msgspec.convert(answer["usage"], ModelUsage),
        finish_reason=answer["finish_reason"],
        is_cut_off=answer.get("is_cut_off", False),
        milliseconds=answer["milliseconds"],
    )


def _share(value: Any, what: str, shared: dict[str, Any]) -> str:
    name = f"{what} {_digest(json.dumps(value, sort_keys=True, ensure_ascii=False))}"
    shared[name] = value
    return name


def _split(text: str) -> list[str]:
    return text.split("\n")


def _join(lines: list[str]) -> str:
    return "\n".join(lines)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@contextmanager
def _lock(path: Path) -> Generator[None]:
    """Hold the file against other processes that record into it."""
    lock = path.with_name(f".{path.name}.lock")
    while True:
        try:
            os.close(os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
            break
        except FileExistsError:
            with suppress(FileNotFoundError):
                if time.time() - lock.stat().st_mtime > _LOCK_SECONDS:
                    lock.unlink()
            time.sleep(0.01)
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)


def _replace(path: Path, text: str) -> None:
    """Write beside the file and move it into place, so that a reader never sees half of it."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
