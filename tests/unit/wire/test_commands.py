"""Commands are written in full and read with tolerance."""

from typing import get_args

import pytest
from hypothesis import given, settings

from duologue.core.commands import CannotHandle, Command, CorrectSlots, SetSlot
from duologue.wire.commands import format_command, parse_command
from tests.unit.wire.generated_values import structs_of


@pytest.mark.parametrize("kind", get_args(Command), ids=lambda kind: kind.__name__)
def test_every_command_comes_back_as_it_went(kind: type[Command]) -> None:
    @given(structs_of(kind))
    @settings(max_examples=10, deadline=None)
    def check(command: Command) -> None:
        assert parse_command(format_command(command)) == command

    check()


def test_a_command_is_written_with_its_defaults() -> None:
    assert format_command(CannotHandle()) == {"command": "cannot handle", "reason": "cannot_handle_default"}
    assert format_command(CorrectSlots(corrected_slots=(SetSlot(name="a"),))) == {
        "command": "correct slots",
        "corrected_slots": [{"command": "set slot", "name": "a", "value": None, "extractor": "LLM"}],
    }


@pytest.mark.parametrize(
    "data",
    [None, "start flow", {}, {"command": "start flow"}, {"command": ["set slot"]}, {"command": "dance"}],
)
def test_what_is_not_in_the_vocabulary_is_no_command(data: object) -> None:
    assert parse_command(data) is None
