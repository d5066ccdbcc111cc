import copy
import pickle
from typing import Any

import pytest

from duologue.flows.conditions import (
    Comparison,
    ConditionError,
    TemplatedCondition,
    parse_condition,
)


def holds(text: str | bool, context: dict[str, Any] | None = None, **slots: Any) -> bool:
    return parse_condition(text).is_true(slots, context or {})


def error_of(text: str) -> str:
    with pytest.raises(ConditionError) as caught:
        parse_condition(text)
    return caught.value.message


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        ("slots.amount > 100 and slots.account == 'savings'", {"amount": 150.0, "account": "savings"}),
        ('slots.confirm_human_handoff is "Yes"', {"confirm_human_handoff": "Yes"}),
        ("slots.claim_status = 4", {"claim_status": 4}),
        ("slots.remove_contact_confirmation is not true", {"remove_contact_confirmation": None}),
        ("not slots.payee_exists", {"payee_exists": False}),
        ("replacement_reason == 'damaged'", {"replacement_reason": "damaged"}),
        ("end_date < start_date", {"end_date": "2024-01-01", "start_date": "2024-02-01"}),
        (
            'not ({"direct debit" "standing order"} contains payment_type)',
            {"payment_type": "cheque"},
        ),
        (r'slots.day matches "^(0[1-9]|1[0,1,2])\/(19|20)\d{2}$"', {"day": "07/2024"}),
        ("slots.city matches '(?i)^par'", {"city": "Paris"}),
        ("slots.tags contains 'vip'", {"tags": ["new", "vip"]}),
        ("slots.letter contains 'urgent'", {"letter": "this is urgent"}),
        ("slots.größe = 'xl'", {"größe": "xl"}),
        ("slots.order-id = '7'", {"order-id": "7"}),
        ("slots.order.lines.first = 'tea'", {"order": {"lines": {"first": "tea"}}}),
        ("order.id = 7", {"order.id": 7}),
        ("slots.name is empty", {"name": ""}),
        ("slots.name is null", {"name": None}),
        ("slots.name is undefined", {}),
        ("slots.a = 1 # the usual case\n or slots.a = 2", {"a": 2}),
        ("NOT slots.a AND slots.b IS NOT Null", {"a": "", "b": 1}),
        ("(slots.a or slots.b) = true", {"a": "x"}),
    ],
)
def test_a_condition_of_a_project_is_true(text: str, slots: dict[str, Any]) -> None:
    assert holds(text, **slots)


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        ("slots.amount > 100", {"amount": None}),
        ("slots.amount > 100", {}),
        ("slots.amount > 100", {"amount": "150"}),
        ("slots.amount <= 100", {"amount": [1]}),
        ("slots.name is empty", {"name": None}),
        ("slots.name = 5", {"name": "5"}),
        ("slots.name contains 5", {"name": "5"}),
        ("{slots.list 'a'} contains slots.list", {"list": ["a"]}),
        ("slots.name.first = 'a'", {"name": "first"}),
        ("slots.amount matches '5'", {"amount": 5}),
        ("slots.city = Paris", {"city": "Paris"}),
        ("undefined", {}),
    ],
)
def test_values_that_do_not_go_together_make_a_condition_false(text: str, slots: dict[str, Any]) -> None:
    assert not holds(text, **slots)


def test_and_and_or_bind_equally_and_to_the_right() -> None:
    assert not holds("slots.a and slots.b or slots.c", a=False, b=True, c=True)
    assert holds("(slots.a and slots.b) or slots.c", a=False, b=True, c=True)
    assert holds("slots.a or slots.b and slots.c", a=True, b=False, c=False)


def test_a_guard_may_be_a_yaml_boolean_and_is_known_to_be_constant() -> None:
    assert holds(True)
    assert not holds(False)
    assert parse_condition(False).is_constant is False
    assert parse_condition("1 = 1").is_constant is True
    assert parse_condition("slots.a").is_constant is None


def test_the_context_of_the_top_frame_can_be_asked() -> None:
    context = {"previous_flow_name": "replace card"}
    assert holds("context.previous_flow_name == 'replace card'", context)
    assert not holds("context.previous_flow_name == 'replace card'", previous_flow_name="replace card")


def test_bare_names_stand_for_slots_only_where_that_is_asked_for() -> None:
    assert parse_condition("done").is_true({"done": True}, {})
    assert not parse_condition("done", bare_names_are_slots=False).is_true({"done": True}, {})


def test_a_condition_tells_its_names_and_where_they_stand() -> None:
    condition = parse_condition("slots.amount > 5 and not (context.x.y = done)")
    names = [(name.namespace, name.name, name.path, name.is_bare, name.position) for name in condition.names]
    assert names == [
        ("slots", "amount", (), False, 0),
        ("context", "x", ("y",), False, 26),
        ("slots", "done", (), True, 40),
    ]


