"""Assertions that a judge decides: which reply is judged, against what, and what comes of no verdict."""

import pytest

from duologue.core.errors import DefinitionError, LanguageModelError, ModelFailure
from duologue.core.events import ActionExecuted, BotSpoke
from duologue.core.messages import BotMessage
from duologue.flows.flow import Flows
from duologue.ports.language_model import LanguageModel
from duologue.project.definition import AssistantDefinition
from duologue.project.e2e_tests import JudgedAssertion, JudgeModel, TestCase, UserSays
from duologue.testing.e2e.generated_replies import judge_reply
from duologue.testing.e2e.judges.judge import JudgedReply, NotJudgedError, Verdict
from duologue.testing.e2e.judges.local_judge import LocalJudge
from duologue.testing.e2e.judges.panel import JudgePanel
from duologue.testing.e2e.output.report_text import format_result, format_summary
from duologue.testing.e2e.report import E2eReport, Outcome
from duologue.testing.e2e.runner import run_e2e
from duologue.testing.e2e.turn_record import TurnRecord
from duologue.testing.scripted_model import ScriptedLanguageModel
from tests.unit.testing.conftest import RunTests

ORDERED = """
stub_custom_actions:
  action_place_order:
    events: [{event: slot, name: order_number, value: A1}]
    responses: [{text: "Order A1 has 2 cups."}]
test_cases:
  - test_case: judged
    steps:
      - user: /order_coffee
      - user: /SetSlots(size=large)
      - user: /SetSlots(cups=2)
        assertions:
          - %s
"""


class RecordingJudge:
    """Says what it is told to, and keeps what it was asked."""

    name = "recording"

    def __init__(self, score: float = 1.0) -> None:
        self.score = score
        self.asked: list[JudgedReply] = []

    async def judge(self, judged: JudgedReply) -> Verdict:
        self.asked.append(judged)
        return Verdict(score=self.score, reason="so told")

    async def close(self) -> None:
        pass


async def judge(run_tests: RunTests, assertion: str, judge: RecordingJudge) -> E2eReport:
    return await run_tests(ORDERED % assertion, judges=JudgePanel(judge))


@pytest.mark.parametrize(
    ("assertion", "reply"),
    [
        ("generative_response_is_relevant: {utter_source: action_place_order}", "Order A1 has 2 cups."),
        ("generative_response_is_relevant: {utter_name: utter_ordered}", "Order A1 is on its way."),
    ],
)
async def test_the_reply_is_found_by_its_source_or_its_name(
    run_tests: RunTests, assertion: str, reply: str
) -> None:
    recording = RecordingJudge()
    report = await judge(run_tests, assertion, recording)
    assert report.exit_code == 0, format_result(report.results[0])
    assert [asked.reply for asked in recording.asked] == [reply]


@pytest.mark.parametrize(
    ("assertion", "expected"),
    [
        ("generative_response_is_relevant: {threshold: 0.9}", "a generated reply to judge"),
        (
            "generative_response_is_grounded: {utter_source: EnterpriseSearchPolicy}",
            "a generated reply to judge by EnterpriseSearchPolicy",
        ),
        (
            "generative_response_is_grounded: {utter_name: utter_no_cake}",
            "a generated reply to judge made of utter_no_cake",
        ),
    ],
)
async def test_without_such_a_reply_the_assertion_fails(
    run_tests: RunTests, assertion: str, expected: str
) -> None:
    recording = RecordingJudge()
    report = await judge(run_tests, assertion, recording)
    (failure,) = report.failed[0].failures
    assert failure.expected == expected
    assert 'the assistant said "Order A1 has 2 cups."' in failure.happened
    assert recording.asked == []


async def test_the_grounds_are_the_truth_of_the_test_or_the_slots_and_the_response(
    run_tests: RunTests,
) -> None:
    recording = RecordingJudge()
    truth = "generative_response_is_grounded: {utter_name: utter_ordered, ground_truth: Orders take a day.}"
    await judge(run_tests, truth, recording)
    await judge(run_tests, "generative_response_is_grounded: {utter_name: utter_ordered}", recording)
    given, collected = (asked.grounds for asked in recording.asked)
    assert given == ("Orders take a day.",)
    assert "Order {order_number} is on its way." in collected
    assert {'order_number: "A1"', "/SetSlots(cups=2)"} <= set(collected)


async def test_what_a_reply_says_beyond_its_grounds_is_told(run_tests: RunTests) -> None:
    report = await run_tests(
        (
            ORDERED % "generative_response_is_grounded: {threshold: 1, utter_source: action_place_order}"
        ).replace("has 2 cups.", "is free on Sundays.")
    )
    assert report.failed[0].failures[0].expected == "a reply that is grounded to 1 or more"
    assert "“Order A1 is free on Sundays.” names sundays, whom" in report.failed[0].failures[0].happened


