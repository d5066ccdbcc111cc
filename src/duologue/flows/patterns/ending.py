"""What happens between flows: going back to an interrupted one, and coming to a close."""

from duologue.core.slots import SlotType
from duologue.flows.patterns.pattern import builtin_slot, choose, define_pattern, say
from duologue.flows.steps import ActionStep, CollectStep, LinkStep, NoopStep

CONTINUE_INTERRUPTED = define_pattern(
    "pattern_continue_interrupted",
    "A flow that was interrupted could go on now",
    NoopStep(
        id="start",
        next=choose(("context.multiple_flows_interrupted", "ask_which"), otherwise="ask_whether"),
    ),
    CollectStep(
        id="ask_whether",
        slot="continue_interrupted_flow_confirmation",
        description="Whether the user wants to go on with the interrupted flow; yes or no",
        ask_before_filling=True,
        next=choose(("slots.continue_interrupted_flow_confirmation", "go_on"), otherwise="drop"),
    ),
    CollectStep(
        id="ask_which",
        slot="interrupted_flow_to_continue",
        description="The name of the interrupted flow to go on with, or “none”",
        ask_before_filling=True,
        next=choose(("slots.interrupted_flow_to_continue is not 'none'", "go_on"), otherwise="drop"),
    ),
    ActionStep(id="go_on", action="action_continue_interrupted_flow", next="END"),
    ActionStep(id="drop", action="action_cancel_interrupted_flows"),
    # Nothing is left to go back to; without a word the user would wait for one.
    ActionStep(id="anything_else", action="utter_can_do_something_else", next="END"),
    responses={
        "utter_ask_continue_interrupted_flow_confirmation": say(
            "Would you like to go back to “{{ context.interrupted_flow_options }}”?",
            jinja=True,
            buttons=(
                ("Yes", "/SetSlots(continue_interrupted_flow_confirmation=true)"),
                ("No", "/SetSlots(continue_interrupted_flow_confirmation=false)"),
            ),
        ),
        "utter_ask_interrupted_flow_to_continue": say(
            "You left these unfinished: {{ context.interrupted_flow_options }}."
            " Which one would you like to go on with? Say “none” to drop them.",
            jinja=True,
        ),
        "utter_flow_continue_interrupted": say(
            "Let us go back to “{{ context.interrupted_flow_options }}”.", jinja=True
        ),
    },
    slots=(
        builtin_slot("continue_interrupted_flow_confirmation", SlotType.BOOL),
        builtin_slot("interrupted_flow_to_continue", SlotType.TEXT),
    ),
)

COMPLETED = define_pattern(
    "pattern_completed",
    "Everything the user asked for is done",
    CollectStep(
        id="ask",
        slot="continue_conversation",
        description="Whether the user needs anything else; yes or no",
        ask_before_filling=True,
        next=choose(("slots.continue_conversation", "go_on"), otherwise="close"),
    ),
    ActionStep(id="go_on", action="utter_can_do_something_else", next="END"),
    ActionStep(id="close", action="utter_closing_words"),
    LinkStep(id="rate", flow_id="pattern_customer_satisfaction"),
    responses={
        "utter_ask_continue_conversation": say("Is there anything else I can do for you?"),
        "utter_can_do_something_else": say("What else can I help you with?"),
        "utter_closing_words": say("Thank you for talking with me."),
    },
    slots=(builtin_slot("continue_conversation", SlotType.BOOL),),
)

CUSTOMER_SATISFACTION = define_pattern(
    "pattern_customer_satisfaction",
    "Ask how satisfied the user was",
    CollectStep(
        id="ask",
        slot="csat_score",
        description="Whether the user was satisfied or unsatisfied with the conversation",
        ask_before_filling=True,
        next=choose(("slots.csat_score is 'satisfied'", "thank_satisfied"), otherwise="thank_unsatisfied"),
    ),
    ActionStep(id="thank_satisfied", action="utter_csat_satisfied", next="END"),
    ActionStep(id="thank_unsatisfied", action="utter_csat_unsatisfied", next="END"),
    run_pattern_completed=False,
    persisted_slots=("csat_score",),
    responses={
        "utter_ask_csat_score": say(
            "Before you go: were you satisfied with this conversation?",
            buttons=(
                ("Satisfied", "/SetSlots(csat_score=satisfied)"),
                ("Not satisfied", "/SetSlots(csat_score=unsatisfied)"),
            ),
        ),
        "utter_csat_satisfied": say("I am glad to hear that. Goodbye!"),
        "utter_csat_unsatisfied": say("Thank you for telling me; we will try to do better. Goodbye."),
    },
    slots=(builtin_slot("csat_score", SlotType.CATEGORICAL, values=("satisfied", "unsatisfied")),),
)
