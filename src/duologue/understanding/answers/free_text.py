"""Free text: the answer itself, without what people say around it."""

import re
from collections.abc import Collection, Sequence
from functools import lru_cache

from duologue.understanding.answers.answer import Answer, Span
from duologue.understanding.lexicon.lead_ins import LEAD_INS, LINKS, OWNERS, TRAILERS
from duologue.understanding.message_form import (
    choices_of,
    is_pleasantry,
    is_question,
    is_request,
    sentence_count,
)
from duologue.understanding.text_features import fold_in_place

_SHORT, _MEDIUM = 4, 12


def recognise_free_text(
    text: str, *, languages: Sequence[str] = ("en",), topic: Collection[str] = frozenset()
) -> Answer | None:
    """The message without lead-ins and politeness; None for questions, greetings and empty messages."""
    if is_question(text, languages=languages) or is_pleasantry(text, languages=languages):
        return None
    start, end = strip_lead_in(text, languages=languages, topic=topic)
    value = text[start:end]
    if not any(char.isalnum() for char in value):
        return None
    return Answer(value=value, confidence=_confidence(text, value, languages), span=(start, end))


def strip_lead_in(
    text: str, *, languages: Sequence[str], topic: Collection[str] = frozenset(), extra: str = ""
) -> Span:
    """Where the answer stands once lead-ins and trailing politeness are off.

    `topic` are stems of the slot's own words, so that `the reference should be …` is a lead-in to a reference.
    """
    plain = fold_in_place(text)
    start, end = 0, len(plain)
    lead_in, trailer = _patterns(tuple(languages), frozenset(topic), extra)
    start = _skip(plain, start, " \t\n\"',.:;-")
    while (
        (match := lead_in.match(plain, start))
        and match.end() > start
        and plain[match.end() :].strip(" .!?\"'")
    ):
        start = _skip(plain, match.end(), " \t\n\"',:;")
    while (match := trailer.search(plain, start)) and match.start() > start:
        plain = plain[: match.start()]
    end = len(plain.rstrip(" \t\n\"',.!;"))
    return start, max(start, end)


def _skip(plain: str, start: int, chars: str) -> int:
    while start < len(plain) and plain[start] in chars:
        start += 1
    return start


def _confidence(text: str, value: str, languages: Sequence[str]) -> float:
    words = len(value.split())
    confidence = 0.9 if words <= _SHORT else 0.8 if words <= _MEDIUM else 0.65
    if is_request(text, languages=languages):
        confidence = min(confidence, 0.35)
    if (sentences := sentence_count(text)) > 1:
        confidence *= 0.9 if sentences == 2 else 0.75
    return round(confidence, 3)


@lru_cache(maxsize=256)
def _patterns(
    languages: tuple[str, ...], topic: frozenset[str], extra: str
) -> tuple[re.Pattern[str], re.Pattern[str]]:
    lead_ins = choices_of(LEAD_INS, languages) + (f"|{extra}" if extra else "")
    words = "|".join(
        sorted(re.escape(word) for word in topic if len(word) >= 3 and word.isascii() and word.isalpha())
    )
    if words:
        # Only the slot's own words: `my phone is broken` is an answer, `the colour is red` to a colour is a lead-in.
        link = rf"(?:{choices_of(LINKS, languages)})"
        lead_ins += rf"|(?:(?:{choices_of(OWNERS, languages)})\s+)?(?:(?:{words})\w*\s+){{1,3}}{link}\s+"
    return re.compile(rf"(?:{lead_ins})"), re.compile(rf"(?:{choices_of(TRAILERS, languages)})\W*$")
