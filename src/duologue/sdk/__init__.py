"""What authors of custom actions import: actions, the tracker, the dispatcher, events, forms.

It knows nothing of the rest of the house: an action gets JSON and gives JSON.
"""

from duologue.sdk.actions import Action, FunctionAction, action
from duologue.sdk.call_context import CallContext, current_call
from duologue.sdk.dispatcher import CollectingDispatcher
from duologue.sdk.effects import effect_transaction
from duologue.sdk.errors import ActionExecutionRejection
from duologue.sdk.forms import FormValidationAction, ValidationAction
from duologue.sdk.http import get_http_client
from duologue.sdk.payloads import DomainDict, EventType
from duologue.sdk.secrets import get_secret
from duologue.sdk.tracker import Tracker

__all__ = [
    "Action",
    "ActionExecutionRejection",
    "CallContext",
    "CollectingDispatcher",
    "DomainDict",
    "EventType",
    "FormValidationAction",
    "FunctionAction",
    "Tracker",
    "ValidationAction",
    "action",
    "current_call",
    "effect_transaction",
    "get_http_client",
    "get_secret",
]
