"""A group of models answers in time, leaves sick models alone, and comes back to them by itself."""

import asyncio
import random
from collections.abc import AsyncIterator

import pytest

from duologue.adapters.embedder.router import RoutedEmbedder
from duologue.adapters.language_model.router import RoutedLanguageModel
from duologue.adapters.language_model.routing.replicas import (
    Member,
    ModelTerms,
    Replicas,
    RoutingRules,
    RoutingStrategy,
)
from duologue.core.errors import LanguageModelError, ModelFailure
from duologue.ports.embedder import Embedder
from duologue.ports.language_model import AnswerEnd, LanguageModel, ModelRequest, TextPiece, read_answer
from tests.unit.adapters.language_model.played_models import REQUEST, Cut, PlayedModel, TurnedClock, fail

LASTING = (ModelFailure.AUTHENTICATION, ModelFailure.UNKNOWN_MODEL, ModelFailure.BAD_REQUEST)


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


def route(
    *models: LanguageModel,
    clock: TurnedClock,
    terms: tuple[ModelTerms, ...] = (),
    strategy: RoutingStrategy = "simple-shuffle",
    cooldown_time: float = 10.0,
    allowed_fails: int = 1,
    num_retries: int = 2,
    timeout: float | None = None,
) -> RoutedLanguageModel:
    all_terms = terms or (ModelTerms(),) * len(models)
    replicas = Replicas[LanguageModel](
        [
            Member(key=model.name, model=model, terms=its)
            for model, its in zip(models, all_terms, strict=True)
        ],
        RoutingRules(
            strategy=strategy,
            cooldown_time=cooldown_time,
            allowed_fails=allowed_fails,
            num_retries=num_retries,
        ),
        clock=clock,
        chance=random.Random(7),
    )
    return RoutedLanguageModel("group", replicas, timeout=timeout, sleep=clock.sleep)


async def ask(model: LanguageModel, request: ModelRequest = REQUEST) -> str:
    return (await read_answer(model, request)).text


async def ask_in_vain(model: LanguageModel, request: ModelRequest = REQUEST) -> LanguageModelError:
    with pytest.raises(LanguageModelError) as caught:
        await read_answer(model, request)
    return caught.value


# ---------------------------------------------------------------- retries


async def test_a_failure_that_passes_is_tried_again_after_a_pause_with_jitter(clock: TurnedClock) -> None:
    model = PlayedModel("a", clock, fail(), fail(), "answer")
    assert await ask(route(model, clock=clock, allowed_fails=5)) == "answer"
    assert len(model.requests) == 3
    first, second = clock.naps
    assert 0 < first <= 0.5
    assert 0 < second <= 1.0


async def test_another_model_is_tried_at_once_and_without_a_pause(clock: TurnedClock) -> None:
    sick = PlayedModel("sick", clock, fail())
    well = PlayedModel("well", clock, "answer")
    group = route(sick, well, clock=clock, strategy="least-busy", allowed_fails=100)
    assert [await ask(group) for _ in range(20)] == ["answer"] * 20
    assert sick.requests
    assert clock.naps == []


async def test_there_are_no_more_tries_than_allowed(clock: TurnedClock) -> None:
    model = PlayedModel("a", clock, fail())
    error = await ask_in_vain(route(model, clock=clock, num_retries=3, allowed_fails=100))
    assert len(model.requests) == 4
    assert error.reason is ModelFailure.UNAVAILABLE


@pytest.mark.parametrize("reason", LASTING)
async def test_a_failure_that_lasts_is_not_tried_again_on_the_same_model(
    clock: TurnedClock, reason: ModelFailure
) -> None:
    model = PlayedModel("a", clock, fail(reason), "never")
    assert (await ask_in_vain(route(model, clock=clock))).reason is reason
    assert len(model.requests) == 1


@pytest.mark.parametrize("reason", LASTING)
async def test_a_failure_that_lasts_is_tried_on_another_model(
    clock: TurnedClock, reason: ModelFailure
) -> None:
    models = [PlayedModel("a", clock, fail(reason)), PlayedModel("b", clock, fail(reason))]
    error = await ask_in_vain(route(*models, clock=clock, num_retries=9))
    assert error.reason is reason
    assert [len(model.requests) for model in models] == [1, 1]


