"""Forms of classic assistants, from the first question to the last."""

from duologue.core.domain import Form
from duologue.core.events import (
    ActionExecuted,
    ActionRejected,
    Event,
    LoopActivated,
    SlotWasSet,
)
from duologue.core.slots import MappingType, SlotMapping, SlotType
from duologue.core.tracker import fold
from duologue.core.understanding import Entity
from duologue.core.values import OpenData
from duologue.ports.action_runner import ActionCall, ActionResult
from duologue.testing.scripted import ScriptedActions
from tests.classic_talk import (
    ClassicTalk,
    classic_domain,
    filled,
    from_entity,
    from_intent,
    from_text,
    in_form,
)

TRIP = "trip_form"
NAME = filled("name", from_text(conditions=in_form(TRIP, "name")))
CITY = filled("city", from_entity("city"))
FORM = Form(name=TRIP, required_slots=("city", "name"))
ROME = Entity(entity="city", value="Rome")


def say(text: str, *events: Event) -> ActionResult:
    reply: OpenData = {"text": text}
    return ActionResult(events=events, responses=(reply,))


async def test_a_form_asks_for_one_slot_after_the_other_and_ends() -> None:
    talk = ClassicTalk(classic_domain(CITY, NAME, forms=[FORM]))
    assert await talk.says("book a trip", "greet", TRIP) == ["ask city"]
    assert (talk.state.active_loop, talk.slot("requested_slot")) == (TRIP, "city")
    assert await talk.says("to Rome", "inform", TRIP, entities=[ROME]) == ["ask name"]
    assert await talk.says("Bob", "inform", TRIP) == []
    assert (talk.slot("city"), talk.slot("name")) == ("Rome", "Bob")
    assert (talk.state.active_loop, talk.slot("requested_slot")) == (None, None)


async def test_the_events_of_a_round_stand_in_the_order_in_which_rasa_records_them() -> None:
    talk = ClassicTalk(classic_domain(CITY, NAME, forms=[FORM]))
    await talk.says("book a trip to Rome", "greet", TRIP, entities=[ROME])
    kinds = [type(event).__name__ for event in talk.new_events]
    assert kinds == [
        "UserSpoke",
        "SlotWasSet",  # the city, before any action
        "ActionExecuted",
        "LoopActivated",
        "SlotWasSet",  # the city again: the mappings of the form apply now
        "SlotWasSet",  # requested_slot
        "BotSpoke",
        "ActionExecuted",
    ]


async def test_a_form_whose_slots_are_known_ends_where_it_begins() -> None:
    talk = ClassicTalk(classic_domain(CITY, forms=[Form(name=TRIP, required_slots=("city",))]))
    assert await talk.says("to Rome", "inform", TRIP, entities=[ROME]) == []
    assert talk.state.active_loop is None


async def test_a_message_that_fills_nothing_makes_the_form_decline_and_come_back_after_the_answer() -> None:
    domain = classic_domain(CITY, NAME, forms=[FORM], responses={"utter_hours": "we are open"})
    talk = ClassicTalk(domain)
    await talk.says("book a trip", "greet", TRIP)
    said = await talk.says("are you open?", "hours", TRIP, "utter_hours", TRIP)
    assert said == ["we are open", "ask city"]
    assert talk.rejected == [TRIP]
    assert [event.name for event in talk.new_events if isinstance(event, ActionRejected)] == [TRIP]


async def test_a_question_with_the_forms_name_wins_over_the_slots_own() -> None:
    responses = {f"utter_ask_{TRIP}_city": "where to?"}
    talk = ClassicTalk(classic_domain(CITY, NAME, forms=[FORM], responses=responses))
    assert await talk.says("book a trip", "greet", TRIP) == ["where to?"]


async def test_an_action_may_ask_for_a_slot() -> None:
    actions = ScriptedActions({"action_ask_city": say("which of the two?")})
    talk = ClassicTalk(classic_domain(CITY, NAME, forms=[FORM], actions=["action_ask_city"]), actions)
    assert await talk.says("book a trip", "greet", TRIP) == ["which of the two?"]


