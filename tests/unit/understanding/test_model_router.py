"""A model's letter says where a message goes; whatever else it answers says nothing."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from duologue.core.errors import LanguageModelError, ModelFailure
from duologue.core.router_options import CalmEntryTexts, ModelRouterOptions, NluEntryTexts
from duologue.ports.language_model import AnswerEnd, ModelRequest, TextPiece
from duologue.testing.scripted_model import ScriptedAnswer, ScriptedLanguageModel
from duologue.understanding.model_router import LLMBasedRouter, parse_letter
from duologue.understanding.routing import Decision, Route
from tests.unit.understanding.trained_bank import idle, said

OPTIONS = ModelRouterOptions(
    calm_entry=CalmEntryTexts(sticky="pays bills and books flights"),
    nlu_entry=NluEntryTexts(sticky="handles lost luggage"),
)


async def decide(answer: ScriptedAnswer, *, template: str | None = None) -> tuple[Decision, ModelRequest]:
    model = ScriptedLanguageModel(answer)
    decision = await LLMBasedRouter(model, OPTIONS, template=template).route(
        said('I lost "it"\nyesterday'), idle()
    )
    model.assert_complete()
    return decision, model.requests[0]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("A", Route.FLOWS),
        ("b", Route.CLASSIC_ONCE),
        (" C.\n", Route.CLASSIC),
        ("**B**", Route.CLASSIC_ONCE),
        ("<think>A or B? A.</think>\nC", Route.CLASSIC),
    ],
)
async def test_a_letter_is_a_route(answer: str, expected: Route) -> None:
    decision, _ = await decide(answer)

    assert decision.route is expected
    assert decision.calls[0].output_tokens > 0
    assert decision.calls[0].failure is None


@pytest.mark.parametrize(
    "answer", ["", "D", "AB", "A or B", "start flow pay", "Answer: the flows", "A" * 100_000]
)
async def test_anything_else_decides_nothing_and_its_cost_is_kept(answer: str) -> None:
    decision, _ = await decide(answer)

    assert decision.route is Route.UNKNOWN
    assert decision.calls[0].failure == "unreadable"


async def test_a_model_that_is_away_decides_nothing() -> None:
    error = LanguageModelError("too many", reason=ModelFailure.RATE_LIMIT, model="m")

    decision, _ = await decide(error)

    assert decision.route is Route.UNKNOWN
    assert decision.reason == "the model failed: rate limit"


async def test_a_model_that_does_not_come_to_an_end_is_not_waited_for() -> None:
    class Stalled(ScriptedLanguageModel):
        async def stream(self, request: ModelRequest) -> AsyncIterator[TextPiece | AnswerEnd]:
            yield TextPiece(text="A")
            await asyncio.Event().wait()

    router = LLMBasedRouter(Stalled(), OPTIONS, time_limit=0.01)

    decision = await router.route(said("words"), idle())

    assert decision.route is Route.UNKNOWN
    assert decision.calls[0].failure == "timeout"


async def test_without_a_model_nothing_is_decided() -> None:
    decision = await LLMBasedRouter(None, OPTIONS).route(said("words"), idle())

    assert (decision.route, decision.calls) == (Route.UNKNOWN, ())


async def test_what_never_changes_comes_first_and_the_message_last_in_quotes() -> None:
    _, request = await decide("A")

    assert "A: pays bills and books flights\nB: handles small talk\nC: handles lost luggage" in request.prefix
    assert request.prompt == 'Message: "I lost \\"it\\"\\\\nyesterday"\nDesk:'


async def test_a_prompt_of_the_project_has_the_documented_variables() -> None:
    template = "{{ calm_entry_sticky }}|{{ nlu_entry_sticky }}|{{ nlu_entry_non_sticky }}|{{ user_message }}"

    _, request = await decide("A", template=template)

    assert request.prefix == ""
    assert request.prompt == (
        'pays bills and books flights|handles lost luggage|handles small talk|I lost "it"\\nyesterday'
    )


async def test_a_prompt_that_cannot_be_rendered_decides_nothing() -> None:
    model = ScriptedLanguageModel()

    decision = await LLMBasedRouter(model, OPTIONS, template="{{ 1 / 0 }}").route(said("words"), idle())

    assert decision.route is Route.UNKNOWN
    assert "cannot be rendered" in decision.reason
    model.assert_complete()


def test_a_letter_inside_words_is_none() -> None:
    assert parse_letter("Banana") is None
