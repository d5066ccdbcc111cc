"""What reads intents and entities out of a text: trained, or made from a project's examples as they are."""

from typing import Protocol

import msgspec

from duologue.core.understanding import Entity, Intent


class ParsedText(msgspec.Struct, frozen=True, kw_only=True):
    """The intents that a text may have, the likeliest first, and the entities in it, in order."""

    intents: tuple[Intent, ...] = ()
    entities: tuple[Entity, ...] = ()


class TextParser(Protocol):
    """Reads a text. Safe to use from several threads."""

    def parse(self, text: str) -> ParsedText:
        """The intents and entities of a text."""
        ...

    def warm_up(self) -> None:
        """Make ready what the first text would otherwise wait for; a second call does nothing."""
        ...
