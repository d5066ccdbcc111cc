"""What an assistant knows about its world: slots, responses, actions, intents, entities, forms, sessions."""

from functools import cached_property

import msgspec

from duologue.core.slots import Slot
from duologue.core.values import OpenData, SlotValue


class Translation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A button in another language."""

    title: str | None = None
    payload: str | None = None


class ResponseButton(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A button as the author wrote it."""

    title: str
    payload: str
    translation: dict[str, Translation] = {}
    extra: OpenData = {}


class SlotCondition(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The older form of a variation's condition: the slot has this value."""

    name: str
    value: SlotValue = None


class Variation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One way to say a response."""

    text: str | None = None
    id: str | None = None
    channel: str | None = None
    condition: str | tuple[SlotCondition, ...] | None = None
    """A predicate over slots, or slots that must all have the given values."""
    buttons: tuple[ResponseButton, ...] = ()
    button_type: str | None = None
    image: str | None = None
    attachment: object = None
    elements: tuple[object, ...] = ()
    quick_replies: tuple[object, ...] = ()
    custom: OpenData = {}
    translation: dict[str, str] = {}
    metadata: OpenData = {}
    allow_interruptions: bool = True


class Intent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An intent of the domain; None for `use_entities` means all of them."""

    name: str
    use_entities: tuple[str, ...] | None = None
    ignore_entities: tuple[str, ...] = ()


class EntityType(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An entity of the domain."""

    name: str
    roles: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    influence_conversation: bool = True


class Form(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A form of a classic assistant."""

    name: str
    required_slots: tuple[str, ...] = ()
    ignored_intents: tuple[str, ...] = ()


class SessionConfig(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """When a session expires and what the next one keeps."""

    session_expiration_minutes: float = 60.0
    """0 = never."""
    carry_over_slots: bool = True
    start_session_after_expiry: bool = True


class Domain(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, dict=True):
    """The merged domain of an assistant, with our own default responses and slots already in it."""

    slots: dict[str, Slot] = {}
    responses: dict[str, tuple[Variation, ...]] = {}
    actions: tuple[str, ...] = ()
    """Custom actions the project declares (responses used as actions are left out)."""
    actions_with_domain: tuple[str, ...] = ()
    """Custom actions that declare `send_domain: true`."""
    e2e_actions: tuple[str, ...] = ()
    intents: dict[str, Intent] = {}
    entities: dict[str, EntityType] = {}
    forms: dict[str, Form] = {}
    session: SessionConfig = SessionConfig()
    store_entities_as_slots: bool = True

    @cached_property
    def initial_slots(self) -> dict[str, SlotValue]:
        """Every slot with its initial value."""
        return {slot.name: slot.initial_value for slot in self.slots.values()}

    @cached_property
    def custom_actions(self) -> frozenset[str]:
        return frozenset(self.actions)

    @cached_property
    def every_turn_actions(self) -> tuple[str, ...]:
        """Custom actions that fill slots on every turn, whatever the user says."""
        named = (
            mapping.run_action_every_turn or mapping.action
            for slot in self.slots.values()
            for mapping in slot.mappings
        )
        return tuple(dict.fromkeys(name for name in named if name in self.custom_actions))

    def get_slot_values(self, slots: dict[str, SlotValue]) -> dict[str, SlotValue]:
        """Every slot's value: what was set, else its initial value. A fresh dictionary."""
        return {**self.initial_slots, **slots}

    def get_slot_value(self, slots: dict[str, SlotValue], name: str) -> SlotValue:
        """The value of a slot: what was set, else its initial value, else None."""
        if name in slots:
            return slots[name]
        slot = self.slots.get(name)
        return slot.initial_value if slot else None
