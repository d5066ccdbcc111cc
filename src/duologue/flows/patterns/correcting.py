"""Changing what was said before, and dropping what was begun."""

from duologue.core.slots import SlotType
from duologue.flows.patterns.pattern import CONTROLLED, builtin_slot, choose, define_pattern, say
from duologue.flows.steps import ActionStep

CORRECTION = define_pattern(
    "pattern_correction",
    "The user corrects something said earlier",
    ActionStep(
        id="correct",
        action="action_correct_flow_slot",
        next=choose(("not context.is_reset_only", "confirm"), otherwise="END"),
    ),
    ActionStep(id="confirm", action="utter_corrected_previous_input"),
    responses={
        "utter_corrected_previous_input": say(
            "All right, I changed {% for name in context.corrected_slots %}{{ name | replace('_', ' ') }}"
            " to {{ context.new_slot_values[loop.index0] }}{{ '.' if loop.last else ' and ' }}{% endfor %}",
            jinja=True,
        )
    },
    slots=(builtin_slot("confirm_correction", SlotType.BOOL, mappings=CONTROLLED),),
)

CANCEL_FLOW = define_pattern(
    "pattern_cancel_flow",
    "The user does not want to go on with the flow",
    ActionStep(id="cancel", action="action_cancel_flow"),
    ActionStep(id="tell", action="utter_flow_cancelled_rasa"),
    responses={
        "utter_flow_cancelled_rasa": say("All right, I dropped “{{ context.canceled_name }}”.", jinja=True)
    },
)
