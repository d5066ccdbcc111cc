"""Extracting and checking slots."""

import threading
from typing import Any

import pytest

from duologue.sdk import CollectingDispatcher, FormValidationAction, Tracker, ValidationAction
from duologue.sdk.events import SlotSet
from duologue.sdk.payloads import DomainDict
from duologue.sdk.testing import run_action

DOMAIN: DomainDict = {
    "slots": {
        "cuisine": {"mappings": [{"type": "from_text", "conditions": [{"active_loop": "order_form"}]}]},
        "num-people": {"mappings": [{"type": "from_entity", "conditions": [{"active_loop": "order_form"}]}]},
        "city": {"mappings": [{"type": "from_entity"}]},
        "country": {},
    },
    "forms": {"order_form": {"required_slots": ["cuisine", "num-people"]}},
}


class ValidateOrderForm(FormValidationAction):
    def name(self) -> str:
        return "validate_order_form"

    def validate_cuisine(self, value: Any, dispatcher: CollectingDispatcher, *_: Any) -> dict[str, Any]:
        if value in ("thai", "greek"):
            return {"cuisine": value}
        dispatcher.utter_message(response="utter_wrong_cuisine")
        return {"cuisine": None}

    async def validate_num_people(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        return {"num-people": int(value), "table": f"{tracker.get_slot('cuisine')}-{value}"}


class ValidateGrowingForm(ValidateOrderForm):
    async def required_slots(
        self,
        domain_slots: list[str],
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: DomainDict,
    ) -> list[str]:
        return [*domain_slots, "outdoor"]

    async def extract_outdoor(self, *_: Any) -> dict[str, Any]:
        return {}


async def test_a_form_checks_what_was_just_filled_and_sees_earlier_results() -> None:
    filled = [SlotSet("cuisine", "thai"), SlotSet("num-people", "4"), SlotSet("city", "Rome")]

    outcome = await run_action(ValidateOrderForm, events=filled, domain=DOMAIN, active_loop="order_form")

    assert outcome.slots == {"cuisine": "thai", "num-people": 4, "table": "thai-4"}


async def test_a_refused_value_empties_the_slot_and_says_why() -> None:
    outcome = await run_action(ValidateOrderForm, events=[SlotSet("cuisine", "mud")], domain=DOMAIN)

    assert outcome.events == [SlotSet("cuisine", None)]
    assert outcome.responses == ["utter_wrong_cuisine"]


@pytest.mark.parametrize(
    ("slots", "requested"),
    [
        ({}, "cuisine"),
        ({"cuisine": "thai", "num-people": 2}, "outdoor"),
        ({"cuisine": 1, "num-people": 1, "outdoor": 1}, None),
    ],
)
async def test_a_form_with_slots_of_its_own_asks_for_the_first_empty_one(
    slots: dict[str, Any], requested: str | None
) -> None:
    outcome = await run_action(ValidateGrowingForm, slots=slots, domain=DOMAIN)

    assert outcome.events == [SlotSet("requested_slot", requested)]


async def test_extracted_values_are_checked_like_filled_ones() -> None:
    class ValidateExtracted(ValidateOrderForm):
        def extract_cuisine(self, dispatcher: Any, tracker: Tracker, domain: Any) -> dict[str, Any]:
            return {"cuisine": tracker.latest_message["text"]}

    outcome = await run_action(ValidateExtracted, message="mud", domain=DOMAIN)

    assert outcome.slots == {"cuisine": None}


async def test_slots_outside_of_forms_are_checked_by_a_validation_action() -> None:
    class ValidateSlots(ValidationAction):
        def extract_country(self, *_: Any) -> dict[str, Any]:
            return {"country": "it"}

        async def validate_city(self, value: str, *_: Any) -> dict[str, Any]:
            return {"city": value.title()}

    outcome = await run_action(
        ValidateSlots, events=[SlotSet("city", "rome"), SlotSet("cuisine", "thai")], domain=DOMAIN
    )

    assert ValidateSlots().name() == "action_validate_slot_mappings"
    assert outcome.slots == {"city": "Rome", "country": "it"}


async def test_a_method_that_returns_no_dictionary_warns_and_leaves_the_slot() -> None:
    class ValidateBadly(FormValidationAction):
        def name(self) -> str:
            return "validate_order_form"

        def validate_cuisine(self, *_: Any) -> Any:
            return "thai"

    with pytest.warns(
        UserWarning, match=r"validate_cuisine must return a dictionary such as \{'cuisine': value\}"
    ):
        outcome = await run_action(ValidateBadly, events=[SlotSet("cuisine", "mud")], domain=DOMAIN)

    assert outcome.slots == {"cuisine": "mud"}


async def test_a_required_slot_that_nothing_fills_warns() -> None:
    class ValidateTypo(ValidateOrderForm):
        # Not `async`, as older projects have it.
        def required_slots(self, *_: Any) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
            return ["cuisne"]

    with pytest.warns(UserWarning, match="requires slot 'cuisne'"):
        await run_action(ValidateTypo, domain=DOMAIN)


async def test_a_plain_method_does_not_run_on_the_event_loops_thread() -> None:
    threads: list[threading.Thread] = []

    class ValidateSlowly(FormValidationAction):
        def name(self) -> str:
            return "validate_order_form"

        def validate_cuisine(self, value: Any, *_: Any) -> dict[str, Any]:
            threads.append(threading.current_thread())
            return {"cuisine": value}

    await run_action(ValidateSlowly, events=[SlotSet("cuisine", "thai")], domain=DOMAIN)

    assert threads != [threading.current_thread()]
