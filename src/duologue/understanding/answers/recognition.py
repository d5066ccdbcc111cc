"""One door to all recognisers: the answer of a given kind in a message."""

import re
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
from duologue.understanding.answers.framing import fillers_of
from duologue.understanding.answers.free_text import recognise_free_text
from duologue.understanding.answers.identifier import recognise_identifier
from duologue.understanding.answers.number import recognise_number
from duologue.understanding.answers.person_name import recognise_person_name
from duologue.understanding.answers.phone import recognise_phone
from duologue.understanding.answers.time import recognise_time
from duologue.understanding.answers.yes_no import recognise_yes_no
from duologue.understanding.lexicon.calendar_words import MONTHS
from duologue.understanding.text_features import tokenise

_WITHOUT_ITS_FORM, _SENTENCE_WITHOUT_ITS_FORM = 0.8, 0.5
"""How much an answer counts that has not the form its kind expects: `savings` for an account number, or a sentence."""
_FEW_WORDS = 3
_LONGEST = 1_000
"""Characters in which an answer with a form of its own is looked for."""


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
    if kind is not AnswerKind.FREE_TEXT:
        text = text[:_LONGEST]
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
            ) or _as_rough_date(text, languages)
        case AnswerKind.TIME:
            return recognise_time(text, languages=languages, today=today, topic=topic)
        case AnswerKind.EMAIL:
            return recognise_email(text, languages=languages, topic=topic) or _as_broken_address(text)
        case AnswerKind.PHONE:
            return recognise_phone(text, languages=languages, topic=topic) or _as_digits(text)
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


def _as_broken_address(text: str) -> Answer | None:
    """One word with an `@` is meant as an address, even one that cannot be."""
    said = text.strip()
    if "@" not in said or len(said.split()) != 1:
        return None
    return Answer(value=said, confidence=0.75, span=(0, len(text)))


def _as_rough_date(text: str, languages: Sequence[str]) -> Answer | None:
    """`in November`, `last summer`: says when, if not which day."""
    words = [token.word for token in tokenise(text)]
    ordinary = fillers_of(tuple(languages)) | {
        "in",
        "last",
        "this",
        "next",
        "early",
        "late",
        "mid",
        "im",
        "letzten",
        "diesen",
        "since",
        "until",
        "from",
        "seit",
        "ab",
        "bis",
    }
    rough = [word for word in words if word in MONTHS or word in _SEASONS]
    if len(rough) != 1 or any(
        word not in ordinary and word not in rough and not word.isdigit() for word in words
    ):
        return None
    said = text.strip(" .!")
    lead = _ROUGH_LEAD.match(said)
    return Answer(value=said[lead.end() :] if lead else said, confidence=0.7, span=(0, len(text)))


# `in November` is `November`; `last summer` says more than `summer`.
_ROUGH_LEAD = re.compile(r"(?:since|in|from|im|seit|ab)\s+(?=\w)", re.IGNORECASE)
_SEASONS = frozenset(
    {
        "spring",
        "summer",
        "autumn",
        "winter",
        "fruhling",
        "sommer",
        "herbst",
        "weihnachten",
        "christmas",
        "easter",
        "ostern",
    }
)


def _as_digits(text: str) -> Answer | None:
    """Digits and nothing else answer in the wrong length: the flow's own check tells the user so."""
    said = text.strip(" .!")
    if not said or not all(char.isdigit() or char in " +-/()" for char in said) or said.isalpha():
        return None
    return Answer(value=said, confidence=0.75, span=(0, len(text))) if any(map(str.isdigit, said)) else None


def _as_said(text: str, languages: Sequence[str], topic: Collection[str]) -> Answer | None:
    said = recognise_free_text(text, languages=languages, topic=topic)
    if said is None or recognise_yes_no(text, languages=languages):
        return None
    factor = _WITHOUT_ITS_FORM if len(str(said.value).split()) <= _FEW_WORDS else _SENTENCE_WITHOUT_ITS_FORM
    return msgspec.structs.replace(said, confidence=round(said.confidence * factor, 3))