async def test_documents_of_a_reply_are_its_grounds_whatever_their_shape(
    definition: AssistantDefinition,
) -> None:
    documents = [{"content": "Cups are washed daily.", "more": [{"title": "Hygiene"}]}]
    spoken = BotSpoke(
        message=BotMessage(text="Cups are washed daily."),
        metadata={"utter_source": "EnterpriseSearchPolicy", "search_results": documents},
    )
    turn = TurnRecord(
        text="Are cups clean?",
        events=(ActionExecuted(name="action_trigger_search"), spoken),
        domain=definition.domain,
        flows=Flows(definition.flows),
    )
    recording = RecordingJudge()
    failures, judgement = await judge_reply(JudgedAssertion(question="grounded"), turn, recording)
    assert (failures, judgement is not None) == ([], True)
    assert recording.asked[0].grounds == ("Cups are washed daily.", "Hygiene", "Are cups clean?")


@pytest.mark.parametrize(("score", "outcome"), [(0.79, Outcome.FAILED), (0.8, Outcome.PASSED)])
async def test_the_threshold_decides(run_tests: RunTests, score: float, outcome: Outcome) -> None:
    assertion = "generative_response_is_relevant: {threshold: 0.8, utter_name: utter_ordered}"
    report = await judge(run_tests, assertion, RecordingJudge(score))
    assert report.results[0].outcome is outcome


async def test_a_judge_without_a_verdict_makes_the_test_not_judged_and_never_passed(
    run_tests: RunTests,
) -> None:
    class Silent(RecordingJudge):
        async def judge(self, judged: JudgedReply) -> Verdict:
            raise NotJudgedError("It is asleep.")

    report = await judge(run_tests, "generative_response_is_relevant: {utter_name: utter_ordered}", Silent())
    assert (report.exit_code, report.results[0].outcome) == (1, Outcome.NOT_JUDGED)
    text = format_result(report.results[0])
    assert text.startswith("NOT JUDGED  e2e_tests.yml::judged")
    assert "e2e_tests.yml:13: not judged whether the reply is relevant\n    It is asleep." in text
    assert "0 failed, 0 passed, 1 not judged" in format_summary(report)


async def test_a_judge_that_breaks_has_judged_nothing(run_tests: RunTests) -> None:
    class Broken(RecordingJudge):
        async def judge(self, judged: JudgedReply) -> Verdict:
            raise ZeroDivisionError("division by zero")

    report = await judge(run_tests, "generative_response_is_relevant: {utter_name: utter_ordered}", Broken())
    assert "ZeroDivisionError" in report.results[0].unjudged[0].reason


NAMED = JudgeModel(place="conftest.yml:1", model_group="judges")


async def test_a_named_model_judges_and_the_local_judge_does_without_models() -> None:
    model = ScriptedLanguageModel('{"degree": "mostly"}')

    async def open_model(judge: JudgeModel) -> LanguageModel:
        assert judge == NAMED
        return model

    panel = JudgePanel(LocalJudge(), open_model)
    chosen = await panel.choose(NAMED)
    assert chosen is await panel.choose(NAMED)
    judged = JudgedReply(question="relevant", asked="a card", reply="a card")
    assert (await chosen.judge(judged)).score == 0.75
    assert (await panel.choose(None)).name == "local"
    assert (await JudgePanel(LocalJudge()).choose(NAMED)).name == "local"
    await panel.close()
    assert model.is_closed


async def test_a_model_that_cannot_be_opened_judges_nothing_and_says_why() -> None:
    async def open_model(judge: JudgeModel) -> LanguageModel:
        raise DefinitionError("There is no model group `judges`.")

    judge = await JudgePanel(LocalJudge(), open_model).choose(NAMED)
    with pytest.raises(
        NotJudgedError, match=r"conftest\.yml:1 names cannot be used: There is no model group"
    ):
        await judge.judge(JudgedReply(question="relevant", asked="a", reply="b"))


async def test_a_model_that_fails_leaves_the_test_not_judged(definition: AssistantDefinition) -> None:
    failing = ScriptedLanguageModel(LanguageModelError("Away.", reason=ModelFailure.UNAVAILABLE, model="m"))

    async def open_model(judge: JudgeModel) -> LanguageModel:
        return failing

    said = UserSays(
        text="/order_cake", assertions=(JudgedAssertion(question="relevant", utter_name="utter_no_cake"),)
    )
    case = TestCase(name="c", file="f.yml", steps=(said,), judge=NAMED)
    report = await run_e2e(definition, [case], judges=JudgePanel(LocalJudge(), open_model))
    assert report.results[0].outcome is Outcome.NOT_JUDGED
    assert "gave no answer: Away." in report.results[0].unjudged[0].reason
