"""E-mail addresses, telephone numbers, account numbers, handles and the like."""

import pytest

from duologue.understanding.answers.answer import AmbiguousAnswer, Answer
from duologue.understanding.answers.email import recognise_email
from duologue.understanding.answers.identifier import recognise_identifier
from duologue.understanding.answers.phone import recognise_phone


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("jo@example.org", "jo@example.org"),
        ("You can write to Jo.Doe@Example.co.uk.", "Jo.Doe@Example.co.uk"),
        ("jo dot doe at example dot com", "jo.doe@example.com"),
    ],
)
def test_an_email_address_is_found_typed_or_spelled_out(text: str, address: str) -> None:
    answer = recognise_email(text)
    assert isinstance(answer, Answer)
    assert answer.value == address
    assert answer.normalised == address.lower()
    assert answer.confidence >= 0.85


def test_two_addresses_are_ambiguous() -> None:
    assert isinstance(recognise_email("a@example.org or b@example.org"), AmbiguousAnswer)


def test_meeting_at_home_is_no_address() -> None:
    assert recognise_email("meet me at home.") is None


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("+49 170 1234567", "+491701234567"),
        ("+49 (0)170 1234567", "+491701234567"),
        ("0049 30 901820", "+4930901820"),
        ("(555) 123-4567", "5551234567"),
        ("my number is 0170/1234567", "01701234567"),
        ("five five five one two double three", "5551233"),
    ],
)
def test_telephone_numbers_are_normalised(text: str, digits: str) -> None:
    answer = recognise_phone(text)
    assert isinstance(answer, Answer)
    assert answer.normalised == digits


@pytest.mark.parametrize("text", ["12/12/2025", "12345", "no phone here"])
def test_what_is_no_telephone_number_is_none(text: str) -> None:
    assert recognise_phone(text) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12345678", "12345678"),
        ("1234 5678 9012 3456", "1234567890123456"),
        ("it's CLAIM1234", "CLAIM1234"),
        ("DE89 3704 0044 0532 0130 00", "DE89370400440532013000"),
        ("SW1A 1AA", "SW1A 1AA"),
        ("INV-2024-001", "INV-2024-001"),
        ("the handle is @bar_foo", "@bar_foo"),
        ("one two three double four", "12344"),
        ("take $50 from 12345678", "12345678"),
    ],
)
def test_identifiers_are_found(text: str, value: str) -> None:
    answer = recognise_identifier(text)
    assert isinstance(answer, Answer)
    assert answer.value == value


@pytest.mark.parametrize("text", ["at 5pm", "savings", "the 3rd", "write to jo1@example.org"])
def test_what_identifies_nothing_is_none(text: str) -> None:
    assert recognise_identifier(text) is None
