"""The lines of a test become commands, in whichever language they are written; a slip is named at its line."""

import pytest

from duologue.core import commands as cmd
from duologue.core.commands import Command
from duologue.project.definition import AssistantDefinition
from duologue.project.du_tests import CommandLine, DuTestCase, DuTurn
from duologue.project.e2e_tests import TestCase, UserSays
from duologue.testing.du.expected import ExpectationReading, parse_expectations


def parse(definition: AssistantDefinition, *lines: str) -> ExpectationReading:
    written = tuple(
        CommandLine(text=text, file="t.yml", line=number + 7) for number, text in enumerate(lines)
    )
    turn = DuTurn(said=UserSays(text="hi"), commands=written)
    case = DuTestCase(case=TestCase(name="t", file="t.yml"), turns=(turn,))
    return parse_expectations([case], definition)


@pytest.mark.parametrize(
    ("lines", "commands"),
    [
        (
            ["StartFlow(order_coffee)", "SetSlot(size, large)"],
            (cmd.StartFlow(flow="order_coffee"), cmd.SetSlot(name="size", value="large")),
        ),
        (
            ["start flow order_coffee", "set slot is_member true"],
            (cmd.StartFlow(flow="order_coffee"), cmd.SetSlot(name="is_member", value=True)),
        ),
        (["search and reply"], (cmd.KnowledgeAnswer(),)),
        (["provide info", "offtopic reply"], (cmd.KnowledgeAnswer(), cmd.ChitChat())),
        (["Clarify()"], (cmd.Clarify(),)),
        (
            ["disambiguate flows order_coffee order_cake"],
            (cmd.Clarify(options=("order_coffee", "order_cake")),),
        ),
        (["cannot handle"], (cmd.CannotHandle(),)),
        ([], ()),
    ],
)
def test_all_three_command_languages_are_read(
    definition: AssistantDefinition, lines: list[str], commands: tuple[Command, ...]
) -> None:
    reading = parse(definition, *lines)
    assert reading.problems == ()
    assert reading.cases[0].turns[0].commands == commands


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("strat flow order_coffee", "`strat flow order_coffee` is no command. Did you mean `start flow`?"),
        ("SetSolt(size, large)", "is no command. Did you mean `SetSlot`?"),
        ("coffee, please", "is no command. Commands begin with start flow, "),
        ("start flow order_cofee", "There is no flow `order_cofee`. Did you mean `order_coffee`?"),
        ("Clarify(order_coffee, order_tea)", "There is no flow `order_tea`."),
        ("set slot sise large", "There is no slot `sise`. Did you mean `size`?"),
        ("start flow pattern_completed", "There is no flow `pattern_completed`."),
    ],
)
def test_a_slip_is_named_at_its_line(definition: AssistantDefinition, line: str, told: str) -> None:
    (problem,) = parse(definition, "cancel flow", line).problems
    assert problem.format().startswith("t.yml:8: error: ")
    assert told in problem.format()


def test_a_message_without_commands_is_not_judged(definition: AssistantDefinition) -> None:
    case = DuTestCase(case=TestCase(name="t", file="t.yml"), turns=(DuTurn(said=UserSays(text="hi")),))
    assert parse_expectations([case], definition).cases[0].turns[0].commands is None
