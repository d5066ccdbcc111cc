"""What reads intents and entities out of a text: trained, or made from a project's examples as they are."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from duologue.core.understanding import Entity, Intent
from duologue.core.values import OpenData


class ParsedText(msgspec.Struct, frozen=True, kw_only=True):
    """The intents that a text may have, the likeliest first, and the entities in it, in order."""

    intents: tuple[Intent, ...] = ()
    entities: tuple[Entity, ...] = ()
    response_selector: OpenData = {}
    """What the response selectors chose, by retrieval intent, in the shape of `parse_data.response_selector`."""


class TextParser(Protocol):
    """Reads a text. Safe to use from several threads."""

    @property
    def can_block(self) -> bool:
        """Whether `parse` may wait for something outside, and so belongs into a thread."""
        ...

    def parse(self, text: str, *, asked: Sequence[str] = ()) -> ParsedText:
        """The intents and entities of a text; `asked` is what the assistant asked for, see `asked_slots`."""
        ...

    def warm_up(self) -> None:
        """Make ready what the first text would otherwise wait for; a second call does nothing."""
        ...