async def test_retries_end_with_the_callers_time(clock: TurnedClock) -> None:
    model = PlayedModel("a", clock, fail(), seconds=3.0)
    group = route(model, clock=clock, num_retries=100, allowed_fails=1000)
    started = clock.time
    assert (await ask_in_vain(group)).reason is ModelFailure.UNAVAILABLE
    assert clock.time - started <= REQUEST.timeout + 3.0  # pyright: ignore[reportOptionalOperand]
    assert [request.timeout for request in model.requests] == sorted(
        (request.timeout for request in model.requests), key=lambda left: -(left or 0)
    )
    assert all((request.timeout or 0) <= 10.0 for request in model.requests)


async def test_the_groups_own_time_holds_where_the_caller_names_none(clock: TurnedClock) -> None:
    model = PlayedModel("a", clock)
    await ask(route(model, clock=clock, timeout=4.0), ModelRequest(prefix="", prompt="hi"))
    assert model.requests[0].timeout == 4.0


async def test_a_model_that_hangs_leaves_time_for_another_one() -> None:
    clock = TurnedClock()
    hanging, well = Silent("hanging", clock), PlayedModel("well", clock)
    group = route(hanging, well, clock=clock, strategy="least-busy", allowed_fails=9)
    request = ModelRequest(prefix="", prompt="", timeout=0.2)
    assert [await ask(group, request) for _ in range(4)] == ["well"] * 4
    assert hanging.requests


async def test_a_provider_that_asks_for_patience_gets_it_if_there_is_time(clock: TurnedClock) -> None:
    model = PlayedModel("a", clock, fail(ModelFailure.RATE_LIMIT, retry_after=2.5), "answer")
    assert await ask(route(model, clock=clock)) == "answer"
    assert clock.naps == [2.5]


async def test_a_provider_that_asks_for_too_much_patience_is_left_alone(clock: TurnedClock) -> None:
    model = PlayedModel("a", clock, fail(ModelFailure.RATE_LIMIT, retry_after=30.0), "answer")
    group = route(model, clock=clock)
    assert (await ask_in_vain(group)).reason is ModelFailure.RATE_LIMIT
    assert (await ask_in_vain(group)).reason is ModelFailure.UNAVAILABLE
    assert (len(model.requests), clock.naps) == (1, [])
    clock.time += 30.0
    assert await ask(group) == "answer"


async def test_an_answer_that_has_begun_is_not_begun_again(clock: TurnedClock) -> None:
    model = PlayedModel("a", clock, Cut, "answer")
    assert (await ask_in_vain(route(model, clock=clock))).reason is ModelFailure.BROKEN_OFF
    assert len(model.requests) == 1


# ---------------------------------------------------------------- cool-down


async def test_a_lone_dead_model_is_not_waited_for_after_the_allowed_failures(clock: TurnedClock) -> None:
    model = PlayedModel("a", clock, fail(ModelFailure.TIMEOUT), seconds=10.0)
    group = route(model, clock=clock, allowed_fails=1)
    for _ in range(2):
        assert (await ask_in_vain(group)).reason is ModelFailure.TIMEOUT
    started = clock.time
    for _ in range(5):
        error = await ask_in_vain(group)
        assert error.reason is ModelFailure.UNAVAILABLE
        assert error.retry_after == pytest.approx(10.0)
    assert len(model.requests) == 2
    assert clock.time == started


async def test_it_comes_back_by_itself(clock: TurnedClock) -> None:
    model = PlayedModel("a", clock, fail(), fail(), "back")
    group = route(model, clock=clock, num_retries=0)
    await ask_in_vain(group)
    await ask_in_vain(group)
    assert (await ask_in_vain(group)).reason is ModelFailure.UNAVAILABLE
    assert len(model.requests) == 2
    clock.time += 10.0
    assert [await ask(group) for _ in range(3)] == ["back"] * 3


async def test_one_request_at_a_time_tries_a_model_that_cooled(clock: TurnedClock) -> None:
    gate = asyncio.Event()

    class Gated(PlayedModel):
        async def stream(self, request: ModelRequest) -> AsyncIterator[TextPiece | AnswerEnd]:
            if len(self.requests) >= 2:
                await gate.wait()
            async for item in super().stream(request):
                yield item

    model = Gated("a", clock, fail(), fail(), "back")
    group = route(model, clock=clock, num_retries=0)
    await ask_in_vain(group)
    await ask_in_vain(group)
    clock.time += 10.0
    trial = asyncio.ensure_future(ask(group))
    await asyncio.sleep(0)
    await ask_in_vain(group)
    gate.set()
    assert await trial == "back"
    assert len(model.requests) == 3


