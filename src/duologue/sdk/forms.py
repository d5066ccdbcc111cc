"""Actions that extract and check slot values: one method for each slot."""

import warnings
from abc import ABC
from collections.abc import Mapping
from typing import Any

from duologue.sdk.actions import Action
from duologue.sdk.calling import call_author
from duologue.sdk.dispatcher import CollectingDispatcher
from duologue.sdk.errors import MissingMethodError
from duologue.sdk.events import SlotSet
from duologue.sdk.payloads import DomainDict, EventType
from duologue.sdk.tracker import Tracker

REQUESTED_SLOT = "requested_slot"
LOOP_INTERRUPTED_KEY = "is_interrupted"
ACTION_VALIDATE_SLOT_MAPPINGS = "action_validate_slot_mappings"


class ValidationAction(Action, ABC):
    """Runs `extract_<slot>` and `validate_<slot>` methods for slots that belong to no form.

    A method may be plain or `async`; `-` in a slot's name is written `_`. Each gives a dictionary of slot values,
    and the next one already sees them on the tracker.
    """

    remember = False
    """It judges the state as it is now."""

    def name(self) -> str:
        """Tell the name under which the assistant asks for slots to be checked."""
        return ACTION_VALIDATE_SLOT_MAPPINGS

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        """Extract, then check, and give the resulting values as events."""
        tracker.add_slots(await self.get_extraction_events(dispatcher, tracker, domain))
        events = await self.get_validation_events(dispatcher, tracker, domain)
        tracker.add_slots(events)
        return events

    async def required_slots(
        self,
        domain_slots: list[str],
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: DomainDict,
    ) -> list[str]:
        """Choose the slots this action takes care of; override it to ask for other ones."""
        return domain_slots

    def domain_slots(self, domain: DomainDict) -> list[str]:
        """Give the slots the domain leaves to this action."""
        return self.global_slots(domain)

    def global_slots(self, domain: DomainDict) -> list[str]:
        """Give the slots that no mapping ties to a form."""
        return [name for name, slot in (domain.get("slots") or {}).items() if not _is_mapped_to_form(slot)]

    async def get_extraction_events(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        """Call the `extract_<slot>` methods of the required slots."""
        extracted: dict[str, Any] = {}
        for slot in await self._required(dispatcher, tracker, domain):
            values = await self._extract(slot, dispatcher, tracker, domain)
            extracted.update(values)
            tracker.slots.update(values)
        return [SlotSet(slot, value) for slot, value in extracted.items()]

    async def get_validation_events(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        """Call the `validate_<slot>` methods of the required slots that were just set."""
        required = await self._required(dispatcher, tracker, domain)
        values = tracker.slots_to_validate()
        for slot, value in list(values.items()):
            if slot not in required:
                del values[slot]
                continue
            validated = await self._validate(slot, value, dispatcher, tracker, domain)
            values.update(validated)
            tracker.slots.update(validated)
        return [SlotSet(slot, value) for slot, value in values.items()]

    async def _required(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[str]:
        required: list[str] = await call_author(
            self.required_slots, self.domain_slots(domain), dispatcher, tracker, domain
        )
        return required

    async def _extract(
        self, slot: str, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        method = getattr(self, _method_name("extract", slot), None)
        if method is not None:
            return _require_values(method, slot, await call_author(method, dispatcher, tracker, domain))
        if slot not in self.domain_slots(domain):
            warnings.warn(
                f"{type(self).__name__} requires slot '{slot}', which the domain does not give it and no "
                f"method {_method_name('extract', slot)} fills.",
                stacklevel=2,
            )
        return {}

    async def _validate(
        self, slot: str, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        method = getattr(self, _method_name("validate", slot), None)
        if method is None:
            return {}
        return _require_values(method, slot, await call_author(method, value, dispatcher, tracker, domain))


class FormValidationAction(ValidationAction, ABC):
    """Checks the slots of one form; its name is `validate_<form>`.

    Override `required_slots` to change what the form asks for as it goes.
    """

    def name(self) -> str:
        """Tell the name: `validate_` and the form's name."""
        raise MissingMethodError(f"{type(self).__name__} has no name(): let it return 'validate_<form>'.")

    def form_name(self) -> str:
        """Give the form's name."""
        return self.name().removeprefix("validate_")

    def domain_slots(self, domain: DomainDict) -> list[str]:
        """Give the slots the domain lists for this form."""
        form: dict[str, Any] = (domain.get("forms") or {}).get(self.form_name()) or {}
        slots: list[str] = list(form.get("required_slots") or [])
        return slots

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        """Extract and check, then choose the slot to ask for."""
        events = await super().run(dispatcher, tracker, domain)
        next_slot = await call_author(self.next_requested_slot, dispatcher, tracker, domain)
        return [*events, next_slot] if next_slot else events

    async def next_requested_slot(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> EventType | None:
        """Choose the slot to ask for next: an event that sets `requested_slot`, to None when the form is done.

        None leaves the choice to the form, which is so unless `required_slots` says something of its own.
        """
        required = await self._required(dispatcher, tracker, domain)
        if required == self.domain_slots(domain):
            return None
        missing = (slot for slot in required if tracker.slots.get(slot) is None)
        return SlotSet(REQUESTED_SLOT, next(missing, None))


def _method_name(verb: str, slot: str) -> str:
    return f"{verb}_{slot.replace('-', '_')}"


def _require_values(method: Any, slot: str, values: Any) -> dict[str, Any]:
    if isinstance(values, Mapping):
        return {str(name): value for name, value in values.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    warnings.warn(
        f"{method.__qualname__} must return a dictionary such as {{'{slot}': value}}; it returned "
        f"{type(values).__name__}, and the slot stays as it was.",
        stacklevel=2,
    )
    return {}


def _is_mapped_to_form(slot: Mapping[str, Any]) -> bool:
    mappings: list[dict[str, Any]] = slot.get("mappings") or []
    for mapping in mappings:
        conditions: list[dict[str, Any]] = mapping.get("conditions") or []
        if any(condition.get("active_loop") for condition in conditions):
            return True
    return False
