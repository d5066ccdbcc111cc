"""End-to-end tests are read with everything they take from their surroundings."""

from pathlib import Path

import pytest

from duologue.project.e2e_reader import E2eReading, parse_target, read_e2e_tests
from duologue.project.e2e_tests import (
    ActionExecutedAssertion,
    BotDidNotUtterAssertion,
    BotSays,
    BotUtteredAssertion,
    BotUtters,
    ClarificationAssertion,
    ExpectedButton,
    FlowCancelledAssertion,
    FlowCompletedAssertion,
    FlowStartedAssertion,
    JudgedAssertion,
    JudgeModel,
    SlotExpectation,
    SlotsAreNotSet,
    SlotsAreSet,
    SlotsNotSetAssertion,
    SlotsSetAssertion,
    StubbedAction,
    TestCase,
    UserSays,
)
from tests.unit.project.written_project import write_project


def read(folder: Path, files: dict[str, str], target: str = "e2e", only: str | None = None) -> E2eReading:
    write_project(folder, files)
    return read_e2e_tests(folder / target, root=folder, only=only)


def test_all_steps_and_surroundings_of_a_test_case_are_read(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        {
            "e2e/test.yml": """\
                fixtures:
                  - premium: [{membership: premium}, {logged_in: true}]
                  - rich: {balance: 5}
                metadata:
                  - device: {os: linux}
                  - place: {city: Rome}
                stub_custom_actions:
                  check: {events: [{event: slot, name: a, value: 1}]}
                  pays::check: {responses: [{text: Done}]}
                  other::look: {}
                test_cases:
                  - test_case: pays
                    fixtures: [premium, rich]
                    metadata: device
                    steps:
                      - user: pay
                        metadata: place
                      - bot: |
                          Hello
                      - utter: utter_ask
                      - slot_was_set:
                          - amount
                          - city: Rome
                          - note: null
                      - slot_was_not_set: card
                """
        },
    )
    assert reading.problems.format() == ""
    assert reading.test_cases == (
        TestCase(
            name="pays",
            file="e2e/test.yml",
            line=12,
            fixtures=("premium", "rich"),
            slots={"membership": "premium", "logged_in": True, "balance": 5},
            metadata={"os": "linux"},
            stubs={"check": StubbedAction(responses=({"text": "Done"},))},
            steps=(
                UserSays(text="pay", metadata={"city": "Rome"}, line=16),
                BotSays(text="Hello", line=18),
                BotUtters(response="utter_ask", line=20),
                SlotsAreSet(
                    slots=(
                        SlotExpectation(name="amount", is_any_value=True),
                        SlotExpectation(name="city", value="Rome"),
                        SlotExpectation(name="note"),
                    ),
                    line=21,
                ),
                SlotsAreNotSet(slots=(SlotExpectation(name="card", is_any_value=True),), line=25),
            ),
        ),
    )


def test_all_assertions_are_read(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        {
            "e2e/test.yml": """\
                test_cases:
                  - test_case: a
                    steps:
                      - user: hi
                        assertions:
                          - flow_started: greet
                          - flow_started: {operator: any, flow_ids: [a, b]}
                          - flow_completed: {flow_id: a, flow_step_id: s}
                          - flow_cancelled: {flow_id: b}
                          - pattern_clarification_contains: [a, b]
                          - slot_was_set: [{name: x}, {name: y, value: null}]
                          - slot_was_not_set: [{name: z, value: 1}]
                          - action_executed: check
                          - bot_uttered: {utter_name: utter_a, text_matches: "h.*", buttons: [{title: Yes, payload: /y}]}
                          - bot_did_not_utter: {utter_name: utter_b}
                          - generative_response_is_relevant: {threshold: 0.9}
                          - generative_response_is_grounded: {threshold: 0.8, ground_truth: t, utter_source: P}
                """
        },
    )
    assert reading.problems.format() == ""
    (step,) = reading.test_cases[0].steps
    assert isinstance(step, UserSays)
    assert step.assertions == (
        FlowStartedAssertion(flow_ids=("greet",), line=6),
        FlowStartedAssertion(flow_ids=("a", "b"), operator="any", line=7),
        FlowCompletedAssertion(flow_id="a", step_id="s", line=8),
        FlowCancelledAssertion(flow_id="b", line=9),
        ClarificationAssertion(flow_ids=("a", "b"), line=10),
        SlotsSetAssertion(
            slots=(SlotExpectation(name="x", is_any_value=True), SlotExpectation(name="y")), line=11
        ),
        SlotsNotSetAssertion(slots=(SlotExpectation(name="z", value=1),), line=12),
        ActionExecutedAssertion(action="check", line=13),
        BotUtteredAssertion(
            utter_name="utter_a",
            text_matches="h.*",
            buttons=(ExpectedButton(title="Yes", payload="/y"),),
            line=14,
        ),
        BotDidNotUtterAssertion(utter_name="utter_b", line=15),
        JudgedAssertion(question="relevant", threshold=0.9, line=16),
        JudgedAssertion(question="grounded", threshold=0.8, ground_truth="t", utter_source="P", line=17),
    )