async def test_a_model_that_keeps_people_waiting_is_tried_more_and_more_rarely(clock: TurnedClock) -> None:
    model = PlayedModel("a", clock, fail(ModelFailure.TIMEOUT), seconds=1.0)
    group = route(model, clock=clock, num_retries=0, allowed_fails=0)
    waits: list[float] = []
    for _ in range(5):
        await ask_in_vain(group)
        wait = (await ask_in_vain(group)).retry_after or 0.0
        waits.append(wait)
        clock.time += wait
    assert waits == [10.0, 20.0, 40.0, 60.0, 60.0]


async def test_failures_in_between_answers_do_not_add_up(clock: TurnedClock) -> None:
    script = [fail(), "answer"] * 10
    model = PlayedModel("a", clock, *script)
    group = route(model, clock=clock)
    assert [await ask(group) for _ in range(10)] == ["answer"] * 10


async def test_a_sick_model_is_left_out_while_another_is_well(clock: TurnedClock) -> None:
    sick = PlayedModel("sick", clock, fail())
    well = PlayedModel("well", clock)
    group = route(sick, well, clock=clock)
    assert [await ask(group) for _ in range(50)] == ["well"] * 50
    assert len(sick.requests) == 2


async def test_when_all_cool_the_one_that_is_due_first_is_tried_once(clock: TurnedClock) -> None:
    early = PlayedModel("early", clock, fail(), "answer")
    late = PlayedModel("late", clock, fail())
    group = route(early, late, clock=clock, allowed_fails=0, num_retries=0, strategy="least-busy")
    while not early.requests or not late.requests:
        await ask_in_vain(group)
        clock.time += 1.0
    first = early if (await read_tolerantly(group)) == "answer" else late
    assert len(early.requests) + len(late.requests) == 3
    if first is late:
        assert (await ask_in_vain(group)).reason is ModelFailure.UNAVAILABLE
        assert len(early.requests) + len(late.requests) == 3


async def read_tolerantly(model: LanguageModel) -> str | None:
    try:
        return await ask(model)
    except LanguageModelError:
        return None


async def test_a_wrong_key_is_not_offered_again_with_every_message(clock: TurnedClock) -> None:
    model = PlayedModel("a", clock, fail(ModelFailure.AUTHENTICATION))
    group = route(model, clock=clock, allowed_fails=5)
    assert (await ask_in_vain(group)).reason is ModelFailure.AUTHENTICATION
    assert (await ask_in_vain(group)).reason is ModelFailure.UNAVAILABLE
    assert len(model.requests) == 1


async def test_a_request_that_is_refused_says_nothing_about_the_model(clock: TurnedClock) -> None:
    model = PlayedModel("a", clock, *([fail(ModelFailure.BAD_REQUEST)] * 5), "answer")
    group = route(model, clock=clock)
    for _ in range(5):
        assert (await ask_in_vain(group)).reason is ModelFailure.BAD_REQUEST
    assert await ask(group) == "answer"


# ---------------------------------------------------------------- callers who go away


class Silent(PlayedModel):
    """Never says anything."""

    async def stream(self, request: ModelRequest) -> AsyncIterator[TextPiece | AnswerEnd]:
        self.requests.append(request)
        await asyncio.Event().wait()
        yield TextPiece(text="")


async def test_a_model_that_ignores_its_limit_is_ended_all_the_same() -> None:
    clock = TurnedClock()
    group = route(Silent("a", clock), clock=clock, num_retries=0)
    error = await ask_in_vain(group, ModelRequest(prefix="", prompt="", timeout=0.03))
    assert error.reason is ModelFailure.TIMEOUT


async def test_a_caller_that_goes_away_early_says_nothing_about_the_model(clock: TurnedClock) -> None:
    model = Silent("a", clock)
    group = route(model, clock=clock, allowed_fails=0)
    await give_up(group, clock, after=1.0)
    await give_up(group, clock, after=1.0)
    assert len(model.requests) == 2


async def test_a_caller_that_waited_in_vain_for_nearly_all_of_the_time_counts_as_a_failure(
    clock: TurnedClock,
) -> None:
    model = Silent("a", clock)
    group = route(model, clock=clock, allowed_fails=0)
    await give_up(group, clock, after=9.9)
    assert (await ask_in_vain(group)).reason is ModelFailure.UNAVAILABLE
    assert len(model.requests) == 1


async def give_up(group: LanguageModel, clock: TurnedClock, *, after: float) -> None:
    task = asyncio.ensure_future(ask(group))
    await asyncio.sleep(0)
    clock.time += after
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_reader_that_has_enough_leaves_the_model_free_and_well(clock: TurnedClock) -> None:
    models = [PlayedModel("a", clock, "x" * 50), PlayedModel("b", clock, "x" * 50)]
    group = route(*models, clock=clock, strategy="least-busy", allowed_fails=0)
    for _ in range(20):
        answer = await read_answer(group, REQUEST, max_characters=5)
        assert answer.is_cut_off
    # Were a call still counted as under way, the other model would get all the rest.
    assert min(len(model.requests) for model in models) > 3


