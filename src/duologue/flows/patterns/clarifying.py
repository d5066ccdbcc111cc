"""Finding out what the user wants, and owning up when it cannot be done."""

from duologue.core.slots import SlotType
from duologue.flows.patterns.pattern import CONTROLLED, builtin_slot, choose, define_pattern, say
from duologue.flows.steps import ActionStep, NoopStep

CLARIFICATION = define_pattern(
    "pattern_clarification",
    "The message could mean more than one flow",
    ActionStep(
        id="clarify",
        action="action_clarify_flows",
        next=choose(("context.names", "ask_options"), otherwise="ask_freely"),
    ),
    ActionStep(id="ask_options", action="utter_clarification_options_rasa", next="END"),
    ActionStep(id="ask_freely", action="utter_clarification_no_options_rasa", next="END"),
    responses={
        "utter_clarification_options_rasa": say(
            "I can help with that in more than one way. Do you mean {{ context.clarification_options }}?",
            jinja=True,
        ),
        "utter_clarification_no_options_rasa": say(
            "I am not sure what you would like to do. Could you say it in other words?"
        ),
    },
    slots=(
        builtin_slot("max_clarification_options", SlotType.FLOAT, initial_value=3.0, mappings=CONTROLLED),
    ),
)

CANNOT_HANDLE = define_pattern(
    "pattern_cannot_handle",
    "The message leads nowhere",
    NoopStep(
        id="start",
        next=choose(
            ("'{{context.reason}}' = 'cannot_handle_chitchat'", "cannot_help"),
            ("'{{context.reason}}' = 'cannot_handle_not_supported'", "cannot_help"),
            ("'{{context.reason}}' = 'cannot_handle_no_relevant_answer'", "no_answer"),
            otherwise="rephrase",
        ),
    ),
    ActionStep(id="cannot_help", action="utter_cannot_handle", next="END"),
    ActionStep(id="no_answer", action="utter_no_relevant_answer_found", next="END"),
    ActionStep(id="rephrase", action="utter_ask_rephrase", next="END"),
    responses={
        "utter_cannot_handle": say("I am sorry, that is something I cannot help with."),
        "utter_ask_rephrase": say("I did not understand that. Could you say it in other words?"),
        "utter_no_relevant_answer_found": say("I am sorry, I found no answer to that."),
    },
)

CHITCHAT = define_pattern(
    "pattern_chitchat",
    "Small talk beside the matter in hand",
    ActionStep(id="reply", action="utter_cannot_handle"),
    responses={
        "utter_free_chitchat_response": say("That is nice to hear. Tell me if there is something I can do.")
    },
)

SEARCH = define_pattern(
    "pattern_search",
    "A question that documents might answer",
    ActionStep(id="reply", action="utter_no_knowledge_base"),
    responses={
        "utter_no_knowledge_base": say("I am sorry, I have no documents to look that up in.", rephrase=False)
    },
)

HUMAN_HANDOFF = define_pattern(
    "pattern_human_handoff",
    "The user wants to talk to a person",
    ActionStep(id="mark", action="action_handoff_metric"),
    ActionStep(id="tell", action="utter_human_handoff_not_available"),
    responses={
        "utter_human_handoff_not_available": say(
            "I understand that you would like to talk to a person. I cannot connect you to one from here."
        )
    },
)
