"""`DucklingEntityExtractor`: an entity for every value of the wanted kinds, in the shape that Rasa gives it."""

import time
from collections.abc import Callable
from typing import Any

from duologue.core.nlu_options import DucklingOptions
from duologue.core.understanding import Entity
from duologue.core.values import OpenData, SlotValue
from duologue.understanding.nlu.extractors.duckling.beside import open_beside
from duologue.understanding.nlu.extractors.duckling.plain import PlainReader
from duologue.understanding.nlu.extractors.duckling.reader import DucklingReader
from duologue.understanding.nlu.extractors.duckling.server import DucklingServer
from duologue.understanding.nlu.message import NluMessage

_NAME = "DucklingEntityExtractor"


class DucklingEntityExtractor:
    """Asks a server if the options name one, else reads inside the process."""

    def __init__(
        self,
        options: DucklingOptions,
        language: str,
        *,
        url: str | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`url` is of a server to ask instead of the one that the options name."""
        locale = (options.locale or language).replace("-", "_")
        reader = _open_reader(options, locale)
        server = url or options.url
        self._reader = DucklingServer(server, options, locale, reader) if server else reader
        self._dimensions = frozenset(options.dimensions or ())
        self._clock = clock

    def process(self, message: NluMessage) -> None:
        if not message.text.strip():
            return
        found = self._reader.read(message.text, self._clock())
        message.entities.extend(
            _read_match(match, message.text)
            for match in found
            if not self._dimensions or match["dim"] in self._dimensions
        )


def _open_reader(options: DucklingOptions, locale: str) -> DucklingReader:
    timezone = options.timezone or "UTC"
    plain = PlainReader(locale, timezone, options.dimensions)
    return open_beside(locale, timezone, options.dimensions, plain) or plain


def _read_match(match: OpenData, text: str) -> Entity:
    return Entity(
        entity=match["dim"],
        value=_read_value(match["value"]),
        start=match["start"],
        end=match["end"],
        confidence=1.0,
        extractor=_NAME,
        extra={
            "text": match.get("body", text[match["start"] : match["end"]]),
            "additional_info": match["value"],
        },
    )


def _read_value(value: OpenData) -> SlotValue:
    """The value itself; a stretch of time as `from` and `to`."""
    if value.get("type") != "interval":
        return value.get("value")
    return {"to": _read_end(value, "to"), "from": _read_end(value, "from")}


def _read_end(value: OpenData, name: str) -> Any:
    end: Any = value.get(name)
    return end.get("value") if end else None
