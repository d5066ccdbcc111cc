"""The rung that asks a model: commands with their evidence, or a failure that says what it cost."""

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest

from duologue.core.commands import CancelFlow, Command, KnowledgeAnswer, SetSlot, StartFlow
from duologue.core.errors import LanguageModelError, ModelFailure
from duologue.core.generator_options import GeneratorOptions
from duologue.core.ids import ConversationId
from duologue.core.messages import UserMessage
from duologue.core.understanding import Evidence, Understanding
from duologue.flows.flow import Flows
from duologue.flows.offers import Offers
from duologue.ports.language_model import (
    AnswerEnd,
    LanguageModel,
    ModelAnswer,
    ModelRequest,
    ModelUsage,
    TextPiece,
)
from duologue.testing.hostile_model import HostileLanguageModel, Vocabulary
from duologue.testing.scripted_model import ScriptedAnswer, ScriptedLanguageModel
from duologue.understanding.generators.model_rung import ModelRung
from duologue.understanding.ladder import Ladder
from duologue.understanding.rung_failure import RungFailedError
from tests.unit.understanding.generators.bank import FLOWS, WordRanker, domain, offers


def rung(
    model: LanguageModel,
    *,
    template: str | None = None,
    takes_schema: bool = False,
    time_limit: float = 5.0,
    **options: object,
) -> ModelRung:
    return ModelRung(
        model,
        GeneratorOptions(**options),  # type: ignore[arg-type]
        flows=Flows(FLOWS),
        domain=domain(),
        ranker=WordRanker(),
        template=template,
        takes_schema=takes_schema,
        time_limit=time_limit,
    )


def message(text: str) -> UserMessage:
    return UserMessage(conversation_id=ConversationId("c"), text=text)


async def understand(
    answer: ScriptedAnswer, at: Offers | None = None, text: str = "hello", **options: object
) -> Understanding:
    understanding = await rung(ScriptedLanguageModel(answer), **options).understand(  # type: ignore[arg-type]
        message(text), at or offers()
    )
    assert understanding is not None
    return understanding


async def fail(answer: ScriptedAnswer, **options: object) -> Evidence:
    with pytest.raises(RungFailedError) as failed:
        await understand(answer, **options)  # type: ignore[arg-type]
    return failed.value.evidence


async def test_a_model_starts_a_flow_and_fills_its_slots() -> None:
    usage = ModelUsage(input_tokens=420, cached_tokens=300, output_tokens=12)
    told = ModelAnswer(
        text="start flow transfer_money\nset slot payee Anna\nset slot amount 50", model="m-1", usage=usage
    )

    understanding = await understand(told)

    assert understanding.commands == (
        StartFlow(flow="transfer_money"),
        SetSlot(name="payee", value="Anna"),
        SetSlot(name="amount", value=50.0),
    )
    (evidence,) = understanding.evidence
    assert evidence.rung == "model"
    assert evidence.reason == "the model proposes start flow, set slot"
    assert evidence.dropped == 0
    (call,) = evidence.calls
    assert (call.model, call.input_tokens, call.cached_tokens, call.output_tokens) == ("m-1", 420, 300, 12)
    assert call.failure is None


async def test_what_is_not_on_offer_is_dropped_and_counted() -> None:
    understanding = await understand("start flow rob_bank\nstart flow check_balance\ncancel flow")

    assert understanding.commands == (StartFlow(flow="check_balance"),)
    assert understanding.evidence[0].dropped == 2


