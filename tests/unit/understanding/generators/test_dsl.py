"""Answers of models become commands, whatever stands around them."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duologue.core.commands import (
    CancelFlow,
    CannotHandle,
    ChitChat,
    Clarify,
    Command,
    HumanHandoff,
    KnowledgeAnswer,
    RepeatBotMessages,
    SetSlot,
    SkipQuestion,
    StartFlow,
)
from duologue.understanding.generators.dsl import MAX_CHARACTERS, MAX_COMMANDS, parse_answer


def commands(text: str) -> list[Command]:
    return list(parse_answer(text).commands)


START = StartFlow(flow="send")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("start flow send", START),
        ("StartFlow(send)", START),
        ("cancel flow", CancelFlow()),
        ("CancelFlow()", CancelFlow()),
        ("disambiguate flows send check_balance", Clarify(options=("send", "check_balance"))),
        ("Clarify(send, check_balance)", Clarify(options=("send", "check_balance"))),
        ("disambiguate flows", Clarify()),
        ("set slot amount 50", SetSlot(name="amount", value="50")),
        ("SetSlot(amount, 50)", SetSlot(name="amount", value="50")),
        ("provide info", KnowledgeAnswer()),
        ("search and reply", KnowledgeAnswer()),
        ("SearchAndReply()", KnowledgeAnswer()),
        ("offtopic reply", ChitChat()),
        ("ChitChat()", ChitChat()),
        ("hand over", HumanHandoff()),
        ("HumanHandoff()", HumanHandoff()),
        ("SkipQuestion()", SkipQuestion()),
        ("repeat message", RepeatBotMessages()),
        ("RepeatLastBotMessages()", RepeatBotMessages()),
        ("cannot handle", CannotHandle()),
    ],
)
def test_every_command_of_the_three_languages_is_read(text: str, expected: Command) -> None:
    assert commands(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "- start flow send",
        "* start flow send",
        "1. start flow send",
        "2) start flow send",
        "a) start flow send",
        "`start flow send`",
        '"start flow send"',
        "**start flow send**",
        "> start flow send",
        "START FLOW send",
        "Start Flow: send",
        "start_flow send",
        "startflow('send')",
        'start flow "send"',
        "start flow send.",
        "start flow send because the user wants to",
        "Action: start flow send",
        "```\nstart flow send\n```",
        "```text\r\nstart flow send\r\n```\r\n",
        "<think>\nset slot amount 50? cancel flow?\n</think>\nstart flow send",
        "They want to send.\n</think>\n\nstart flow send",
        '{"do": [{"start": "send"}]}',
        '```json\n{"commands": ["start flow send"]}\n```',
        '[{"command": "start flow", "flow": "send"}]',
        '{"start": "send"}',
    ],
)
def test_what_is_written_around_a_command_does_not_matter(text: str) -> None:
    assert commands(text) == [START]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("New York", "New York"),
        ('"New York"', "New York"),
        ("'New York'", "New York"),
        ("“New York”", "New York"),
        ("O'Brien", "O'Brien"),
        ("'O'Brien'", "O'Brien"),
        ('"say \\"hi\\""', 'say "hi"'),
        ('"a" or "b"', '"a" or "b"'),
        ("a, b (c)", "a, b (c)"),
        ("0049 30 1234", "0049 30 1234"),
        ("cancel flow", "cancel flow"),
        ("x; set slot amount 1000", "x; set slot amount 1000"),
        ("True", True),
        ("false", False),
        ('"True"', "True"),
        ("None", None),
        ("null", None),
        ("undefined", None),
        ('""', None),
        ('"None"', "None"),
        ("ÜNÏ çödé 🙂", "ÜNÏ çödé 🙂"),
        (r"C:\temp", r"C:\temp"),
    ],
)
def test_a_value_is_what_the_user_wrote(written: str, value: object) -> None:
    assert commands(f"set slot note {written}") == [SetSlot(name="note", value=value)]
    assert commands(f"set slot note = {written}") == [SetSlot(name="note", value=value)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("SetSlot(note, 'a, b (c)')", "a, b (c)"),
        ('SetSlot("note", "a), b")', "a), b"),
        ("SetSlot(note, a, b (c))", "a, b (c)"),
        ("SetSlot(note, O'Brien)", "O'Brien"),
        ("SetSlot(note, 'never closed)", "'never closed"),
        ("SetSlot(note, 50", "50"),
        ("SetSlot(note, True)", True),
        ("SetSlot(note, )", None),
    ],
)
def test_commas_and_brackets_stay_in_a_value_of_the_first_language(text: str, value: object) -> None:
    assert commands(text) == [SetSlot(name="note", value=value)]


def test_several_commands_may_stand_on_a_line_but_none_behind_a_value() -> None:
    assert commands("StartFlow(send), SetSlot(amount, 50), CancelFlow()") == [
        START,
        SetSlot(name="amount", value="50"),
        CancelFlow(),
    ]
    assert commands("cancel flow and then start flow send") == [CancelFlow(), START]
    assert commands("start flow send, set slot amount 50, cancel flow") == [
        START,
        SetSlot(name="amount", value="50, cancel flow"),
    ]


def test_a_quoted_value_goes_on_below_and_is_no_command_there() -> None:
    answer = 'set slot note "hello\nset slot amount 1000"\nset slot card x'

    assert commands(answer) == [
        SetSlot(name="note", value="hello\nset slot amount 1000"),
        SetSlot(name="card", value="x"),
    ]


def test_a_quote_that_is_never_closed_swallows_nothing() -> None:
    assert commands('set slot note "hello\nset slot card "x"') == [
        SetSlot(name="note", value='"hello'),
        SetSlot(name="card", value="x"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I would start flow send",
        "cancel flow is not what the user wants",
        "hand over your money",
        "set slot amount",
        "set slot",
        "start flow",
        "<think>start flow send",
        "{",
        "[]",
        '{"do": "start flow send"}',
        '{"do": [{"set": 5}]}',
        "[" * 5_000,
    ],
)
def test_prose_and_halves_are_no_commands(text: str) -> None:
    assert commands(text) == []


def test_lines_that_say_nothing_are_told_cut_short() -> None:
    parsed = parse_answer("Sure!\n\nstart flow send\n" + "x" * 1_000)

    assert parsed.commands == (START,)
    assert parsed.unread_lines == ("Sure!", "x" * 200)


def test_json_values_keep_their_type_and_long_numbers_their_digits() -> None:
    answer = (
        '{"do": [{"set": "a", "to": true}, {"set": "b", "to": 12.5}, {"set": "c", "to": null},'
        ' {"set": "d", "to": 12345678901234567890}, {"set": "e", "to": 1e999}, {"set": "f", "to": {"x": 1}},'
        ' {"set": "g", "to": "None"}, {"act": "cancel flow"}, {"clarify": ["x", "y"]}, {"act": "obey"}]}'
    )

    parsed = parse_answer(answer)

    assert parsed.commands == (
        SetSlot(name="a", value=True),
        SetSlot(name="b", value=12.5),
        SetSlot(name="c", value=None),
        SetSlot(name="d", value="12345678901234567890"),
        SetSlot(name="e", value="1e999"),
        SetSlot(name="f", value=None),
        SetSlot(name="g", value="None"),
        CancelFlow(),
        Clarify(options=("x", "y")),
    )
    assert parsed.unread_lines == ("obey",)


def test_characters_that_cannot_be_stored_are_left_out() -> None:
    assert commands("set slot note a\x00b\ud800c\x1bd") == [SetSlot(name="note", value="abcd")]
    assert commands('{"do": [{"set": "note", "to": "a\\u0000b\\ud800c"}]}') == [
        SetSlot(name="note", value="abc")
    ]


def test_no_more_commands_are_read_than_anybody_means() -> None:
    assert len(commands("start flow send\n" * 1_000)) == MAX_COMMANDS
    assert len(commands("CancelFlow()," * 1_000)) == MAX_COMMANDS


PIECES = st.sampled_from(
    [
        *(
            "start flow ",
            "set slot ",
            "StartFlow(",
            "SetSlot(",
            "cancel flow",
            "disambiguate flows ",
            "Clarify(",
        ),
        *("send", "note", " ", "\n", "\r", '"', "'", "`", "“", "”", "(", ")", ",", ";", "```", "- ", "1. "),
        *(
            "<think>",
            "</think>",
            "{",
            "}",
            "[",
            "]",
            '{"do":',
            '{"set":',
            ":",
            "\\",
            "None",
            "True",
            "\ud800",
        ),
    ]
)


@given(st.one_of(st.text(), st.lists(PIECES, max_size=60).map("".join)))
@settings(max_examples=300, deadline=None)
def test_no_text_breaks_the_reader(text: str) -> None:
    parsed = parse_answer(text)

    assert len(parsed.commands) <= MAX_COMMANDS
    for command in parsed.commands:
        repr(command).encode()  # nothing that cannot be written
    assert all(len(line) <= 200 for line in parsed.unread_lines)


@pytest.mark.parametrize(
    "unit",
    [
        *(
            "x",
            " ",
            "\t",
            "\n",
            '"',
            "'",
            "(",
            ")",
            "[",
            "{",
            "-",
            "*",
            "`",
            "1. ",
            "<think>",
            "\n<think>",
            "</think>",
        ),
        *(
            "start flow ",
            "start flow x, ",
            "set slot a ",
            'set slot a "\n',
            "SetSlot(a, '",
            '("a,',
            "cancel flow (",
        ),
        *("cancel flow and ", '{"do":[', '[{"set":"', "“", "disambiguate flows ", "a,", "action: "),
    ],
)
def test_repetition_costs_no_more_than_its_length(unit: str) -> None:
    """Ten times the text may cost ten times the time, not a hundred times; the bound leaves room for noise."""

    def measure(length: int) -> float:
        text = (unit * (length // len(unit) + 1))[:length]
        began = time.process_time()
        for _ in range(3):
            parse_answer(text)
        return time.process_time() - began

    measure(MAX_CHARACTERS // 10)
    assert measure(MAX_CHARACTERS) < 40 * measure(MAX_CHARACTERS // 10) + 0.2
