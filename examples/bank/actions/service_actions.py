"""Branches and callbacks."""

from duologue.sdk import Action, CollectingDispatcher, DomainDict, Tracker
from duologue.sdk.events import SlotSet

from . import service_desk
from .bank_database import open_bank
from .conversation import Events, customer_of, text_of


class LoadBranch(Action):
    """Put the branch of the chosen city into the `branch_...` slots."""

    def name(self) -> str:
        return "action_load_branch"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        branch = service_desk.find_branch(open_bank(), text_of(tracker, "branch_city"))
        return [
            SlotSet("branch_street", branch and f"{branch.street}, {branch.city}"),
            SlotSet("branch_weekday_hours", branch and branch.weekday_hours),
            SlotSet("branch_saturday_hours", branch and branch.saturday_hours),
        ]


class RequestCallback(Action):
    def name(self) -> str:
        return "action_request_callback"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        service_desk.request_callback(customer_of(tracker), text_of(tracker, "callback_phone"))
        return []