@pytest.mark.parametrize(
    ("answer", "failure", "dropped"),
    [
        ("", "empty", 0),
        ("I am only a language model.", "unreadable", 0),
        ("start flow rob_bank", "nothing on offer", 1),
        (LanguageModelError("too slow", reason=ModelFailure.TIMEOUT, model="m"), "timeout", 0),
        (LanguageModelError("no", reason=ModelFailure.RATE_LIMIT, model="m"), "rate limit", 0),
    ],
)
async def test_an_answer_that_cannot_be_used_is_a_failure_that_says_what_it_cost(
    answer: ScriptedAnswer, failure: str, dropped: int, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        evidence = await fail(answer)

    assert evidence.reason == f"the model failed: {failure}"
    assert evidence.dropped == dropped
    assert [call.failure for call in evidence.calls] == [failure]
    assert [record.message for record in caplog.records] == ["model.gave_up"]


async def test_half_a_line_of_an_answer_that_was_cut_off_is_not_read() -> None:
    cut_off = ModelAnswer(text="start flow transfer_money\nset slot amount 5", finish_reason="length")

    assert (await understand(cut_off)).commands == (StartFlow(flow="transfer_money"),)
    assert (await fail(ModelAnswer(text="start flow transfer", is_cut_off=True))).calls[
        0
    ].failure == "unreadable"


class Endless:
    """Speaks for ever, or not at all."""

    name = "endless"

    def __init__(self, piece: str) -> None:
        self.piece = piece
        self.is_closed = False

    async def stream(self, request: ModelRequest) -> AsyncIterator[TextPiece | AnswerEnd]:
        try:
            if not self.piece:
                await asyncio.Event().wait()
            while True:
                yield TextPiece(text=self.piece)
        finally:
            self.is_closed = True

    async def check(self) -> None:
        pass

    async def close(self) -> None:
        pass


async def test_an_endless_answer_is_read_no_further_than_commands_are_long() -> None:
    model = Endless("start flow check_balance\n")

    understanding = await rung(model).understand(message("x"), offers())

    assert understanding is not None
    assert set(map(type, understanding.commands)) == {StartFlow}
    assert model.is_closed


async def test_a_model_that_says_nothing_is_not_waited_for() -> None:
    model = Endless("")

    with pytest.raises(RungFailedError) as failed:
        await rung(model, time_limit=0.01).understand(message("x"), offers())

    assert failed.value.evidence.calls[0].failure == "timeout"
    assert model.is_closed


async def test_a_turn_that_is_given_up_is_not_taken_for_a_failure() -> None:
    turn = asyncio.create_task(rung(Endless("")).understand(message("x"), offers()))
    await asyncio.sleep(0)
    turn.cancel()

    with pytest.raises(asyncio.CancelledError):
        await turn


async def test_a_model_is_held_to_a_schema_where_it_takes_one() -> None:
    async def schema(**options: object) -> object:
        model = ScriptedLanguageModel('{"do": [{"act": "provide info"}]}')
        understanding = await rung(model, **options).understand(message("x"), offers())  # type: ignore[arg-type]
        assert understanding is not None
        assert understanding.commands == (KnowledgeAnswer(),)
        has_schema = model.requests[0].schema is not None
        assert ("JSON" in model.requests[0].prefix) == (has_schema and "template" not in options)
        return has_schema

    assert await schema() is False
    assert await schema(takes_schema=True) is True
    assert await schema(takes_schema=True, template="Say {{ user_message }}") is False
    assert await schema(takes_schema=True, constrained_output="off") is False
    assert await schema(constrained_output="on") is True


async def test_a_template_of_the_project_is_sent_whole() -> None:
    model = ScriptedLanguageModel("StartFlow(check_balance)")

    await rung(model, template="What is meant by {{ user_message }}?").understand(message("hi"), offers())

    assert (model.requests[0].prefix, model.requests[0].prompt) == ("", "What is meant by hi?")


async def test_a_template_that_cannot_be_rendered_costs_no_call() -> None:
    model = ScriptedLanguageModel()

    with pytest.raises(RungFailedError) as failed:
        await rung(model, template="{{ 1 / 0 }}").understand(message("hi"), offers())

    assert "cannot be rendered" in failed.value.evidence.reason
    assert model.requests == []


async def test_the_tokens_of_the_prompt_are_told_if_the_author_wants_so() -> None:
    told = ModelAnswer(text="provide info", usage=ModelUsage(input_tokens=420))

    assert "len_prompt_tokens" not in (await understand(told)).evidence[0].details
    traced = await understand(told, trace_prompt_tokens=True)
    assert traced.evidence[0].details["len_prompt_tokens"] == 420


async def test_each_state_changes_only_what_follows_the_prefix() -> None:
    model = ScriptedLanguageModel("cannot handle", "cancel flow")
    asking = rung(model)
    asking.warm_up()
    await asking.prepare()

    await asking.understand(message("hm"), offers())
    await asking.understand(message("stop"), offers(active="transfer_money", asked="payee"))

    first, second = model.requests
    assert first.prefix == second.prefix
    assert first.timeout is None


class Below:
    name = "below"

    async def understand(self, message: UserMessage, offers: Offers) -> Understanding | None:
        return Understanding(commands=(CancelFlow(),), evidence=(Evidence(rung="below"),))

    def warm_up(self) -> None:
        pass


async def test_the_rung_below_answers_when_the_model_fails_and_the_call_stays_on_the_turn() -> None:
    away = LanguageModelError("away", reason=ModelFailure.UNAVAILABLE, model="m")

    understanding = await Ladder([rung(ScriptedLanguageModel(away)), Below()]).understand(
        message("stop"), offers()
    )

    assert understanding.commands == (CancelFlow(),)
    assert [evidence.rung for evidence in understanding.evidence] == ["below", "model"]
    assert understanding.evidence[1].calls[0].failure == "unavailable"


def is_harmless(command: Command) -> bool:
    return not isinstance(command, StartFlow) or command.flow in ("transfer_money", "check_balance")


@pytest.mark.parametrize("seed", range(40))
async def test_no_hostile_answer_gets_past_the_offers(seed: int) -> None:
    words = Vocabulary(flows=("transfer_money", "confirm", "rob_bank"), slots=("amount", "payee", "risk"))
    asking = rung(HostileLanguageModel(words, seed=seed, is_patient=False), time_limit=1.0)
    at = offers(active="transfer_money", asked="payee")

    for _ in range(5):
        try:
            understanding = await asking.understand(message("x"), at)
        except RungFailedError:
            continue
        assert understanding is not None
        assert all(map(is_harmless, understanding.commands))
        assert not [c for c in understanding.commands if isinstance(c, SetSlot) and c.name == "risk"]
