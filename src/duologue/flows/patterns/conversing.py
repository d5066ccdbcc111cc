"""The conversation itself: its start, a restart, silence, repetition, errors and changes of code."""

from duologue.core.slots import SlotType
from duologue.flows.patterns.pattern import CONTROLLED, builtin_slot, choose, define_pattern, say
from duologue.flows.steps import ActionStep, NoopStep, SetSlotsStep

SESSION_START = define_pattern(
    "pattern_session_start",
    "A session begins",
    ActionStep(id="start", action="action_session_start"),
)

RESTART = define_pattern(
    "pattern_restart",
    "The user wants to begin anew",
    ActionStep(id="restart", action="action_restart"),
)

REPEAT_BOT_MESSAGES = define_pattern(
    "pattern_repeat_bot_messages",
    "The user wants to hear the last messages again",
    ActionStep(id="repeat", action="action_repeat_bot_messages"),
)

USER_SILENCE = define_pattern(
    "pattern_user_silence",
    "The user has said nothing for a while",
    NoopStep(
        id="start",
        next=choose(
            ("slots.consecutive_silence_timeouts = 0.0", "first"),
            ("slots.consecutive_silence_timeouts = 1.0", "second"),
            ("slots.consecutive_silence_timeouts > 1.0", "last"),
            otherwise="first",
        ),
    ),
    SetSlotsStep(id="first", slots=(("consecutive_silence_timeouts", 1.0),)),
    ActionStep(id="repeat", action="action_repeat_bot_messages", next="END"),
    SetSlotsStep(id="second", slots=(("consecutive_silence_timeouts", 2.0),)),
    ActionStep(id="still_there", action="utter_ask_still_there", next="END"),
    ActionStep(id="last", action="utter_inform_hangup"),
    ActionStep(id="hang_up", action="action_hangup", next="END"),
    persisted_slots=("consecutive_silence_timeouts",),
    responses={
        "utter_ask_still_there": say("Are you still there?"),
        "utter_inform_hangup": say("I cannot hear you any more, so I will end the call. Goodbye."),
    },
    slots=(
        builtin_slot("silence_timeout", SlotType.FLOAT, initial_value=7.0, mappings=CONTROLLED),
        builtin_slot("consecutive_silence_timeouts", SlotType.FLOAT, initial_value=0.0, mappings=CONTROLLED),
    ),
)

INTERNAL_ERROR = define_pattern(
    "pattern_internal_error",
    "Something went wrong",
    NoopStep(
        id="start",
        next=choose(
            ("'{{context.error_type}}' = 'rasa_internal_error_user_input_too_long'", "too_long"),
            ("'{{context.error_type}}' = 'rasa_internal_error_user_input_empty'", "empty"),
            otherwise="other",
        ),
    ),
    ActionStep(id="too_long", action="utter_user_input_too_long_error_rasa", next="END"),
    ActionStep(id="empty", action="utter_user_input_empty_error_rasa", next="END"),
    ActionStep(id="other", action="utter_internal_error_rasa", next="END"),
    responses={
        "utter_user_input_too_long_error_rasa": say(
            "That message is too long for me. Please keep it under"
            " {{ context.info.max_characters | default('a few hundred', true) }} characters.",
            rephrase=False,
            jinja=True,
        ),
        "utter_user_input_empty_error_rasa": say(
            "I received an empty message. What can I do for you?", rephrase=False
        ),
        "utter_internal_error_rasa": say(
            "I am sorry, something went wrong on my side. Please try again later.", rephrase=False
        ),
    },
)

CODE_CHANGE = define_pattern(
    "pattern_code_change",
    "The assistant was changed in the middle of a conversation",
    ActionStep(id="tell", action="utter_inform_code_change"),
    ActionStep(id="clean", action="action_clean_stack"),
    responses={
        "utter_inform_code_change": say(
            "I was updated while we were talking, so we have to begin that again.", rephrase=False
        )
    },
)
