"""Messages are judged one by one, each in the state that the test expects, whatever was understood before."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from duologue.core import commands as cmd
from duologue.core.errors import LanguageModelError, ModelFailure
from duologue.core.messages import UserMessage
from duologue.core.understanding import Evidence, ModelCall, Understanding
from duologue.flows.offers import Offers
from duologue.ports.language_model import ModelRequest, read_answer
from duologue.project.definition import AssistantDefinition
from duologue.project.du_reader import read_du_tests
from duologue.testing.du.expected import parse_expectations
from duologue.testing.du.prompt_log import PromptLog
from duologue.testing.du.report import DuReport
from duologue.testing.du.runner import DuOptions, run_du
from duologue.testing.scripted import ScriptedUnderstander, Understood
from duologue.testing.scripted_model import ScriptedLanguageModel
from duologue.understanding.answer_rung import PayloadRung
from duologue.understanding.ladder import Ladder

RunDu = Callable[..., Awaitable[DuReport]]

ORDER = """
stub_custom_actions: {action_place_order: {events: [{event: slot, name: order_number, value: A1}]}}
test_cases:
  - test_case: orders coffee
    steps:
      - user: a coffee
        commands: [start flow order_coffee]
      - utter: utter_ask_size
      - user: a large one
        commands: [set slot size large]
      - utter: utter_ask_cups
      - user: two
        commands: [set slot cups 2]
      - utter: utter_ordered
"""
COFFEE = cmd.StartFlow(flow="order_coffee")
LARGE = cmd.SetSlot(name="size", value="LARGE")
TWO = cmd.SetSlot(name="cups", value="2")


class TellingRung:
    """A rung that understands what it is told to; what it is not told, it leaves to the next."""

    def __init__(self, name: str, told: dict[str, Understood | Exception]) -> None:
        self.name = name
        self.told = told
        self.asked: list[str] = []
        self.asked_before_ready: list[str] = []
        self.is_ready = False

    async def understand(self, message: UserMessage, offers: Offers) -> Understanding | None:
        self.asked.append(message.text)
        if not self.is_ready:
            self.asked_before_ready.append(message.text)
        understood = self.told.get(message.text)
        if isinstance(understood, Exception):
            raise understood
        if understood is None or isinstance(understood, Understanding):
            return understood
        commands = tuple(understood) if isinstance(understood, Sequence) else (understood,)
        return Understanding(commands=commands, evidence=(Evidence(rung=self.name, reason="was told"),))

    def warm_up(self) -> None:
        self.is_ready = True


@pytest.fixture
def run(tmp_path: Path, definition: AssistantDefinition) -> RunDu:
    """Runs tests written as text against the coffee assistant."""

    async def run_text(text: str, **options: Any) -> DuReport:
        path = tmp_path / "du.yml"
        path.write_text(text, encoding="utf-8")
        reading = read_du_tests(path, root=tmp_path)
        assert reading.problems.format() == ""
        expectations = parse_expectations(reading.test_cases, definition)
        assert expectations.problems == ()
        return await run_du(definition, expectations.cases, **options)

    return run_text


async def test_a_case_passes_if_every_message_is_understood(run: RunDu) -> None:
    script = ScriptedUnderstander(COFFEE, LARGE, TWO)
    report = await run(ORDER, understander=script)
    script.assert_complete()
    assert (len(report.passed), report.accuracy, report.exit_code) == (1, 1.0, 0)


async def test_a_mistake_does_not_spoil_the_messages_after_it(run: RunDu) -> None:
    report = await run(ORDER, understander=ScriptedUnderstander(cmd.ChitChat(), cmd.CannotHandle(), TWO))
    (result,) = report.failed
    assert [turn.is_right for turn in result.turns] == [False, False, True]
    assert result.failures == (), (
        "the assistant says what the test expects, because it goes on with its commands"
    )
    first = result.turns[0].comparison
    assert (first.missed, first.unexpected) == ((COFFEE,), (cmd.ChitChat(),))
    assert (report.right_turns, report.exit_code) == (1, 1)


async def test_what_was_understood_rightly_keeps_its_evidence_and_its_extractor(run: RunDu) -> None:
    text = """
