"""A cassette records a model's answers once, replays them for ever, and says what is missing or left over."""

import asyncio
import json
import os
import time
from pathlib import Path

import pytest

from duologue.core.errors import LanguageModelError, ModelFailure
from duologue.ports.language_model import (
    AnswerEnd,
    ModelAnswer,
    ModelRequest,
    ModelUsage,
    TextPiece,
    read_answer,
)
from duologue.testing.cassette import Cassette, CassetteLanguageModel, CassetteMissError
from duologue.testing.cassette_file import CassetteFileError, merge_into_file, read_cassette_file
from duologue.testing.scripted_model import ScriptedAnswer, ScriptedLanguageModel

SCHEMA = {"type": "object"}


def ask(prompt: str, prefix: str = "Read the message.\nAnswer with commands.") -> ModelRequest:
    return ModelRequest(prefix=prefix, prompt=prompt, max_tokens=64, temperature=0.0)


async def record(path: Path, answers: dict[str, ScriptedAnswer]) -> None:
    """Record the answers to these prompts."""
    model = ScriptedLanguageModel(*answers.values(), name="openai/big")
    async with CassetteLanguageModel(model, path, "record", name="main") as recorded:
        for prompt in answers:
            await read_answer(recorded, ask(prompt))
    model.assert_complete()


async def test_what_was_recorded_is_replayed_without_a_model(tmp_path: Path) -> None:
    path = tmp_path / "answers.json"
    usage = ModelUsage(input_tokens=90, cached_tokens=64, output_tokens=3)
    answer = ModelAnswer(text="start flow pay\nset slot a 1", model="big-2", usage=usage)
    await record(path, {"user: pay": answer})
    async with CassetteLanguageModel(None, path, name="main") as replayed:
        for _ in range(2):
            assert await read_answer(replayed, ask("user: pay")) == answer


async def test_the_file_can_be_read_by_a_person(tmp_path: Path) -> None:
    path = tmp_path / "answers.json"
    await record(path, {"history\nuser: später": "skip question", "history\nuser: pay": "start flow pay"})
    content = json.loads(path.read_text(encoding="utf-8"))
    first, second = content["recordings"]
    assert first["request"]["prompt"] == ["history", "user: pay"]
    assert first["answer"]["text"] == ["start flow pay"]
    assert second["request"]["prefix"] == first["request"]["prefix"]
    assert content["shared"][first["request"]["prefix"]] == ["Read the message.", "Answer with commands."]
    assert "später" in path.read_text(encoding="utf-8")


async def test_recording_the_same_again_in_another_order_gives_the_same_file(tmp_path: Path) -> None:
    path = tmp_path / "answers.json"
    await record(path, {"b": "two", "a": "one"})
    recordings = read_cassette_file(path)
    merge_into_file(tmp_path / "again.json", reversed(recordings.values()))
    assert (tmp_path / "again.json").read_text(encoding="utf-8") == path.read_text(encoding="utf-8")


async def test_a_miss_says_how_to_record_and_what_differs_from_the_nearest_request(tmp_path: Path) -> None:
    path = tmp_path / "answers.json"
    await record(path, {"history\nuser: pay Anna": "a", "other": "b"})
    replayed = CassetteLanguageModel(None, path, name="main")
    with pytest.raises(CassetteMissError) as caught:
        await read_answer(replayed, ask("history\nuser: pay Ben"))
    assert str(caught.value).splitlines() == [
        f"{path} holds no answer to this request to main; record it. From the nearest request recorded it differs",
        "  in the prompt:",
        "  -user: pay Anna",
        "  +user: pay Ben",
    ]
    assert not caught.value.is_retryable
    with pytest.raises(AssertionError, match="holds no answer"):
        replayed.cassette.assert_complete()


@pytest.mark.parametrize(
    ("request_", "told"),
    [
        (ask("a", prefix="Other words."), "in the instructions:"),
        (ModelRequest(prefix=ask("").prefix, prompt="a", max_tokens=64, temperature=0.5), "0.5 is asked"),
        (
            ModelRequest(prefix=ask("").prefix, prompt="a", max_tokens=64, temperature=0.0, schema=SCHEMA),
            "the schema of the answer",
        ),
    ],
)
async def test_whatever_may_change_the_answer_must_be_the_same(
    tmp_path: Path, request_: ModelRequest, told: str
) -> None:
    path = tmp_path / "answers.json"
    await record(path, {"a": "one"})
    with pytest.raises(CassetteMissError, match=told):
        await read_answer(CassetteLanguageModel(None, path, name="main"), request_)


async def test_an_answer_of_another_model_does_not_fit(tmp_path: Path) -> None:
    path = tmp_path / "answers.json"
    await record(path, {"a": "one"})
    with pytest.raises(CassetteMissError, match="recorded of main only"):
        await read_answer(CassetteLanguageModel(None, path, name="judge"), ask("a"))


async def test_recordings_that_nothing_asks_for_are_reported_and_can_be_dropped(tmp_path: Path) -> None:
    path = tmp_path / "answers.json"
    await record(path, {"user: a": "one", "user: b": "two"})
    replayed = CassetteLanguageModel(None, path, name="main")
    await read_answer(replayed, ask("user: a"))
    with pytest.raises(AssertionError, match=r"1 recordings of .* were not used.*\['user: b'\]"):
        replayed.cassette.assert_complete()
    assert replayed.cassette.prune() == 1
    assert [one.text for one in read_cassette_file(path).values()] == ["one"]


