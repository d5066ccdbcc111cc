"""Actions that extract and check slot values: one method for each slot."""

# pyright: basic
# Domains and what authors' methods give are open.

import logging
import warnings
from abc import ABC
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from duologue.sdk.calling import call_author, has_workers

from . import utils
from .events import EventType, SlotSet
from .interfaces import Action, Tracker

if TYPE_CHECKING:
    from .executor import CollectingDispatcher
    from .types import DomainDict

logger = logging.getLogger(__name__)

REQUESTED_SLOT = "requested_slot"
LOOP_INTERRUPTED_KEY = "is_interrupted"
ACTION_VALIDATE_SLOT_MAPPINGS = "action_validate_slot_mappings"


class ValidationAction(Action, ABC):
    """Runs the `extract_<slot>` and `validate_<slot>` methods of slots that belong to no form."""

    remember = False
    """It judges the state as it is now, so its result is not kept for a call that is repeated."""

    def name(self) -> str:
        """Tell the name under which the assistant asks for slots to be checked."""
        return ACTION_VALIDATE_SLOT_MAPPINGS

    async def run(
        self, dispatcher: "CollectingDispatcher", tracker: Tracker, domain: "DomainDict"
    ) -> list[EventType]:
        """Extract, then check, and give the resulting values as events."""
        tracker.add_slots(await self.get_extraction_events(dispatcher, tracker, domain))
        return await self._extract_validation_events(dispatcher, tracker, domain)

    async def _extract_validation_events(
        self, dispatcher: "CollectingDispatcher", tracker: Tracker, domain: "DomainDict"
    ) -> list[EventType]:
        events = await self.get_validation_events(dispatcher, tracker, domain)
        tracker.add_slots(events)
        return events

    async def required_slots(
        self,
        domain_slots: list[str],
        dispatcher: "CollectingDispatcher",
        tracker: Tracker,
        domain: "DomainDict",
    ) -> list[str]:
        """Choose the slots this action takes care of; override it to ask for other ones."""
        return domain_slots

    async def get_extraction_events(
        self, dispatcher: "CollectingDispatcher", tracker: Tracker, domain: "DomainDict"
    ) -> list[EventType]:
        """Call the `extract_<slot>` methods of the required slots; each sees what the ones before it found."""
        found: dict[str, Any] = {}
        for slot in await self.required_slots(self.domain_slots(domain), dispatcher, tracker, domain):
            values = await self._extract_slot(slot, dispatcher, tracker, domain)
            found.update(values)
            tracker.slots.update(values)
        return [SlotSet(slot, value) for slot, value in found.items()]

    async def get_validation_events(
        self, dispatcher: "CollectingDispatcher", tracker: Tracker, domain: "DomainDict"
    ) -> list[EventType]:
        """Call the `validate_<slot>` methods of the required slots that were just set."""
        required = await self.required_slots(self.domain_slots(domain), dispatcher, tracker, domain)
        values = tracker.slots_to_validate()
        for slot, value in list(values.items()):
            if slot not in required:
                values.pop(slot)
                continue
            validated = await self._validate_slot(slot, value, dispatcher, tracker, domain)
            values.update(validated)
            tracker.slots.update(validated)
        return [SlotSet(slot, value) for slot, value in values.items()]

    async def _validate_slot(
        self,
        slot_name: str,
        slot_value: Any,
        dispatcher: "CollectingDispatcher",
        tracker: Tracker,
        domain: "DomainDict",
    ) -> dict[str, Any]:
        method = getattr(self, _method_name("validate", slot_name), None)
        if not method:
            logger.warning(f"Skipping validation for `{slot_name}`: there is no validation method specified.")
            return {}
        validated = await _call(method, slot_value, dispatcher, tracker, domain)
        if isinstance(validated, dict):
            return validated
        warnings.warn(
            f"Cannot validate `{slot_name}`: make sure the validation method returns the correct output.",
            stacklevel=2,
        )
        return {}

    async def _extract_slot(
        self, slot_name: str, dispatcher: "CollectingDispatcher", tracker: Tracker, domain: "DomainDict"
    ) -> dict[str, Any]:
        method_name = _method_name("extract", slot_name)
        is_in_domain = slot_name in self.domain_slots(domain)
        method = getattr(self, method_name, None)
        if not method:
            if not is_in_domain:
                warnings.warn(
                    f"No method '{method_name}' found for slot '{slot_name}'. Skipping extraction for this slot.",
                    stacklevel=2,
                )
            return {}
        extracted = await _call(method, dispatcher, tracker, domain)
        if isinstance(extracted, dict):
            return extracted
        warnings.warn(
            f"Cannot extract `{slot_name}`: make sure the extract method returns the correct output.",
            stacklevel=2,
        )
        return {}

    @staticmethod
    def _is_mapped_to_form(slot_value: dict[str, Any]) -> bool:
        return any(
            condition.get("active_loop")
            for mapping in slot_value.get("mappings") or []
            for condition in mapping.get("conditions", [])
        )

    def global_slots(self, domain: "DomainDict") -> list[str]:
        """Give the slots that no mapping ties to a form."""
        return [name for name, slot in domain.get("slots", {}).items() if not self._is_mapped_to_form(slot)]

    def domain_slots(self, domain: "DomainDict") -> list[str]:
        """Give the slots the domain leaves to this action."""
        return self.global_slots(domain)


class FormValidationAction(ValidationAction, ABC):
    """Runs the `extract_<slot>` and `validate_<slot>` methods of one form."""

    def name(self) -> str:
        """Tell the name: `validate_` and the form's."""
        raise NotImplementedError("An action must implement a name")

    def form_name(self) -> str:
        """Tell the form's name."""
        return self.name().replace("validate_", "", 1)

    async def _extract_validation_events(
        self, dispatcher: "CollectingDispatcher", tracker: Tracker, domain: "DomainDict"
    ) -> list[EventType]:
        # Not through `super()`: tracing puts a span around the method of each class.
        events = await self.get_validation_events(dispatcher, tracker, domain)
        tracker.add_slots(events)
        next_slot = await self.next_requested_slot(dispatcher, tracker, domain)
        if next_slot:
            events.append(next_slot)
        return events

    def domain_slots(self, domain: "DomainDict") -> list[str]:
        """Give the slots the domain lists for the form."""
        form = domain.get("forms", {}).get(self.form_name(), {})
        return form.get("required_slots", [])

    async def next_requested_slot(
        self, dispatcher: "CollectingDispatcher", tracker: Tracker, domain: "DomainDict"
    ) -> EventType | None:
        """Choose the slot to ask for next: an event that sets `requested_slot`, to None when the form is done.

        None leaves the choice to the form, which is so unless `required_slots` says something of its own.
        """
        required = await self.required_slots(self.domain_slots(domain), dispatcher, tracker, domain)
        if required == self.domain_slots(domain):
            return None
        missing = (slot for slot in required if tracker.slots.get(slot) is None)
        return SlotSet(REQUESTED_SLOT, next(missing, None))


def _method_name(verb: str, slot_name: str) -> str:
    return f"{verb}_{slot_name.replace('-', '_')}"


async def _call(method: Callable[..., Any], *args: Any) -> Any:
    # Inside our own server plain methods run on its threads; elsewhere they run where they are called.
    if has_workers():
        return await call_author(method, *args)
    return await utils.call_potential_coroutine(method(*args))