test_cases:
  - test_case: a button is pressed
    steps:
      - user: a coffee
        commands: [start flow order_coffee]
      - user: /SetSlots(size=large)
        commands: [set slot size large]
      - utter: utter_ask_cups
"""
    ladder = Ladder([PayloadRung(), TellingRung("told", {"a coffee": COFFEE})])
    report = await run(text, understander=ladder)
    assert report.results[0].is_passed
    assert report.results[0].turns[1].answered_by == "payload"


async def test_what_the_assistant_does_not_say_fails_the_case_too(run: RunDu) -> None:
    text = ORDER.replace("utter_ask_cups", "utter_no_cake")
    report = await run(text, understander=ScriptedUnderstander(COFFEE, LARGE, TWO))
    (result,) = report.failed
    assert [failure.expected for failure in result.failures] == ["the response utter_no_cake"]
    assert report.accuracy == 1.0


async def test_a_message_without_commands_goes_its_own_way_and_is_not_judged(run: RunDu) -> None:
    text = """
test_cases:
  - test_case: orders coffee
    steps:
      - user: a coffee
      - utter: utter_ask_size
      - user: a large one
        commands: [set slot size large]
"""
    report = await run(text, understander=ScriptedUnderstander(COFFEE, LARGE))
    assert [turn.turn.text for turn in report.turns] == ["a large one"]
    assert report.results[0].is_passed


async def test_a_message_that_nobody_reads_is_judged_as_not_understood(run: RunDu) -> None:
    text = """
test_cases:
  - test_case: says nothing
    steps:
      - user: ""
        commands: [start flow order_cake]
"""
    report = await run(text, understander=ScriptedUnderstander())
    (turn,) = report.turns
    assert not turn.is_right
    assert (turn.answered_by, turn.milliseconds) == ("nobody", 0.0)


async def test_an_understander_that_fails_has_not_understood(run: RunDu) -> None:
    report = await run(ORDER, understander=ScriptedUnderstander(COFFEE))
    assert [turn.is_right for turn in report.turns] == [True, False, False]
    assert "the script has no understanding left for 'a large one'" in report.turns[1].reason
    assert report.results[0].failures == ()


async def test_the_rungs_are_made_ready_before_the_first_message(run: RunDu) -> None:
    rung = TellingRung("told", {"a coffee": COFFEE, "a large one": LARGE, "two": TWO})
    await run(ORDER, understander=Ladder([rung]))
    assert rung.asked_before_ready == []
    assert rung.is_ready


async def test_fixtures_are_set_before_the_first_message(run: RunDu) -> None:
    text = """
fixtures: [{member: [{is_member: true}]}]
test_cases:
  - test_case: is a member already
    fixtures: [member]
    steps:
      - user: a coffee
        commands: [start flow order_coffee]
      - utter: utter_ask_size
