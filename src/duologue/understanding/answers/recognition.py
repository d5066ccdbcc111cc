"""One door to all recognisers: the answer of a given kind in a message."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import assert_never

import msgspec

from duologue.understanding.answers.amount import recognise_amount
from duologue.understanding.answers.answer import Answer, Recognition
from duologue.understanding.answers.answer_kind import AnswerKind
from duologue.understanding.answers.choice import Choice, recognise_choice
from duologue.understanding.answers.date import recognise_date
from duologue.understanding.answers.email import recognise_email
from duologue.understanding.answers.free_text import recognise_free_text
from duologue.understanding.answers.identifier import recognise_identifier
from duologue.understanding.answers.number import recognise_number
from duologue.understanding.answers.person_name import recognise_person_name
from duologue.understanding.answers.phone import recognise_phone
from duologue.understanding.answers.time import recognise_time
from duologue.understanding.answers.yes_no import recognise_yes_no

_WITHOUT_ITS_FORM, _SENTENCE_WITHOUT_ITS_FORM = 0.8, 0.5
"""How much an answer counts that has not the form its kind expects: `savings` for an account number, or a sentence."""
_FEW_WORDS = 3


def recognise_answer(
    text: str,
    *,
    kind: AnswerKind,
    choices: Sequence[Choice] = (),
    languages: Sequence[str] = ("en",),
    today: date | None = None,
    prefer_past: bool = False,
    topic: Collection[str] = frozenset(),
) -> Recognition:
    """The answer of this kind in the message.

    `topic` are stems of the question (see `framing.topic_of`): words that are no surprise in its answer. An identifier
    or a name that has not its usual form is taken as it was said, with less confidence.
    """
    match kind:
        case AnswerKind.YES_NO:
            return recognise_yes_no(text, languages=languages, topic=topic)
        case AnswerKind.NUMBER:
            return recognise_number(text, languages=languages, today=today, topic=topic)
        case AnswerKind.AMOUNT:
            return recognise_amount(text, languages=languages, today=today, topic=topic)
        case AnswerKind.DATE:
            return recognise_date(
                text, languages=languages, today=today, prefer_past=prefer_past, topic=topic
            )
        case AnswerKind.TIME:
            return recognise_time(text, languages=languages, today=today, topic=topic)
        case AnswerKind.EMAIL:
            return recognise_email(text, languages=languages, topic=topic)
        case AnswerKind.PHONE:
            return recognise_phone(text, languages=languages, topic=topic)
        case AnswerKind.IDENTIFIER:
            return recognise_identifier(text, languages=languages, topic=topic) or _as_said(
                text, languages, topic
            )
        case AnswerKind.PERSON_NAME:
            return recognise_person_name(text, languages=languages, topic=topic) or _as_said(
                text, languages, topic
            )
        case AnswerKind.CHOICE:
            return recognise_choice(text, choices=choices, languages=languages, topic=topic)
        case AnswerKind.FREE_TEXT:
            return recognise_free_text(text, languages=languages, topic=topic)
        case _:
            assert_never(kind)


def _as_said(text: str, languages: Sequence[str], topic: Collection[str]) -> Answer | None:
    said = recognise_free_text(text, languages=languages, topic=topic)
    if said is None or recognise_yes_no(text, languages=languages):
        return None
    factor = _WITHOUT_ITS_FORM if len(str(said.value).split()) <= _FEW_WORDS else _SENTENCE_WITHOUT_ITS_FORM
    return msgspec.structs.replace(said, confidence=round(said.confidence * factor, 3))
