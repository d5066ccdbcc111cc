"""The log of a process: one line per entry, a static event name and `key=value` fields, or JSON.

What a person said stands only under fields that begin with `pii.`, and those only below info level.
"""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path

from duologue.core.errors import DuologueError, InvariantError

PERSONAL_PREFIX = "pii."
# What the record of the standard library holds anyway; everything else is a field of ours.
STANDARD_ATTRIBUTES = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message"}
LIBRARY_LEVEL = logging.WARNING


def set_up_logging(level: int, log_file: Path | None = None, *, is_json: bool = False) -> None:
    """Send the log of our own code at `level`, and of libraries at warning, to a file or to stderr."""
    handler = (
        logging.FileHandler(log_file, encoding="utf-8") if log_file else logging.StreamHandler(sys.stderr)
    )
    shows_personal = level < logging.INFO
    handler.setFormatter(JsonFormatter(shows_personal) if is_json else FieldFormatter(shows_personal))
    logging.basicConfig(level=max(level, LIBRARY_LEVEL), handlers=[handler], force=True)
    logging.getLogger("duologue").setLevel(level)
    logging.getLogger("actions").setLevel(level)
    logging.getLogger("uvicorn.access").setLevel(logging.INFO if level <= logging.DEBUG else LIBRARY_LEVEL)
    logging.captureWarnings(True)


class _Formatter(logging.Formatter):
    def __init__(self, shows_personal: bool) -> None:
        super().__init__()
        self.shows_personal = shows_personal

    def collect_fields(self, record: logging.LogRecord) -> dict[str, object]:
        """The fields that the caller gave as `extra`."""
        return {
            name: value
            for name, value in vars(record).items()
            if name not in STANDARD_ATTRIBUTES
            and (self.shows_personal or not name.startswith(PERSONAL_PREFIX))
        }


class FieldFormatter(_Formatter):
    """`2026-01-31T09:15:02.114Z warning duologue.runtime event.name key=value`."""

    def format(self, record: logging.LogRecord) -> str:
        fields = [f"{name}={_quote(value)}" for name, value in self.collect_fields(record).items()]
        start = f"{_format_time(record)} {record.levelname.lower()} {record.name}"
        line = " ".join([start, record.getMessage(), *fields])
        error = record.exc_info[1] if record.exc_info else None
        return f"{line}\n{_format_error(error, is_whole=self.shows_personal)}" if error else line


class JsonFormatter(_Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, object] = {
            "timestamp": _format_time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            **self.collect_fields(record),
        }
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False, default=str)


def _format_error(error: BaseException, *, is_whole: bool) -> str:
    """The traceback; of a chain of causes only the first one's, which is where an author must look."""
    if is_whole:
        return "".join(traceback.format_exception(error)).rstrip()
    came_of_it: list[str] = []
    while error.__cause__ is not None:
        came_of_it.insert(0, f"  which became {type(error).__name__}: {error}")
        error = error.__cause__
    # An error that we raised on purpose says all by its text; where in our code it was raised helps nobody.
    is_said = isinstance(error, DuologueError) and not isinstance(error, InvariantError)
    first = f"{type(error).__name__}: {error}" if is_said else "".join(traceback.format_exception(error))
    return "\n".join([first.rstrip(), *came_of_it])


def _format_time(record: logging.LogRecord) -> str:
    moment = datetime.fromtimestamp(record.created, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _quote(value: object) -> str:
    """A value in one line; quoted as soon as it holds anything but a plain word."""
    text = str(value)
    is_plain = text.isascii() and text.isprintable() and not set(text) & set(' "=')
    return text if text and is_plain else json.dumps(text, ensure_ascii=False)
