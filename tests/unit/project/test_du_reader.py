"""Tests of understanding are read: the messages, the commands they mean, and what stands around them."""

from pathlib import Path

from duologue.project.du_reader import DuReading, read_du_tests
from duologue.project.du_tests import CommandLine
from duologue.project.e2e_tests import BotSays, BotUtters, SlotsAreSet
from tests.unit.project.written_project import write_project

FOLDER = "dialogue_understanding_tests"


def read(folder: Path, text: str, files: dict[str, str] | None = None, only: str | None = None) -> DuReading:
    write_project(folder, {f"{FOLDER}/test.yml": text, **(files or {})})
    return read_du_tests(folder / FOLDER, root=folder, only=only)


def test_messages_are_read_with_their_commands_and_what_is_expected_of_the_assistant(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        """\
        test_cases:
          - test_case: pays
            steps:
              - user: pay 5 to Anna
                commands:
                  - start flow pay
                  - set slot amount 5
              - utter: utter_ask
              - utter: placeholder_generated_answer
              - user: "yes"
                commands: []
              - bot: Done
              - slot_was_set: [paid]
              - user: bye
        """,
    )
    assert reading.problems.format() == ""
    (case,) = reading.test_cases
    pay, yes, bye = case.turns
    assert (case.name, case.file, case.line) == ("pays", f"{FOLDER}/test.yml", 2)
    assert pay.said.text == "pay 5 to Anna"
    assert pay.commands == (
        CommandLine(text="start flow pay", file=case.file, line=6),
        CommandLine(text="set slot amount 5", file=case.file, line=7),
    )
    assert [type(step) for step in pay.expected] == [BotUtters]
    assert yes.commands == ()
    assert [type(step) for step in yes.expected] == [BotSays, SlotsAreSet]
    assert bye.commands is None


def test_a_block_of_text_holds_a_command_a_line(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        """\
        test_cases:
          - test_case: pays
            steps:
              - user: pay
                commands: |
                  StartFlow(pay)

                  SetSlot(amount, 5)
        """,
    )
    commands = reading.test_cases[0].turns[0].commands
    assert [line.text for line in commands or ()] == ["StartFlow(pay)", "SetSlot(amount, 5)"]


def test_fixtures_metadata_and_stubs_are_those_of_end_to_end_tests(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        """\
        metadata: [{phone: {os: android}}]
        test_cases:
          - test_case: pays
            fixtures: [premium]
            metadata: phone
            steps:
              - user: pay
                commands: [start flow pay]
        """,
        {
            "conftest.yml": """\
                fixtures: [{premium: [{membership: premium}]}]
                stub_custom_actions: {action_pay: {events: []}}
                """
        },
    )
    case = reading.test_cases[0].case
    assert (case.slots, case.metadata, list(case.stubs)) == (
        {"membership": "premium"},
        {"os": "android"},
        ["action_pay"],
    )


def test_two_cases_with_one_name_keep_their_own_commands(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        """\
        test_cases:
          - test_case: twice
            steps: [{user: a, commands: [start flow a]}, {user: b, commands: [start flow b]}]
          - test_case: twice
            steps: [{user: c, commands: [start flow c]}]
        """,
    )
    written = [
        [line.text for turn in case.turns for line in turn.commands or ()] for case in reading.test_cases
    ]
    assert written == [["start flow a", "start flow b"], ["start flow c"]]


def test_one_case_is_chosen_by_its_name(tmp_path: Path) -> None:
    text = """\
        test_cases:
          - test_case: one
            steps: [{user: a, commands: [start flow a]}]
          - test_case: two
            steps: [{user: b, commands: [start flow b]}]
        """
    assert [case.name for case in read(tmp_path, text, only="two").test_cases] == ["two"]


def test_commands_that_are_no_lines_are_named_where_they_stand(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        """\
        test_cases:
          - test_case: pays
            steps:
              - user: pay
                commands:
                  - start flow: pay
          - test_case: asks
            steps:
              - user: ask
                commands:
                  flow: ask
        """,
    )
    assert [problem.format() for problem in reading.problems.errors] == [
        f"{FOLDER}/test.yml:6: error: A command of a test is a line of text, such as `start flow transfer_money`.",
        f"{FOLDER}/test.yml:10: error: `commands` must be a list, not a mapping.",
    ]


def test_a_test_that_judges_nothing_and_steps_before_the_first_message_are_warned_of(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        """\
        test_cases:
          - test_case: pays
            steps:
              - utter: utter_hello
              - user: pay
        """,
    )
    assert [problem.format() for problem in reading.problems] == [
        f"{FOLDER}/test.yml:2: warning: No `user` step of the test case `pays` has `commands`, so nothing is judged.",
        f"{FOLDER}/test.yml:4: warning: A test of understanding begins with a `user` step; what stands before it is ignored.",
    ]
