"""A variation becomes a message: every part of it is a template."""

from duologue.core.domain import Domain, ResponseButton, Translation, Variation
from duologue.core.ids import ConversationId
from duologue.core.messages import BotMessage, Button
from duologue.core.stack import PatternFrame
from duologue.core.state import State
from duologue.core.values import OpenData, SlotValue
from duologue.responses.templates import TemplateResponseGenerator
from tests.flow_writing import number, slot

SLOTS = {"name": slot("name", initial_value="Jo"), "amount": number("amount"), "language": slot("language")}
JINJA = {"template": "jinja"}


async def make(
    variation: Variation,
    *,
    variables: OpenData | None = None,
    context: OpenData | None = None,
    **slots: SlotValue,
) -> BotMessage:
    generator = TemplateResponseGenerator(Domain(slots=SLOTS, responses={"utter_x": (variation,)}))
    stack = (PatternFrame(flow_id="pattern_odd", context=context),) if context else ()
    state = State(conversation_id=ConversationId("c"), channel="rest", slots=slots, stack=stack)
    message = await generator.generate("utter_x", state, variables or {})
    assert message is not None
    return message


async def test_initial_values_and_set_ones_are_filled_in() -> None:
    made = await make(Variation(text="{name} owes {amount}"), amount=3)
    assert made == BotMessage(text="Jo owes 3", response="utter_x")


async def test_variables_of_an_action_win_over_slots() -> None:
    assert (await make(Variation(text="{name}"), variables={"name": "Bo"})).text == "Bo"
    templated = Variation(text="{{ slots.name }} {{ context.why }}", metadata=JINJA)
    assert (await make(templated, variables={"name": "Bo", "why": "so"})).text == "Bo so"


async def test_what_a_pattern_is_about_can_be_named() -> None:
    context = {"canceled_name": "transfer"}
    assert (await make(Variation(text="{canceled_name}"), context=context)).text == "transfer"
    templated = Variation(text="{{ context.canceled_name | upper }}", metadata=JINJA)
    assert (await make(templated, context=context)).text == "TRANSFER"


async def test_a_slot_wins_over_the_context_in_a_plain_text() -> None:
    assert (await make(Variation(text="{name}"), context={"name": "pattern"})).text == "Jo"


async def test_every_part_is_filled_in() -> None:
    made = await make(
        Variation(
            text="{name}",
            image="https://x/{name}.png",
            attachment={"type": "file", "url": "{name}"},
            elements=({"title": "{name}"},),
            quick_replies=("{name}",),
            custom={"list": [{"who": "{name}"}, 3]},
            buttons=(ResponseButton(title="{name}!", payload="/pick{name}", extra={"tip": "{name}"}),),
            metadata={"rephrase": True},
        )
    )
    assert made == BotMessage(
        text="Jo",
        image="https://x/Jo.png",
        attachment={"type": "file", "url": "Jo"},
        elements=({"title": "Jo"},),
        quick_replies=("Jo",),
        custom={"list": [{"who": "Jo"}, 3]},
        buttons=(Button(title="Jo!", payload="/pickJo", extra={"tip": "Jo"}),),
        response="utter_x",
        metadata={"rephrase": True},
    )


async def test_every_part_is_filled_in_with_jinja_where_the_author_says_so() -> None:
    made = await make(
        Variation(
            text="{{ slots.name }}",
            custom={"a": ["{{ slots.name }}"]},
            buttons=(ResponseButton(title="{{ slots.name }}", payload="/x"),),
            metadata=JINJA,
        )
    )
    assert (made.text, made.custom, made.buttons[0].title) == ("Jo", {"a": ["Jo"]}, "Jo")


async def test_the_payload_of_a_button_keeps_its_braces() -> None:
    button = ResponseButton(title="Pick", payload='/pick{"who": "Jo"}')
    assert (await make(Variation(buttons=(button,)))).buttons[0].payload == '/pick{"who": "Jo"}'


async def test_a_translation_is_used_where_there_is_one() -> None:
    button = ResponseButton(
        title="Yes", payload="/yes", translation={"de": Translation(title="Ja {name}", payload="/ja")}
    )
    variation = Variation(text="Hello {name}", translation={"de": "Hallo {name}"}, buttons=(button,))
    german = await make(variation, language="de")
    assert (german.text, german.buttons) == ("Hallo Jo", (Button(title="Ja Jo", payload="/ja"),))
    french = await make(variation, language="fr")
    assert (french.text, french.buttons[0].title) == ("Hello Jo", "Yes")


async def test_a_response_that_does_not_exist_or_does_not_fit_is_none() -> None:
    generator = TemplateResponseGenerator(
        Domain(responses={"utter_x": (Variation(text="x", channel="voice"),)})
    )
    state = State(conversation_id=ConversationId("c"), channel="rest")
    assert generator.has_response("utter_x")
    assert not generator.has_response("utter_y")
    assert await generator.generate("utter_x", state, {}) is None
    assert await generator.generate("utter_y", state, {}) is None