"""
    offered = ScriptedUnderstander(COFFEE)
    await run(text, understander=offered)
    assert offered.offers[0].slots["is_member"] is True


async def test_every_rung_is_asked_every_message_but_only_once(run: RunDu) -> None:
    exact = TellingRung("exact", {"a coffee": COFFEE})
    model = TellingRung(
        "model", {"a coffee": COFFEE, "a large one": cmd.ChitChat(), "two": ValueError("away")}
    )
    local = TellingRung("local", {"a large one": LARGE, "two": TWO})
    report = await run(ORDER, understander=Ladder([exact, model, local]))
    told = [(s.rung, s.asked, s.answered, s.right, s.failed) for s in report.score_rungs()]
    assert told == [("exact", 3, 1, 1, 0), ("model", 3, 2, 1, 1), ("local", 3, 2, 2, 0)]
    assert all(rung.asked == ["a coffee", "a large one", "two"] for rung in (exact, model, local))
    assert [turn.answered_by for turn in report.turns] == ["exact", "model", "local"]
    assert report.right_turns == 2


async def test_rungs_that_a_message_does_not_come_to_can_be_spared(run: RunDu) -> None:
    exact = TellingRung("exact", {"a coffee": COFFEE, "a large one": LARGE, "two": TWO})
    model = TellingRung("model", {})
    report = await run(ORDER, understander=Ladder([exact, model]), options=DuOptions(asks_every_rung=False))
    assert (model.asked, report.score_rungs()) == ([], ())


async def test_rungs_with_the_same_name_are_told_apart(run: RunDu) -> None:
    rungs = [TellingRung("local", {}), TellingRung("model", {}), TellingRung("local", {"two": TWO})]
    report = await run(ORDER, understander=Ladder(rungs))
    assert [score.rung for score in report.score_rungs()] == ["local 1", "model", "local 2"]


async def test_each_kind_of_command_gets_its_score(run: RunDu) -> None:
    report = await run(ORDER, understander=ScriptedUnderstander(COFFEE, [LARGE, TWO], cmd.CannotHandle()))
    told = [(s.kind, s.expected, s.understood, s.right) for s in report.score_commands()]
    assert told == [("set slot", 2, 2, 1), ("start flow", 1, 1, 1), ("cannot handle", 0, 1, 0)]
    slots, _, nothing = report.score_commands()
    assert (slots.precision, slots.recall, slots.f1) == (0.5, 0.5, 0.5)
    assert (nothing.precision, nothing.recall, nothing.f1) == (0.0, None, 0.0)


async def test_tokens_and_turns_without_a_model_are_counted(run: RunDu) -> None:
    def by_model(command: cmd.Command, tokens: int) -> Understanding:
        call = ModelCall(model="m", input_tokens=tokens, cached_tokens=tokens // 2, output_tokens=3)
        return Understanding(commands=(command,), evidence=(Evidence(rung="model", calls=(call,)),))

    understood = [COFFEE, by_model(LARGE, 100), by_model(TWO, 300)]
    report = await run(ORDER, understander=ScriptedUnderstander(*understood))
    assert report.turns_without_model == 1
    assert (report.tokens.input.p50, report.tokens.input.p90, report.tokens.cached.p90) == (100, 300, 150)
    assert report.tokens.output.p99 == 3


async def test_the_run_ends_with_the_first_failure_if_asked_to(run: RunDu) -> None:
    text = ORDER + ORDER.partition("test_cases:\n")[2].replace("orders coffee", "orders again")
    report = await run(
        text, understander=ScriptedUnderstander(*[cmd.ChitChat()] * 3), options=DuOptions(is_fail_fast=True)
    )
    assert (len(report.results), report.cases_left) == (1, 1)


async def test_conversations_beside_each_other_do_not_mix(run: RunDu) -> None:
    case = ORDER.partition("test_cases:\n")[2]
    text = ORDER + "".join(case.replace("orders coffee", f"orders coffee {number}") for number in range(5))
    rung = TellingRung("told", {"a coffee": COFFEE, "a large one": LARGE, "two": TWO})
    report = await run(text, understander=Ladder([rung]), options=DuOptions(jobs=4))
    assert len(report.passed) == 6
    assert [result.expected.case.name for result in report.results][1:] == [
        f"orders coffee {number}" for number in range(5)
    ]


async def test_an_action_that_is_missing_is_named(run: RunDu) -> None:
    text = ORDER.partition("\n")[2].partition("\n")[2]
    report = await run(text, understander=ScriptedUnderstander(COFFEE, LARGE, TWO))
    assert report.missing_actions == ("action_place_order",)


class AskingRung:
    """A rung that asks a model."""

    name = "model"

    def __init__(self, model: Any) -> None:
        self._model = model

    async def understand(self, message: UserMessage, offers: Offers) -> Understanding | None:
        await read_answer(self._model, ModelRequest(prefix="Understand.", prompt=message.text))
        return None

    def warm_up(self) -> None:
        pass


async def test_the_prompts_of_a_message_are_kept_with_it(run: RunDu) -> None:
    failure = LanguageModelError("busy", reason=ModelFailure.RATE_LIMIT, model="m")
    log = PromptLog()
    model = log.wrap(ScriptedLanguageModel("start flow order_coffee", failure, "two"))
    report = await run(ORDER, understander=Ladder([AskingRung(model)]), prompts=log)
    prompts = [prompt for turn in report.turns for prompt in turn.prompts]
    assert [(p.prompt, p.answer, p.failure) for p in prompts] == [
        ("a coffee", "start flow order_coffee", None),
        ("a large one", "", "busy"),
        ("two", "two", None),
    ]
