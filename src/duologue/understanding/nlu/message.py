"""One text on its way through a pipeline, and an example that a pipeline learns from."""

from dataclasses import dataclass, field

import msgspec

from duologue.core.understanding import Entity, Intent
from duologue.core.values import OpenData, SlotValue

REQUESTED_SLOTS = "requested_slots"
"""The key of an example's metadata under which an author names the slots that were just asked for."""


class Token(msgspec.Struct, frozen=True, array_like=True):
    """A word or sign; `text[start:end]` of the message is what the user wrote of it."""

    text: str
    start: int
    end: int
    lemma: str = ""
    """Empty if the tokenizer knows none."""
    tag: str = ""
    """Part of speech, in the tokenizer's own spelling; empty if it knows none."""


class TrainingExample(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One sentence to learn from."""

    text: str
    intent: str = ""
    """Without the response key of a retrieval intent."""
    response_key: str | None = None
    """`faq/hours` for a retrieval intent."""
    entities: tuple[Entity, ...] = ()
    """With `start` and `end`."""
    tokens: tuple[Token, ...] = ()
    """Set by the pipeline's tokenizer before any other component trains."""
    metadata: OpenData = {}


def list_requested(example: TrainingExample) -> tuple[str, ...]:
    """The slots that were asked for when the sentence was said, if its metadata tells."""
    told: SlotValue = example.metadata.get(REQUESTED_SLOTS)
    if isinstance(told, str):
        return tuple(told.split())
    try:
        return msgspec.convert(told, tuple[str, ...])
    except msgspec.ValidationError:  # metadata are the author's own, and may be anything
        return ()


@dataclass(kw_only=True, slots=True)
class NluMessage:
    """The working paper of one text; each component reads what those before it left and adds its own."""

    text: str
    tokens: tuple[Token, ...] = ()
    intents: list[Intent] = field(default_factory=list[Intent])
    """The likeliest first."""
    entities: list[Entity] = field(default_factory=list[Entity])
    asked: tuple[str, ...] = ()
    """The slot that the assistant has just asked for, and the entities that may fill it; empty if it asked nothing."""
    response_selector: OpenData = field(default_factory=OpenData)
    notes: OpenData = field(default_factory=OpenData)
    """Whatever components want to tell those behind them, by name: a parsed spaCy document, encoded tokens."""
