"""What is said: the variation that fits, in the user's language, with the values filled in."""

from duologue.core.commands import SetSlot, StartFlow
from duologue.core.domain import ResponseButton, Translation, Variation
from duologue.testing.conversation import Conversation
from tests.flow_writing import act, ask, flow, number, slot, when

HELLO = flow("hello", act("utter_hello"), run_pattern_completed=False)
JINJA = {"template": "jinja"}


async def test_the_variation_of_the_channel_wins() -> None:
    responses = {"utter_hello": [Variation(text="plain"), Variation(text="loud", channel="voice")]}
    async with Conversation.with_flows(HELLO, responses=responses) as talk:
        await talk.says("hi", StartFlow(flow="hello"))
        assert talk.texts == ["plain"]
        talk.script.expect(StartFlow(flow="hello"))
        await talk.sends("hi", channel="voice")
        assert talk.texts == ["loud"]


async def test_a_variation_whose_condition_is_true_wins_over_one_without() -> None:
    responses = {
        "utter_hello": [Variation(text="hello"), Variation(text="hello again", condition="slots.visits > 1")]
    }
    asking = flow("f", ask("visits"), act("utter_hello"), run_pattern_completed=False)
    async with Conversation.with_flows(asking, slots=[number("visits")], responses=responses) as talk:
        await talk.says("hi", StartFlow(flow="f"), SetSlot(name="visits", value=1))
        assert talk.texts == ["hello"]
        await talk.says("hi", StartFlow(flow="f"), SetSlot(name="visits", value=2))
        assert talk.texts == ["hello again"]


async def test_where_nothing_fits_the_assistant_says_that_something_is_wrong_and_goes_on() -> None:
    responses = {"utter_hello": [Variation(text="voice only", channel="voice")]}
    greeting = flow("f", act("utter_hello"), act("utter_done"), run_pattern_completed=False)
    async with Conversation.with_flows(greeting, responses=responses) as talk:
        replies = await talk.says("hi", StartFlow(flow="f"))
        assert replies == ["utter_internal_error_rasa", "utter_done"]


async def test_an_emptied_response_is_not_said() -> None:
    responses = {"utter_hello": [Variation(text="")]}
    greeting = flow("f", act("utter_hello"), act("utter_done"), run_pattern_completed=False)
    async with Conversation.with_flows(greeting, responses=responses) as talk:
        assert await talk.says("hi", StartFlow(flow="f")) == ["utter_done"]


async def test_the_users_language_is_used_where_it_is_translated() -> None:
    button = ResponseButton(title="Yes", payload="/yes", translation={"de": Translation(title="Ja")})
    responses = {"utter_hello": [Variation(text="Hello", translation={"de": "Hallo"}, buttons=(button,))]}
    language = slot("language", initial_value="de")
    async with Conversation.with_flows(HELLO, slots=[language], responses=responses) as talk:
        await talk.says("hi", StartFlow(flow="hello"))
        assert talk.texts == ["Hallo"]
        assert [(b.title, b.payload) for b in talk.replies[0].buttons] == [("Ja", "/yes")]


async def test_flows_are_called_by_their_name_in_the_users_language() -> None:
    asking = flow("transfer", ask("name"), translations={"de": "Überweisung"})
    other = flow("other", act("utter_other"))
    async with Conversation.with_flows(asking, other, slots=[slot("language", initial_value="de")]) as talk:
        await talk.says("go", StartFlow(flow="transfer"))
        await talk.says("other", StartFlow(flow="other"))
        assert talk.texts[1] == "Would you like to go back to “Überweisung”?"


async def test_values_are_filled_into_plain_and_jinja_texts() -> None:
    responses = {
        "utter_plain": [Variation(text="{name} has {amount}")],
        "utter_jinja": [
            Variation(text="{{ slots.name | upper }} has {{ slots.amount | int }}", metadata=JINJA)
        ],
    }
    telling = flow("f", ask("name"), ask("amount"), act("utter_plain"), act("utter_jinja"))
    async with Conversation.with_flows(telling, slots=[number("amount")], responses=responses) as talk:
        await talk.says(
            "go", StartFlow(flow="f"), SetSlot(name="name", value="Jo"), SetSlot(name="amount", value=3)
        )
        assert talk.texts[:2] == ["Jo has 3.0", "JO has 3"]


async def test_a_users_braces_are_not_read_as_a_template() -> None:
    responses = {"utter_jinja": [Variation(text="{{ slots.name }}", metadata=JINJA)]}
    telling = flow("f", ask("name"), act("utter_jinja"), act("utter_plain"))
    responses["utter_plain"] = [Variation(text="{name}")]
    async with Conversation.with_flows(telling, responses=responses) as talk:
        await talk.says("go", StartFlow(flow="f"), SetSlot(name="name", value="{{ 7 * 7 }} {amount}"))
        assert talk.texts[:2] == ["{{ 7 * 7 }} {amount}", "{{ 7 * 7 }} {amount}"]


async def test_an_action_name_may_be_a_template() -> None:
    telling = flow(
        "f", ask("kind"), act("utter_{{slots.kind}}"), act("utter_done"), run_pattern_completed=False
    )
    responses = {"utter_gift": [Variation(text="gift")]}
    async with Conversation.with_flows(telling, responses=responses) as talk:
        replies = await talk.says("go", StartFlow(flow="f"), SetSlot(name="kind", value="gift"))
        assert replies == ["utter_gift", "utter_done"]
        replies = await talk.says("go", StartFlow(flow="f"), SetSlot(name="kind", value="loan"))
        assert replies == ["utter_done"]


async def test_a_condition_may_be_a_template() -> None:
    branching = flow(
        "f",
        ask("which"),
        ask("a", then=when(("slots.{{slots.which}} = 'x'", "yes"), otherwise="END")),
        act("utter_yes", "yes"),
        run_pattern_completed=False,
    )
    async with Conversation.with_flows(branching) as talk:
        replies = await talk.says(
            "go", StartFlow(flow="f"), SetSlot(name="which", value="a"), SetSlot(name="a", value="x")
        )
        assert replies == ["utter_yes"]
