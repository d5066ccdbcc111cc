"""Stories and rules of a classic assistant, as its author wrote them, with every older spelling resolved."""

from typing import TypeAlias

import msgspec

from duologue.core.values import OpenData, SlotValue


class StoryEntity(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An entity that the user's message of a story holds."""

    entity: str
    value: SlotValue = None
    """None if the story names the entity only."""
    role: str | None = None
    group: str | None = None
    start: int | None = None
    end: int | None = None


class UserStep(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="user"):
    """The user says something: an intent, with or without the words; or words alone (end-to-end)."""

    intent: str | None = None
    """With its response key for a retrieval intent, as written: `faq/hours`."""
    text: str | None = None
    entities: tuple[StoryEntity, ...] = ()
    metadata: OpenData = {}


class ActionStep(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="action"):
    """The assistant performs an action, which for a form is the form's name."""

    name: str


class BotStep(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="bot"):
    """The assistant says these words (end-to-end)."""

    text: str


class SlotStep(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="slot"):
    """A slot was set; without `has_value` any value but none counts, as `slot_was_set: [name]` says."""

    name: str
    value: SlotValue = None
    has_value: bool = True
    is_negated: bool = False
    """`slot_was_not_set`, which only tests know."""


class LoopStep(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="loop"):
    """A form becomes the active one; None ends it."""

    name: str | None = None


class CheckpointStep(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="checkpoint"):
    """Where one story ends and others go on, if the slots are as named."""

    name: str
    slots: tuple[SlotStep, ...] = ()


class OrStep(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="or"):
    """One of these, each alike."""

    alternatives: tuple[UserStep | SlotStep, ...]


StoryStep: TypeAlias = UserStep | ActionStep | BotStep | SlotStep | LoopStep | CheckpointStep | OrStep
"""Everything that can stand in a story."""


class Story(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A story, or a rule."""

    name: str
    steps: tuple[StoryStep, ...] = ()
    is_rule: bool = False
    condition: tuple[SlotStep | LoopStep, ...] = ()
    """Of a rule: what must be so."""
    is_conversation_start: bool = False
    """Of a rule: only as the first thing in a conversation."""
    waits_for_user_input: bool = True
    """Of a rule: the assistant listens after the last step; otherwise others may go on."""
    source: str = ""
    """`file:line`, relative to the project."""
    metadata: OpenData = {}
