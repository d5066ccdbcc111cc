"""What was understood of one message, and why."""

import msgspec

from duologue.core.commands import Command
from duologue.core.values import OpenData, SlotValue


class Intent(msgspec.Struct, frozen=True, kw_only=True):
    """An intent with its confidence (0 to 1)."""

    name: str
    confidence: float = 1.0


class Entity(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A piece of the text with a meaning; `text[start:end]` is what the user wrote."""

    entity: str
    value: SlotValue
    start: int | None = None
    end: int | None = None
    role: str | None = None
    group: str | None = None
    confidence: float | None = None
    extractor: str | None = None
    extra: OpenData = {}
    """Whatever else its extractor tells: Duckling's `text` and `additional_info`."""


class ModelCall(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One call of a language model, and what it cost."""

    model: str
    milliseconds: float = 0.0
    input_tokens: int = 0
    """All tokens of the prompt, the cached ones among them."""
    cached_tokens: int = 0
    output_tokens: int = 0
    failure: str | None = None
    """Why there was no answer that could be used; None if there was one."""


class Evidence(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which rung of the ladder answered, how sure it was and what it cost."""

    rung: str
    confidence: float = 1.0
    reason: str = ""
    """A short sentence for a developer, without anything the user said."""
    milliseconds: float = 0.0
    dropped: int = 0
    """Commands that a language model proposed and that are not on offer in this state."""
    calls: tuple[ModelCall, ...] = ()
    """Calls of language models that were made for this message, those that failed too."""
    details: OpenData = {}


class Understanding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Commands in the order they were said, with the evidence for them."""

    commands: tuple[Command, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    intent: Intent | None = None
    entities: tuple[Entity, ...] = ()
    intent_ranking: tuple[Intent, ...] = ()
    is_for_policies: bool = False
    """The classic part of the assistant answers: its policies choose what to do, not the flows."""
    response_selector: OpenData = {}
    """What the response selectors chose, in the shape of `parse_data.response_selector`."""