async def test_auto_asks_only_for_what_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "answers.json"
    await record(path, {"a": "one"})
    model = ScriptedLanguageModel("two")
    async with CassetteLanguageModel(model, path, "auto", name="main") as recorded:
        assert [(await read_answer(recorded, ask(prompt))).text for prompt in "ab"] == ["one", "two"]
    assert [one.text for one in read_cassette_file(path).values()] == ["one", "two"]


async def test_recording_asks_for_everything_anew_but_for_the_same_request_once(tmp_path: Path) -> None:
    path = tmp_path / "answers.json"
    await record(path, {"a": "old"})
    model = ScriptedLanguageModel("new")
    recorded = CassetteLanguageModel(model, path, "record", name="main")
    answers = await asyncio.gather(*(read_answer(recorded, ask("a")) for _ in range(3)))
    assert [answer.text for answer in answers] == ["new"] * 3
    await recorded.close()
    assert [one.text for one in read_cassette_file(path).values()] == ["new"]


async def test_failures_and_answers_that_break_off_are_not_recorded(tmp_path: Path) -> None:
    failure = LanguageModelError("busy", reason=ModelFailure.RATE_LIMIT, model="m")
    model = ScriptedLanguageModel(failure, ModelAnswer(text="sta", is_cut_off=True), "start flow pay")
    recorded = CassetteLanguageModel(model, tmp_path / "answers.json", "record")
    with pytest.raises(LanguageModelError, match="busy"):
        await read_answer(recorded, ask("a"))
    assert (await read_answer(recorded, ask("a"))).is_cut_off
    assert (await read_answer(recorded, ask("a"))).text == "start flow pay"


async def test_an_answer_that_the_reader_cut_off_is_replayed_as_far_as_it_was_read(tmp_path: Path) -> None:
    path = tmp_path / "answers.json"
    recorded = CassetteLanguageModel(ScriptedLanguageModel("word " * 50), path, "record", name="main")
    first = await read_answer(recorded, ask("a"), max_characters=12)
    await recorded.close()
    assert (
        await read_answer(CassetteLanguageModel(None, path, name="main"), ask("a"), max_characters=12)
        == first
    )
    assert len(next(iter(read_cassette_file(path).values())).text) == 15


async def test_a_part_that_is_masked_does_not_count(tmp_path: Path) -> None:
    path = tmp_path / "answers.json"
    masks = [r"(?m)^Today is .*$"]
    recorded = CassetteLanguageModel(ScriptedLanguageModel("ok"), path, "record", name="main", masks=masks)
    await read_answer(recorded, ask("Today is Monday.\nuser: hi"))
    await recorded.close()
    replayed = CassetteLanguageModel(None, path, name="main", masks=masks)
    assert (await read_answer(replayed, ask("Today is Tuesday.\nuser: hi"))).text == "ok"
    assert "Monday" not in path.read_text(encoding="utf-8"), "recording again tomorrow makes no difference"


async def test_the_pace_of_the_recording_can_be_kept(tmp_path: Path) -> None:
    path = tmp_path / "answers.json"
    await record(path, {"a": "one"})
    text = path.read_text(encoding="utf-8")
    content = json.loads(text)
    content["recordings"][0]["answer"]["milliseconds"] = 60.0
    path.write_text(json.dumps(content), encoding="utf-8")
    replayed = CassetteLanguageModel(None, path, name="main", keeps_pace=True)
    began = time.perf_counter()
    await read_answer(replayed, ask("a"))
    assert time.perf_counter() - began >= 0.055


async def test_runs_beside_each_other_record_into_one_file(tmp_path: Path) -> None:
    path = tmp_path / "answers.json"
    cassettes = [Cassette(path, "auto") for _ in range(4)]
    for number, cassette in enumerate(cassettes):
        model = CassetteLanguageModel(ScriptedLanguageModel(f"answer {number}"), cassette, name="main")
        await read_answer(model, ask(f"prompt {number}"))
    await asyncio.gather(*(asyncio.to_thread(cassette.save) for cassette in cassettes))
    assert sorted(one.text for one in read_cassette_file(path).values()) == [
        f"answer {number}" for number in range(4)
    ]
    assert os.listdir(tmp_path) == ["answers.json"], "no lock and no half-written file is left"


async def test_the_stream_of_a_replay_comes_in_pieces(tmp_path: Path) -> None:
    path = tmp_path / "answers.json"
    await record(path, {"a": "start flow pay"})
    items = [item async for item in CassetteLanguageModel(None, path, name="main").stream(ask("a"))]
    assert [item.text for item in items if isinstance(item, TextPiece)] == ["start ", "flow ", "pay"]
    assert isinstance(items[-1], AnswerEnd)


def test_recording_needs_a_model(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Recording needs a model"):
        CassetteLanguageModel(None, tmp_path / "answers.json", "record")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{\n"cassette": 1,\n', r"answers\.json:3: this is no cassette"),
        ('{"cassette": 99}', "has the format 99"),
        ('{"cassette": 1, "recordings": [{}], "shared": {}}', "is damaged"),
        ("[]", "is damaged"),
    ],
)
def test_a_file_that_is_no_cassette_is_named(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "answers.json").write_text(text, encoding="utf-8")
    with pytest.raises(CassetteFileError, match=told):
        Cassette(tmp_path / "answers.json")
