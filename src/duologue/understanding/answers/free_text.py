"""Free text: the answer itself, without what people say around it."""

import re
from collections.abc import Collection, Sequence
from functools import lru_cache

from duologue.understanding.answers.answer import Answer, Span
from duologue.understanding.lexicon.function_words import GENERIC_WORDS, STOP_WORDS
from duologue.understanding.lexicon.lead_ins import LEAD_INS, LINKS, OWNERS, PLACE_LEAD_INS, TRAILERS
from duologue.understanding.lexicon.small_words import PLACE_STEMS
from duologue.understanding.message_form import (
    choices_of,
    is_pleasantry,
    is_question,
    is_request,
    sentence_count,
)
from duologue.understanding.text_features import fold_in_place, words_in

_SHORT, _MEDIUM = 4, 12


def recognise_free_text(
    text: str, *, languages: Sequence[str] = ("en",), topic: Collection[str] = frozenset()
) -> Answer | None:
    """The message without lead-ins and politeness; None for questions, greetings and empty messages."""
    if is_question(text, languages=languages) or is_pleasantry(text, languages=languages):
        return None
    is_place = any(word in PLACE_STEMS for word in topic)
    extra = choices_of(PLACE_LEAD_INS, languages) if is_place else ""
    start, end = strip_lead_in(text, languages=languages, topic=topic, extra=extra)
    value = text[start:end]
    if not any(char.isalnum() for char in value):
        return None
    if is_place and (place := _place_inside(text, start, end, languages)) is not None:
        start, end = place
        value = text[start:end]
    # `please send it to 5 Oak Avenue`: the request is only the lead-in, when the rest is none.
    asked = value if start and len(value.split()) <= _MEDIUM else text
    return Answer(value=value, confidence=_confidence(asked, value, languages), span=(start, end))


_INSIDE = re.compile(
    r"\b(?:in|at|near|around|from|to|into|visit|visiting|nach|aus|bei|en|a|para|vers|naar|em)\s+(?:the\s+)?(?=\w)"
)


def _place_inside(text: str, start: int, end: int, languages: Sequence[str]) -> Span | None:
    """The capitalised name after the last `in` or `from` of a sentence; None for a message that is only a name."""
    said = text[start:end]
    first = fold_in_place(said).split(maxsplit=1)[:1]
    opens_sentence = (
        not said[:1].isalpha()
        or said[:1].islower()
        or first[0].strip(",.") in _sentence_starts(tuple(languages))
    )
    if said[:1].isdigit() or not opens_sentence:
        return None
    found: Span | None = None
    for match in _INSIDE.finditer(fold_in_place(text)):
        if (name := _CAPITALISED.match(text, match.end())) is not None:
            found = name.span()
    return found


@lru_cache(maxsize=32)
def _sentence_starts(languages: tuple[str, ...]) -> frozenset[str]:
    return (
        words_in(STOP_WORDS, languages)
        | words_in(GENERIC_WORDS, languages)
        | {"search", "somewhere", "ride", "drive"}
    )


_CAPITALISED = re.compile(
    r"(?:\d{1,5}[a-z]? )?[A-ZÄÖÜ][\w'-]*(?:[ ,]{1,2}(?:de |la |am |an der )?[A-ZÄÖÜ][\w'-]*){0,4}"
)


def strip_lead_in(
    text: str, *, languages: Sequence[str], topic: Collection[str] = frozenset(), extra: str = ""
) -> Span:
    """Where the answer stands once lead-ins and trailing politeness are off.

    `topic` are stems of the slot's own words, so that `the reference should be …` is a lead-in to a reference.
    """
    plain = fold_in_place(text)
    start, end = 0, len(plain)
    lead_in, trailer = _patterns(tuple(languages), extra)
    own = _topic_lead_in(tuple(languages), frozenset(topic))
    start = _skip(plain, start, " \t\n\"',.:;-")
    while (
        (match := lead_in.match(plain, start) or (own.match(plain, start) if own else None))
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


@lru_cache(maxsize=64)
def _patterns(languages: tuple[str, ...], extra: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    lead_ins = choices_of(LEAD_INS, languages) + (f"|{extra}" if extra else "")
    return re.compile(rf"(?:{lead_ins})"), re.compile(rf"(?:{choices_of(TRAILERS, languages)})\W*$")


@lru_cache(maxsize=256)
def _topic_lead_in(languages: tuple[str, ...], topic: frozenset[str]) -> re.Pattern[str] | None:
    """Only the slot's own words: `my phone is broken` is an answer, `the colour is red` to a colour is a lead-in."""
    words = "|".join(
        sorted(re.escape(word) for word in topic if len(word) >= 3 and word.isascii() and word.isalpha())
    )
    if not words:
        return None
    link = rf"(?:{choices_of(LINKS, languages)})"
    owner = choices_of(OWNERS, languages)
    return re.compile(rf"(?:(?:{owner})\s+)?(?:(?:{words})\w*\s+){{1,3}}{link}\s+")