CASE = "test_cases:\n  - test_case: one\n    fixtures: [user]\n    steps: [{user: hi}]\n"


def test_the_nearest_conftest_wins_and_the_file_itself_before_it(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        {
            "conftest.yml": "fixtures: [{user: [{place: root}, {far: 1}]}, {other: [{a: 1}]}]\nllm_judge: {llm: {model: m}}\n",
            "e2e/conftest.yml": "fixtures: [{user: [{place: folder}]}]\n",
            "e2e/a.yml": CASE,
            "e2e/deep/b.yml": "fixtures: [{user: [{place: file}]}]\n" + CASE,
        },
    )
    assert [(case.file, case.slots) for case in reading.test_cases] == [
        ("e2e/a.yml", {"place": "folder"}),
        ("e2e/deep/b.yml", {"place": "file"}),
    ]
    assert reading.test_cases[0].judge == JudgeModel(place="conftest.yml:2", options={"model": "m"})


def test_one_test_case_can_be_chosen(tmp_path: Path) -> None:
    path, name = parse_target("e2e/a.yml::one")
    assert (path, name) == (Path("e2e/a.yml"), "one")
    cases = "test_cases:\n- {test_case: one, steps: [{user: a}]}\n- {test_case: two, steps: [{user: b}]}\n"
    reading = read(tmp_path, {"e2e/a.yml": cases}, str(path), name)
    assert [case.name for case in reading.test_cases] == ["one"]


def test_files_without_test_cases_are_passed_over_unless_asked_for(tmp_path: Path) -> None:
    files = {"e2e/stories.yml": "stories: []\n"}
    assert len(read(tmp_path, files).problems) == 0
    assert read(tmp_path, files, "e2e/stories.yml").problems.format() == (
        "e2e/stories.yml:1: error: The file has no `test_cases`."
    )


@pytest.mark.parametrize(
    ("case", "message"),
    [
        ("{steps: [{user: a}]}", "error: A test case has no `test_case:` with its name."),
        ("{test_case: a}", "error: The test case has no steps."),
        (
            "{test_case: a, steps: [{usr: a}, {user: b}]}",
            "error: A step of a test must be one of user, bot, utter, slot_was_set, slot_was_not_set. Did you mean `user`?",
        ),
        (
            "{test_case: a, fixtures: [premum], steps: [{user: a}]}",
            "error: There is no fixture `premum`. Did you mean `premium`?",
        ),
        ("{test_case: a, metadata: x, steps: [{user: a}]}", "error: There is no metadata `x`."),
        (
            "{test_case: a, steps: [{user: a, assertions: [{flow_strted: b}]}]}",
            "error: There is no assertion `flow_strted`. Did you mean `flow_started`?",
        ),
        (
            "{test_case: a, steps: [{user: a, assertions: [{bot_uttered: {}}]}]}",
            "error: The assertion `bot_uttered` says nothing that could be checked.",
        ),
        (
            "{test_case: a, steps: [{user: a, assertions: [{slot_was_set: [{value: 1}]}]}]}",
            "error: An entry of `slot_was_set` has no `name`.",
        ),
    ],
)
def test_what_is_not_right_in_a_test_is_named(tmp_path: Path, case: str, message: str) -> None:
    reading = read(tmp_path, {"e2e/a.yml": f"fixtures: [{{premium: []}}]\ntest_cases: [{case}]\n"})
    assert [problem.format() for problem in reading.problems] == [f"e2e/a.yml:2: {message}"]