async def test_validation_may_refuse_a_value_and_the_form_asks_again() -> None:
    def validate(call: ActionCall) -> ActionResult:
        if call.state.slots.get("city") == "Rome":
            return say("not Rome", SlotWasSet(name="city", value=None))
        return ActionResult()

    actions = ScriptedActions({f"validate_{TRIP}": validate})
    talk = ClassicTalk(classic_domain(CITY, NAME, forms=[FORM], actions=[f"validate_{TRIP}"]), actions)
    await talk.says("book a trip", "greet", TRIP)
    assert await talk.says("to Rome", "inform", TRIP, entities=[ROME]) == ["not Rome", "ask city"]
    assert talk.slot("city") is None


async def test_validation_sees_the_candidates_behind_the_forms_own_action() -> None:
    seen: list[Event] = []

    class Watching(ScriptedActions):
        async def run(self, call: ActionCall) -> ActionResult:
            seen[:] = await call.load_events()
            return await super().run(call)

    actions = Watching({f"validate_{TRIP}": []})
    talk = ClassicTalk(classic_domain(CITY, NAME, forms=[FORM], actions=[f"validate_{TRIP}"]), actions)
    await talk.says("book a trip", "greet", TRIP)
    await talk.says("to Rome", "inform", TRIP, entities=[ROME])
    place = max(i for i, event in enumerate(seen) if isinstance(event, ActionExecuted))
    assert [event.name for event in seen[place + 1 :] if isinstance(event, SlotWasSet)] == ["city"]


async def test_validation_may_ask_for_a_slot_that_the_domain_does_not_require() -> None:
    extra = filled("food", from_text(conditions=in_form(TRIP)))
    wanted = SlotWasSet(name="requested_slot", value="food")
    actions = ScriptedActions({f"validate_{TRIP}": [wanted]})
    domain = classic_domain(CITY, NAME, extra, forms=[FORM], actions=[f"validate_{TRIP}"])
    talk = ClassicTalk(domain, actions)
    assert await talk.says("book a trip", "greet", TRIP) == ["ask food"]
    actions.outcomes[f"validate_{TRIP}"] = [SlotWasSet(name="requested_slot", value=None)]
    assert await talk.says("pizza", "inform", TRIP) == []
    assert (talk.slot("food"), talk.state.active_loop) == ("pizza", None)


async def test_validation_that_refuses_the_round_leaves_the_answer_to_others() -> None:
    actions = ScriptedActions({f"validate_{TRIP}": []})
    domain = classic_domain(
        CITY, NAME, forms=[FORM], actions=[f"validate_{TRIP}"], responses={"utter_wait": "one moment"}
    )
    talk = ClassicTalk(domain, actions)
    await talk.says("book a trip", "greet", TRIP)
    actions.outcomes[f"validate_{TRIP}"] = [ActionRejected(name=TRIP)]
    assert await talk.says("hm", "inform", TRIP, "utter_wait") == ["one moment"]
    assert talk.state.active_loop == TRIP
    actions.outcomes[f"validate_{TRIP}"] = []
    assert await talk.says("Rome", "inform", TRIP, entities=[ROME]) == ["ask name"]


async def test_an_ignored_intent_fills_nothing_and_makes_the_form_decline() -> None:
    form = Form(name=TRIP, required_slots=("name",), ignored_intents=("chitchat",))
    talk = ClassicTalk(classic_domain(NAME, forms=[form], intents=["greet", "chitchat"]))
    await talk.says("book a trip", "greet", TRIP)
    await talk.says("nice weather", "chitchat", TRIP)
    assert (talk.rejected, talk.slot("name")) == ([TRIP], None)


