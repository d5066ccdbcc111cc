"""The form of a message: whether it asks, requests, greets, and how many sentences it has."""

import re
from collections.abc import Sequence
from functools import lru_cache

from duologue.understanding.lexicon.message_openings import (
    GOODBYES,
    GREETINGS,
    QUESTION_OPENINGS,
    REQUESTS,
    THANKS,
)
from duologue.understanding.text_features import fold_in_place

_LEAD = r"^\W*(?:(?:hi|hello|hey|hallo|ok|okay|so|and|but|und|aber|also|well|um|oh|wait|sorry|please|bitte|no|yes|moment|ah|then|dann|hang on|hold on|one moment|just a (?:second|moment|minute)|first|before (?:that|this|i decide|we go on)|by the way|btw|quick question|actually|warte|halt|ach|erst|vorher|ubrigens)\b[\s,.!]*)*"


def is_question(text: str, *, languages: Sequence[str] = ("en",)) -> bool:
    """Whether the message asks something: by its mark or by its first words."""
    plain = fold_in_place(text).strip()
    return plain.endswith("?") or bool(_openings(tuple(languages)).match(plain))


def is_request(text: str, *, languages: Sequence[str] = ("en",)) -> bool:
    """Whether the message asks for something to be done."""
    return bool(_requests(tuple(languages)).search(fold_in_place(text).strip()))


def is_pleasantry(text: str, *, languages: Sequence[str] = ("en",)) -> bool:
    """Whether the message is only a greeting, thanks or goodbye."""
    return bool(_pleasantries(tuple(languages)).fullmatch(fold_in_place(text).strip()))


def sentence_count(text: str) -> int:
    """How many sentences the message has, at least one."""
    return max(1, len([part for part in re.split(r"[.!?]+(?:\s+|$)|\n+", text) if part.strip()]))


def choices_of(table: dict[str, str], languages: Sequence[str]) -> str:
    """One regular expression for the entries of several languages."""
    return "|".join(f"(?:{table[language]})" for language in languages if language in table) or r"(?!)"


@lru_cache(maxsize=32)
def _openings(languages: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"{_LEAD}(?:{choices_of(QUESTION_OPENINGS, languages)})\b")


@lru_cache(maxsize=32)
def _requests(languages: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?:\b|^)(?:{choices_of(REQUESTS, languages)})")


@lru_cache(maxsize=32)
def _pleasantries(languages: tuple[str, ...]) -> re.Pattern[str]:
    said = "|".join(choices_of(table, languages) for table in (GREETINGS, THANKS, GOODBYES))
    return re.compile(rf"\W*(?:{said})(?:[\s,.!¿¡]+(?:{said})\b){{0,4}}\W*")