def test_a_condition_tells_which_literals_its_names_are_compared_with() -> None:
    condition = parse_condition("5 < slots.a and not slots.b is 'x' and {'p' 2} contains c or d matches '^y'")
    assert [(each.name, each.operator, each.value) for each in condition.comparisons] == [
        ("a", ">", 5.0),
        ("b", "=", "x"),
        ("c", "in", "p"),
        ("c", "in", 2.0),
        ("d", "matches", "^y"),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "The condition at column 1 is empty; write one such as slots.name == 'text'."),
        (
            "slots.a = ",
            "The condition ends too early at column 10; a value, a name or a condition is missing.",
        ),
        ("slots.a === 5", "'===' is no operator at column 9; write one of == != < <= > >=."),
        ("slots.a <> 5", "'<>' is no operator at column 9; write '!='."),
        ("slots.a && slots.b", "'&&' at column 9 has no meaning in a condition; write 'and' instead."),
        (
            "slots.a = 'x",
            "The text that opens with ' at column 11 is never closed; close it, or use \" around a text that holds '.",
        ),
        (
            "slots.a = two words",
            "'words' is unexpected at column 15; join conditions with 'and' or 'or', compare with '==', and put quotes around text.",
        ),
        ("slots.a in {'x' 'y'}", "'in' is no operator at column 9; write {'a' 'b'} contains slots.name."),
        (
            "{'x', 'y'} contains slots.a",
            "',' at column 5 has no meaning in a condition; separate the members of a set with spaces, as in {'a' 'b'}.",
        ),
        ("{'x' 'y' contains slots.a", "The '{' at column 1 is never closed; add '}'."),
        (
            "slots.a contains {'x'}",
            "'contains' cannot look for this at column 18; put one text, number or name after it, and the set or list before it.",
        ),
        ("(slots.a = 5", "The '(' at column 1 is never closed; add ')'."),
        ("slots.a = 5)", "')' closes nothing at column 12; remove it or open it before."),
        (
            "1 < slots.a < 5",
            "A second comparison follows with '<' at column 13; join two comparisons with 'and', or put one in parentheses.",
        ),
        (
            "slots.a = not slots.b",
            "'not' cannot stand here at column 11; put it and its condition in parentheses, or write 'is not'.",
        ),
        ("slots.a matches 5", "'matches' needs a regular expression in quotes at column 17."),
        (
            "slots.a matches '[a-'",
            "The regular expression '[a-' cannot be read (unterminated character set at position 0) at column 17.",
        ),
        ("slots.a = 5\nand or slots.b", "A value or a name is expected before 'or' at line 2, column 5."),
        ("slots. = 5", "'slots.' is not a whole name at column 1; write one such as slots.name."),
        ("(" * 80 + "slots.a", "The condition is nested too deeply at column 65; split it into several."),
        (
            "{undefined} contains slots.a",
            "'undefined' cannot be in a set at column 2; a set holds texts, numbers, true, false, null and names.",
        ),
        (
            "slots.{{context.collect}} is no null",
            "'null' is unexpected at column 33; join conditions with 'and' or 'or', compare with '==', and put quotes around text.",
        ),
        (
            "slots.a = {{ 1 + }}",
            "The template 'slots.a = {{ 1 + }}' cannot be read at its line 1: unexpected 'end of print statement'.",
        ),
        (
            "slots.a matches 'a(?i)b'",
            "The regular expression 'a(?i)b' cannot be read (global flags not at the start of the expression at position 1) at column 17; put flags such as (?i) at its start.",
        ),
    ],
)
def test_a_mistake_is_told_in_one_sentence_with_its_place(text: str, message: str) -> None:
    assert error_of(text) == message


def test_an_error_carries_the_offset_of_the_mistake() -> None:
    with pytest.raises(ConditionError) as caught:
        parse_condition("slots.a = 1 and\n  slots.b slots.c")
    assert caught.value.position == 26


def test_a_very_long_row_of_alternatives_is_read_and_evaluated() -> None:
    text = " or ".join(f"slots.a = {number}" for number in range(600))
    assert holds(text, a=599)
    assert "longer than" in error_of(text + " or slots.a = 1" * 6000)


def test_a_condition_read_twice_is_the_same_and_can_be_copied_and_pickled() -> None:
    condition = parse_condition("slots.a = 5")
    assert parse_condition("slots.a = 5") is condition
    assert copy.deepcopy(condition) == condition
    assert pickle.loads(pickle.dumps(condition)).is_true({"a": 5}, {})


def test_jinja_is_rendered_before_the_condition_is_read() -> None:
    condition = parse_condition("slots.{{context.collect}} is not null")
    assert isinstance(condition, TemplatedCondition)
    assert condition.is_true({"amount": 5, "city": None}, {"collect": "amount"})
    assert not condition.is_true({"amount": 5, "city": None}, {"collect": "city"})
    assert holds("'{{context.reason}}' = 'cannot_handle_chitchat'", {"reason": "cannot_handle_chitchat"})
    assert holds("{% if context.x %}slots.a{% else %}slots.b{% endif %}", {"x": 1}, a=True, b=False)


def test_a_quote_in_a_value_cannot_break_out_of_a_templated_text() -> None:
    condition = "'{{slots.name}}' = 'root'"
    assert not holds(condition, name="O'Brien")
    assert not holds(condition, name="' = '' or '1' = '1")


def test_a_templated_condition_tells_the_names_that_stand_outside_its_templates() -> None:
    condition = parse_condition("slots.city = 'Paris' and slots.{{context.collect}} is not null")
    assert [(name.name, name.position) for name in condition.names] == [("city", 0)]
    assert condition.comparisons == (
        Comparison(namespace="slots", name="city", operator="=", value="Paris", position=0),
    )


def test_values_that_make_a_templated_condition_unreadable_are_reported() -> None:
    with pytest.raises(ConditionError, match="unexpected at column"):
        holds("slots.a = {{slots.words}}", words="two words")


@pytest.mark.parametrize(
    ("text", "held", "expected"),
    [
        ("slots.confirmed is not true", "true", False),
        ("slots.confirmed is true", "True", True),
        ("slots.confirmed == false", "false", True),
        ("slots.confirmed is true", "yes", False),
        ("slots.confirmed == 'true'", "true", True),
    ],
)
def test_a_text_slot_that_a_button_filled_with_a_truth_word_means_that_truth(
    text: str, held: str, expected: bool
) -> None:
    assert parse_condition(text).is_true({"confirmed": held}, {}) is expected