async def test_an_entity_that_two_slots_of_a_form_want_fills_only_the_one_that_was_asked_for() -> None:
    there, back = filled("there", from_entity("city")), filled("back", from_entity("city"))
    form = Form(name=TRIP, required_slots=("there", "back"))
    talk = ClassicTalk(classic_domain(there, back, forms=[form]))
    await talk.says("book a trip", "greet", TRIP)
    assert await talk.says("Rome", "inform", TRIP, entities=[ROME]) == ["ask back"]
    assert (talk.slot("there"), talk.slot("back")) == ("Rome", None)


async def test_an_entity_with_a_role_fills_its_own_slot_whatever_was_asked_for() -> None:
    there = filled("there", from_entity("city", role="to"))
    back = filled("back", from_entity("city", role="from"))
    form = Form(name=TRIP, required_slots=("there", "back"))
    talk = ClassicTalk(classic_domain(there, back, forms=[form]))
    await talk.says("book a trip", "greet", TRIP)
    home = Entity(entity="city", value="Bonn", role="from")
    assert await talk.says("from Bonn", "inform", TRIP, entities=[home]) == ["ask there"]
    assert talk.slot("back") == "Bonn"


async def test_a_trigger_intent_fills_its_slot_as_the_form_begins() -> None:
    mapping = SlotMapping(
        type=MappingType.FROM_TRIGGER_INTENT, value="holiday", intents=("greet",), conditions=in_form(TRIP)
    )
    purpose = filled("purpose", mapping)
    talk = ClassicTalk(
        classic_domain(purpose, CITY, forms=[Form(name=TRIP, required_slots=("purpose", "city"))])
    )
    assert await talk.says("book a holiday", "greet", TRIP) == ["ask city"]
    assert talk.slot("purpose") == "holiday"


async def test_a_form_that_takes_over_asks_its_own_question() -> None:
    other = Form(name="other_form", required_slots=("name",))
    talk = ClassicTalk(classic_domain(CITY, NAME, forms=[FORM, other]))
    await talk.says("book a trip", "greet", TRIP)
    assert await talk.says("no, register me", "deny", TRIP, "other_form") == ["ask name"]
    assert talk.state.active_loop == "other_form"


async def test_deactivating_a_form_keeps_what_it_has_filled() -> None:
    talk = ClassicTalk(classic_domain(CITY, NAME, forms=[FORM]))
    await talk.says("to Rome", "greet", TRIP, entities=[ROME])
    await talk.says("stop", "deny", "action_deactivate_loop")
    assert (talk.state.active_loop, talk.slot("requested_slot"), talk.slot("city")) == (None, None, "Rome")


async def test_a_project_may_write_the_form_itself() -> None:
    actions = ScriptedActions({TRIP: say("I do it my way")})
    talk = ClassicTalk(classic_domain(CITY, NAME, forms=[FORM], actions=[TRIP]), actions)
    assert await talk.says("book a trip", "greet", TRIP) == ["I do it my way"]
    assert talk.state.active_loop is None


async def test_an_intent_may_answer_a_yes_or_no_question() -> None:
    smoker = filled(
        "smoker",
        from_intent(True, intents=("affirm",)),
        from_intent(False, intents=("deny",)),
        type=SlotType.BOOL,
    )
    form = Form(name=TRIP, required_slots=("smoker",))
    talk = ClassicTalk(classic_domain(smoker, forms=[form], intents=["greet", "affirm", "deny"]))
    await talk.says("book a trip", "greet", TRIP)
    await talk.says("no", "deny", TRIP)
    assert (talk.slot("smoker"), talk.state.active_loop) == (False, None)


async def test_a_form_that_the_assistant_no_longer_has_ends() -> None:
    talk = ClassicTalk(classic_domain(responses={"utter_hello": "hello"}))
    await talk.says("hi", "greet")
    talk.state = fold(
        talk.state,
        [LoopActivated(name="old_form"), SlotWasSet(name="requested_slot", value="city")],
    )
    assert await talk.says("hi", "greet", "utter_hello") == ["hello"]
    assert (talk.state.active_loop, talk.slot("requested_slot")) == (None, None)
