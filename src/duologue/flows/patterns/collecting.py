"""Asking for a slot, and checking what was given."""

from duologue.flows.patterns.pattern import choose, define_pattern, say
from duologue.flows.steps import ActionStep

COLLECT_INFORMATION = define_pattern(
    "pattern_collect_information",
    "Ask for one slot until it holds an accepted value",
    ActionStep(id="start", action="action_run_slot_rejections"),
    ActionStep(
        id="validate",
        action="validate_{{context.collect}}",
        next=choose(("slots.{{context.collect}} is not null", "END"), otherwise="ask_collect"),
    ),
    ActionStep(id="ask_collect", action="{{context.utter}}"),
    ActionStep(id="ask_with_action", action="{{context.collect_action}}"),
    ActionStep(id="listen", action="action_listen", next="start"),
    responses={
        "utter_boolean_slot_rejection": say("Please answer that with yes or no.", jinja=False),
        "utter_float_slot_rejection": say("That is not a number I can read. Please give me a number."),
        "utter_categorical_slot_rejection": say("That is not one of the choices. Please pick one of them."),
    },
)

VALIDATE_SLOT = define_pattern(
    "pattern_validate_slot",
    "Check a slot that the domain validates, and ask again until it is accepted",
    ActionStep(
        id="start",
        action="action_run_slot_rejections",
        next=choose(("slots.{{context.validate}} is not null", "END"), otherwise="refill"),
    ),
    ActionStep(id="refill", action="{{context.refill_utter}}"),
    ActionStep(id="refill_with_action", action="{{context.refill_action}}"),
    ActionStep(id="listen", action="action_listen", next="start"),
)

SKIP_QUESTION = define_pattern(
    "pattern_skip_question",
    "The user does not want to answer the question",
    ActionStep(id="explain", action="utter_skip_question_answer"),
    responses={"utter_skip_question_answer": say("I need an answer to that before we can go on.")},
)
