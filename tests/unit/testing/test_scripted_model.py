"""The scripted language model answers as told, and fails a test that asks something else."""

import pytest

from duologue.core.errors import LanguageModelError, ModelFailure
from duologue.ports.language_model import (
    AnswerEnd,
    LanguageModel,
    ModelAnswer,
    ModelRequest,
    ModelUsage,
    TextPiece,
    read_answer,
)
from duologue.testing.scripted_model import ScriptedLanguageModel

REQUEST = ModelRequest(prefix="Read the message. ", prompt="user: hi")


async def test_the_answers_come_in_the_order_of_the_script() -> None:
    own = ModelAnswer(text="two", model="m", usage=ModelUsage(input_tokens=9), finish_reason="length")
    model = ScriptedLanguageModel("one", own, lambda request: request.prompt.upper())
    answers = [await read_answer(model, REQUEST) for _ in range(3)]
    assert [answer.text for answer in answers] == ["one", "two", "USER: HI"]
    assert answers[1] == own
    assert model.requests == [REQUEST] * 3
    model.assert_complete()


async def test_an_answer_comes_word_by_word_with_its_end() -> None:
    model: LanguageModel = ScriptedLanguageModel("start flow pay\nset slot a 1")
    items = [item async for item in model.stream(REQUEST)]
    pieces = [item.text for item in items if isinstance(item, TextPiece)]
    assert pieces == ["start ", "flow ", "pay\n", "set ", "slot ", "a ", "1"]
    assert items[-1] == AnswerEnd(
        model="scripted/model", usage=ModelUsage(input_tokens=7, cached_tokens=0, output_tokens=7)
    )


async def test_a_prefix_that_was_sent_before_counts_as_cached() -> None:
    model = ScriptedLanguageModel("a", "b")
    await read_answer(model, REQUEST)
    assert (await read_answer(model, REQUEST)).usage.cached_tokens == 5


async def test_an_answer_that_is_cut_off_has_no_end() -> None:
    answer = await read_answer(ScriptedLanguageModel(ModelAnswer(text="start fl", is_cut_off=True)), REQUEST)
    assert (answer.text, answer.is_cut_off) == ("start fl", True)


async def test_the_model_fails_as_the_script_says() -> None:
    failure = LanguageModelError("too many", reason=ModelFailure.RATE_LIMIT, model="m")
    model = ScriptedLanguageModel(failure, lambda _: failure)
    for _ in range(2):
        with pytest.raises(LanguageModelError, match="too many"):
            await read_answer(model, REQUEST)
    model.assert_complete()


async def test_a_request_beyond_the_script_fails_the_test_though_the_error_was_swallowed() -> None:
    model = ScriptedLanguageModel()
    with pytest.raises(AssertionError, match="no answer left for 'user: hi'"):
        await read_answer(model, REQUEST)
    with pytest.raises(AssertionError, match=r"does not foresee: \['user: hi'\]"):
        model.assert_complete()


def test_an_answer_that_was_never_asked_for_fails_the_test() -> None:
    with pytest.raises(AssertionError, match="1 answers were never asked for"):
        ScriptedLanguageModel("one").assert_complete()
