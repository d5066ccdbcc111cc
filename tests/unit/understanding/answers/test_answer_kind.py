"""Which kind of answer a slot expects."""

import pytest

from duologue.understanding.answers.answer import Answer
from duologue.understanding.answers.answer_kind import AnswerKind, guess_answer_kind
from duologue.understanding.answers.recognition import recognise_answer


@pytest.mark.parametrize(
    ("slot_type", "name", "kind"),
    [
        ("bool", "anything", AnswerKind.YES_NO),
        ("categorical", "anything", AnswerKind.CHOICE),
        ("float", "amount", AnswerKind.AMOUNT),
        ("float", "num_people", AnswerKind.NUMBER),
        ("float", "number_of_guests", AnswerKind.NUMBER),
        ("text", "payment_date", AnswerKind.DATE),
        ("text", "geburtsdatum", AnswerKind.DATE),
        ("text", "update_reason", AnswerKind.FREE_TEXT),
        ("text", "incident_time", AnswerKind.TIME),
        ("text", "email", AnswerKind.EMAIL),
        ("text", "phoneNumber", AnswerKind.PHONE),
        ("text", "account_number", AnswerKind.IDENTIFIER),
        ("text", "kontonummer", AnswerKind.IDENTIFIER),
        ("text", "policy_num", AnswerKind.IDENTIFIER),
        ("text", "policy_name", AnswerKind.FREE_TEXT),
        ("text", "contact_handle", AnswerKind.IDENTIFIER),
        ("text", "iban", AnswerKind.IDENTIFIER),
        ("text", "recipient", AnswerKind.PERSON_NAME),
        ("text", "payee_name", AnswerKind.PERSON_NAME),
        ("text", "claim_description", AnswerKind.FREE_TEXT),
        ("text", "city", AnswerKind.FREE_TEXT),
        ("any", "amount", AnswerKind.AMOUNT),
    ],
)
def test_type_and_name_tell_the_kind(slot_type: str, name: str, kind: AnswerKind) -> None:
    assert guess_answer_kind(slot_type, name) is kind


@pytest.mark.parametrize(
    ("name", "description", "kind"),
    [
        ("account_from", "banking account number", AnswerKind.IDENTIFIER),
        ("starting", "the start date of the payment", AnswerKind.DATE),
        ("who", "the name of a person", AnswerKind.PERSON_NAME),
        ("reference", "a short note about the purpose", AnswerKind.FREE_TEXT),
        ("confirmed", "a yes or no answer", AnswerKind.YES_NO),
    ],
)
def test_the_description_helps_where_the_name_does_not(name: str, description: str, kind: AnswerKind) -> None:
    assert guess_answer_kind("text", name, description=description) is kind


def test_the_question_helps_where_nothing_else_does() -> None:
    assert guess_answer_kind("text", "when", question="What date suits you?") is AnswerKind.DATE


def test_buttons_make_a_choice() -> None:
    assert guess_answer_kind("text", "mood", has_choices=True) is AnswerKind.CHOICE


def test_an_identifier_without_its_form_is_taken_as_said_but_less_surely() -> None:
    number = recognise_answer("12345678", kind=AnswerKind.IDENTIFIER)
    word = recognise_answer("savings", kind=AnswerKind.IDENTIFIER)
    assert isinstance(number, Answer)
    assert isinstance(word, Answer)
    assert word.value == "savings"
    assert 0.6 < word.confidence < number.confidence


def test_a_refusal_is_no_name() -> None:
    assert recognise_answer("no thanks", kind=AnswerKind.PERSON_NAME) is None
