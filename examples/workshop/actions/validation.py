"""What a booking takes for an answer."""
# pyright: basic, reportMissingImports=false

from typing import Any

from rasa_sdk import FormValidationAction, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

OPEN_DAYS = ("Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")


class ValidateRepairForm(FormValidationAction):
    """Days on which the workshop is closed are asked again; a part is noted as it is said."""

    def name(self) -> str:
        return "validate_repair_form"

    def validate_day(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        day = str(value).strip().capitalize()
        if day in OPEN_DAYS:
            return {"day": day}
        dispatcher.utter_message(response="utter_closed_that_day", day=day)
        return {"day": None}

    def validate_part(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        return {"part": str(value).strip().removeprefix("the ") or None}