# ---------------------------------------------------------------- strategies


async def test_shuffling_shares_the_work_by_weight(clock: TurnedClock) -> None:
    models = [PlayedModel("a", clock), PlayedModel("b", clock)]
    group = route(*models, clock=clock, terms=(ModelTerms(weight=9), ModelTerms(weight=1)))
    for _ in range(200):
        await ask(group)
    heavy, light = (len(model.requests) for model in models)
    assert heavy > 5 * light > 0


async def test_the_least_busy_model_is_asked(clock: TurnedClock) -> None:
    models = [Silent(str(number), clock) for number in range(4)]
    group = route(*models, clock=clock, strategy="least-busy")
    tasks = [asyncio.ensure_future(ask(group)) for _ in range(12)]
    await asyncio.sleep(0)
    assert [len(model.requests) for model in models] == [3, 3, 3, 3]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_the_fastest_model_is_asked_once_all_are_known(clock: TurnedClock) -> None:
    slow = PlayedModel("slow", clock, seconds=2.0)
    fast = PlayedModel("fast", clock, seconds=0.5)
    group = route(slow, fast, clock=clock, strategy="latency-based-routing")
    assert {await ask(group), await ask(group)} == {"slow", "fast"}
    assert [await ask(group) for _ in range(10)] == ["fast"] * 10
    clock.time += 600
    assert {await ask(group), await ask(group)} == {"slow", "fast"}


async def test_the_cheapest_model_with_room_is_asked(clock: TurnedClock) -> None:
    models = [PlayedModel(name, clock) for name in ("dear", "cheap", "unknown")]
    terms = (
        ModelTerms(input_cost_per_token=2e-6, output_cost_per_token=4e-6),
        ModelTerms(input_cost_per_token=1e-6, rpm=2),
        ModelTerms(),
    )
    group = route(*models, clock=clock, terms=terms, strategy="cost-based-routing")
    assert [await ask(group) for _ in range(4)] == ["cheap", "cheap", "dear", "dear"]
    clock.time += 60
    assert await ask(group) == "cheap"


async def test_the_model_with_the_fewest_tokens_in_this_minute_is_asked(clock: TurnedClock) -> None:
    talker = PlayedModel("talker", clock, tokens=300)
    brief = PlayedModel("brief", clock, tokens=100)
    group = route(talker, brief, clock=clock, strategy="usage-based-routing")
    for _ in range(40):
        await ask(group)
    assert (len(talker.requests), len(brief.requests)) == (10, 30)


async def test_models_without_room_are_not_asked(clock: TurnedClock) -> None:
    model = PlayedModel("a", clock, tokens=100)
    group = route(model, clock=clock, terms=(ModelTerms(tpm=250),), strategy="usage-based-routing")
    assert [await ask(group) for _ in range(3)] == ["a"] * 3
    error = await ask_in_vain(group)
    assert error.reason is ModelFailure.RATE_LIMIT
    assert len(model.requests) == 3
    clock.time += 60
    assert await ask(group) == "a"


# ---------------------------------------------------------------- the rest of the port


async def test_the_check_names_the_first_model_that_does_not_answer(clock: TurnedClock) -> None:
    models = [PlayedModel("a", clock), PlayedModel("b", clock, fail(ModelFailure.AUTHENTICATION))]
    with pytest.raises(LanguageModelError, match="authentication"):
        await route(*models, clock=clock).check()


async def test_closing_closes_every_model(clock: TurnedClock) -> None:
    models = [PlayedModel("a", clock), PlayedModel("b", clock)]
    await route(*models, clock=clock).close()
    assert [model.is_closed for model in models] == [True, True]


async def test_embedders_of_a_group_stand_in_for_one_another(clock: TurnedClock) -> None:
    sick = PlayedModel("sick", clock, fail())
    well = PlayedModel("well", clock)
    replicas = Replicas[Embedder](
        [Member(key="0", model=sick), Member(key="1", model=well)],
        RoutingRules(allowed_fails=0),
        clock=clock,
        chance=random.Random(7),
    )
    embedder = RoutedEmbedder(replicas, timeout=5.0, sleep=clock.sleep)
    for _ in range(10):
        assert await embedder.embed(["a", "b"], "query") == [[1.0], [1.0]]
    assert len(sick.requests) == 1
    assert embedder.name == "sick"
    await embedder.close()
    assert well.is_closed