@pytest.mark.parametrize(
    ("written", "group", "options"),
    [
        ("{llm: {model_group: big}, embeddings: {model_group: small}}", "big", {}),
        ("{llm: {provider: openai, model: m}}", None, {"provider": "openai", "model": "m"}),
        ("{api_type: openai, model: m, embeddings: {model: e}}", None, {"api_type": "openai", "model": "m"}),
    ],
)
def test_a_judge_is_a_group_or_a_model_of_its_own(
    tmp_path: Path, written: str, group: str | None, options: dict[str, str]
) -> None:
    files = {"conftest.yml": f"llm_judge: {written}\n", "e2e/a.yml": ONE_CASE}
    judge = read(tmp_path, files).test_cases[0].judge
    assert judge == JudgeModel(place="conftest.yml:1", model_group=group, options=options)


def test_a_judge_without_a_model_is_a_problem(tmp_path: Path) -> None:
    files = {"conftest.yml": "llm_judge: {llm: {provider: openai}}\n", "e2e/a.yml": ONE_CASE}
    assert "`llm_judge` names no model." in read(tmp_path, files).problems.format()


ONE_CASE = "test_cases: [{test_case: one, steps: [{user: hi}]}]\n"


@pytest.mark.parametrize(
    ("written", "kind"),
    [("kind: small_talk", "small talk"), ("kind: Slot", "slot"), ("", None), ("owner: team-7", None)],
)
def test_the_kind_of_a_case_can_be_named_and_other_keys_do_no_harm(
    tmp_path: Path, written: str, kind: str | None
) -> None:
    reading = read(tmp_path, {"e2e/a.yml": ONE_CASE.replace("steps:", f"{written}, steps:".lstrip(", "))})
    assert not reading.problems.has_errors
    assert reading.test_cases[0].kind == kind


def test_a_kind_that_is_none_is_warned_of(tmp_path: Path) -> None:
    reading = read(tmp_path, {"e2e/a.yml": ONE_CASE.replace("steps:", "kind: corection, steps:")})
    assert "There is no kind of test `corection`; it is ignored. Did you mean `correction`?" in (
        reading.problems.format()
    )


def test_a_threshold_lies_between_0_and_1(tmp_path: Path) -> None:
    judged = "{generative_response_is_grounded: {threshold: 90}}"
    step = f"{{user: hi, assertions: [{judged}]}}"
    reading = read(tmp_path, {"e2e/a.yml": ONE_CASE.replace("{user: hi}", step)})
    assert "`threshold` must lie between 0 and 1, not `90`" in reading.problems.format()


def test_a_case_can_have_stubs_of_its_own(tmp_path: Path) -> None:
    stubs = "stub_custom_actions: {check: {responses: [{text: Own}]}}"
    text = "stub_custom_actions: {check: {}, look: {}}\n" + ONE_CASE.replace("steps:", f"{stubs}, steps:")
    (case,) = read(tmp_path, {"e2e/a.yml": text}).test_cases
    assert case.stubs == {"check": StubbedAction(responses=({"text": "Own"},)), "look": StubbedAction()}


def test_results_of_a_run_in_a_folder_of_tests_are_no_tests_unless_they_are_named(tmp_path: Path) -> None:
    files = {"e2e/a.yml": ONE_CASE, "e2e/e2e_results_failed.yml": ONE_CASE}
    assert [case.file for case in read(tmp_path, files).test_cases] == ["e2e/a.yml"]
    assert len(read(tmp_path, files, target="e2e/e2e_results_failed.yml").test_cases) == 1
