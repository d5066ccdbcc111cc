"""Lines of the log."""

import json
import logging

from duologue.cli.log_output import FieldFormatter, JsonFormatter
from duologue.core.errors import ActionError


def entry(**fields: object) -> logging.LogRecord:
    record = logging.makeLogRecord(
        {
            "name": "duologue.runtime",
            "levelno": 30,
            "levelname": "WARNING",
            "msg": "turn.failed",
            "created": 0,
        }
    )
    vars(record).update(fields)
    return record


def test_fields_follow_the_event_as_key_and_value() -> None:
    line = FieldFormatter(shows_personal=False).format(entry(flow="send money", count=2))
    assert line == '1970-01-01T00:00:00.000Z warning duologue.runtime turn.failed flow="send money" count=2'


def test_a_value_cannot_break_a_line_in_two() -> None:
    line = FieldFormatter(shows_personal=False).format(entry(reason="a\nforged line"))
    assert line.endswith('reason="a\\nforged line"')


def test_what_a_person_said_is_shown_only_where_it_is_asked_for() -> None:
    record = entry(**{"pii.text": "my secret"})
    assert "secret" not in FieldFormatter(shows_personal=False).format(record)
    assert "secret" in FieldFormatter(shows_personal=True).format(record)


def test_the_traceback_of_a_chain_of_errors_is_the_one_of_its_cause() -> None:
    try:
        try:
            raise ValueError("no such account")
        except ValueError as cause:
            raise RuntimeError("the action failed") from cause
    except RuntimeError as error:
        record = entry(exc_info=(RuntimeError, error, error.__traceback__))
    lines = FieldFormatter(shows_personal=False).format(record).splitlines()
    assert sum(line.startswith("Traceback") for line in lines) == 1
    assert lines[-2:] == ["ValueError: no such account", "  which became RuntimeError: the action failed"]
    assert FieldFormatter(shows_personal=True).format(record).count("Traceback") == 2


def test_an_error_that_says_all_by_its_text_needs_no_traceback() -> None:
    error = ActionError("The action 'pay' took longer than 2 s.", action_name="pay")
    record = entry(exc_info=(ActionError, error, None))
    lines = FieldFormatter(shows_personal=False).format(record).splitlines()
    assert lines[1:] == ["ActionError: The action 'pay' took longer than 2 s."]


def test_json_has_one_object_a_line() -> None:
    line = JsonFormatter(shows_personal=False).format(entry(flow="send money"))
    assert json.loads(line) == {
        "timestamp": "1970-01-01T00:00:00.000Z",
        "level": "warning",
        "logger": "duologue.runtime",
        "event": "turn.failed",
        "flow": "send money",
    }
