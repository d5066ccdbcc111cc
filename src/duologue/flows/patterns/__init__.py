"""The stock repair patterns: flows with their responses and slots, all of which a project may override."""

from duologue.core.domain import Variation
from duologue.core.slots import Slot, SlotType
from duologue.flows.flow import Flow
from duologue.flows.patterns import clarifying, collecting, conversing, correcting, ending
from duologue.flows.patterns.pattern import CONTROLLED, Pattern, builtin_slot

STOCK_PATTERNS: tuple[Pattern, ...] = (
    clarifying.CANNOT_HANDLE,
    clarifying.CHITCHAT,
    clarifying.CLARIFICATION,
    clarifying.HUMAN_HANDOFF,
    clarifying.SEARCH,
    collecting.COLLECT_INFORMATION,
    collecting.SKIP_QUESTION,
    collecting.VALIDATE_SLOT,
    conversing.CODE_CHANGE,
    conversing.INTERNAL_ERROR,
    conversing.REPEAT_BOT_MESSAGES,
    conversing.RESTART,
    conversing.SESSION_START,
    conversing.USER_SILENCE,
    correcting.CANCEL_FLOW,
    correcting.CORRECTION,
    ending.COMPLETED,
    ending.CONTINUE_INTERRUPTED,
    ending.CUSTOMER_SATISFACTION,
)

STOCK_FLOWS: tuple[Flow, ...] = tuple(pattern.flow for pattern in STOCK_PATTERNS)
STOCK_RESPONSES: dict[str, tuple[Variation, ...]] = {
    name: variations for pattern in STOCK_PATTERNS for name, variations in pattern.responses.items()
}
STOCK_SLOTS: dict[str, Slot] = {
    slot.name: slot
    for slot in (
        *(slot for pattern in STOCK_PATTERNS for slot in pattern.slots),
        builtin_slot("requested_slot", SlotType.TEXT, mappings=CONTROLLED),
        builtin_slot("session_started_metadata", SlotType.ANY, mappings=CONTROLLED),
        builtin_slot("return_value", SlotType.ANY, mappings=CONTROLLED),
    )
}

DEFAULT_ACTIONS: frozenset[str] = frozenset(
    {
        "action_back",
        "action_cancel_flow",
        "action_cancel_interrupted_flows",
        "action_clarify_flows",
        "action_clean_stack",
        "action_continue_interrupted_flow",
        "action_correct_flow_slot",
        "action_deactivate_form",
        "action_deactivate_loop",
        "action_default_ask_affirmation",
        "action_default_ask_rephrase",
        "action_default_fallback",
        "action_extract_slots",
        "action_handoff_metric",
        "action_hangup",
        "action_listen",
        "action_repeat_bot_messages",
        "action_reset_routing",
        "action_restart",
        "action_revert_fallback_events",
        "action_run_slot_rejections",
        "action_send_text",
        "action_session_start",
        "action_trigger_chitchat",
        "action_trigger_search",
        "action_two_stage_fallback",
        "action_unlikely_intent",
    }
)
"""Actions that the platform brings along; a custom action of the same name wins."""
