"""Where something comes from and where it goes: `from savings`, `to Berlin`, `account_from`."""

import re
from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache

from duologue.understanding.answers.answer import Span
from duologue.understanding.lexicon.calendar_words import MONTHS, RELATIVE_DAYS, WEEKDAYS
from duologue.understanding.lexicon.function_words import GENERIC_WORDS, STOP_WORDS
from duologue.understanding.lexicon.spotting_words import NO_PLACES
from duologue.understanding.text_features import fold_in_place, split_identifier, tokenise, words_in


class Side(StrEnum):
    """One end of a movement."""

    FROM = "from"
    TO = "to"


_SLOT_WORDS: dict[Side, frozenset[str]] = {
    Side.FROM: frozenset(
        [
            "from",
            "source",
            "origin",
            "departure",
            "sender",
            "start",
            "von",
            "absender",
            "abfahrt",
            "abflug",
            "herkunft",
            "quelle",
            "old",
            "previous",
            "former",
            "bisheriger",
            "alter",
        ]
    ),
    Side.TO: frozenset(
        [
            "to",
            "destination",
            "recipient",
            "target",
            "payee",
            "receiver",
            "arrival",
            "beneficiary",
            "nach",
            "an",
            "ziel",
            "empfanger",
            "ankunft",
        ]
    ),
}
_SAID: dict[Side, str] = {
    Side.FROM: r"from|out of|von|vom|aus",
    Side.TO: r"to|into|towards|nach|auf|an|zum|zur",
}
_OWNER = r"(?:(?:my|the|our|your|a|an|meinem|meiner|mein|dem|der|den|das|die)\s+)?"
_BEFORE = {side: re.compile(rf"\b(?:{words})\s+{_OWNER}(?:[\w-]+\s+)?$") for side, words in _SAID.items()}
_PLACE = {side: re.compile(rf"\b(?:{words})\s+{_OWNER}(?=\w)") for side, words in _SAID.items()}
_LONGEST_PLACE = 3
_KIND_WORDS = frozenset({"account", "konto"})


def side_of(slot_name: str) -> Side | None:
    """The side that a slot's name speaks of; None for neither or both."""
    words = set(split_identifier(slot_name))
    sides = [side for side, side_words in _SLOT_WORDS.items() if words & side_words]
    return sides[0] if len(sides) == 1 else None


def side_before(text: str, start: int) -> Side | None:
    """The side that the words just before this place speak of."""
    ahead = fold_in_place(text[:start])
    return next((side for side, pattern in _BEFORE.items() if pattern.search(ahead)), None)


def find_place(text: str, side: Side, *, languages: Sequence[str]) -> Span | None:
    """The words after `from` or `to`, when they can be the name of a place or an account; None unless there is one."""
    plain = fold_in_place(text)
    found: list[Span] = []
    for match in _PLACE[side].finditer(plain):
        is_owned = match[0].rstrip().count(" ") > 0
        if span := _place_at(text, match.end(), is_owned or side is Side.FROM, tuple(languages)):
            found.append(span)
    return found[0] if len(found) == 1 else None


_STREET = re.compile(
    r"(?:\s+\w+){0,3}?\s+\w*(?:street|st|avenue|ave|road|rd|drive|dr|lane|ln|way|boulevard|blvd|close|row|court|place|square|view|terrace|crescent|hill|highway|parkway|gardens?|grove|strasse|weg|platz|gasse|allee|rue)\b"
)


def is_house_number(text: str, span: Span) -> bool:
    """Whether a number opens an address: `659 Merchant Street`."""
    return _STREET.match(fold_in_place(text[span[1] : span[1] + 60])) is not None


_IN = re.compile(
    r"\b(?:in|near|around|close to|bei|nahe|en|a|em|te)\s+(?:(?:the|downtown|central|city of|der|dem)\s+)?(?=\w)"
)
_LOCAL_SIDES = frozenset({"en", "a", "bei", "te", "em"})


def find_locations(text: str, *, languages: Sequence[str]) -> list[Span]:
    """The names of places after `in`, `near` and their like: capitalised, or uncommon words where nothing is."""
    plain = fold_in_place(text)
    is_lower = text == text.lower()
    found: list[Span] = []
    for match in _IN.finditer(plain):
        if not (is_lower or text[match.end()].isupper()):
            continue
        if is_lower and match[0].split()[0] in _LOCAL_SIDES:
            continue
        span = _place_at(text, match.end(), True, tuple(languages))
        if span and plain[slice(*span)].split()[0] not in NO_PLACES and not text[span[0]].isdigit():
            found.append(span)
    return found


_SPOT = re.compile(
    r"\b(?:on|at|in|across|near|behind|by|outside|under|opposite|along|inside|next to|in front of|auf|am|an|im|in|bei|vor|hinter|neben|unter)\s+"
    r"(?:the|a|an|my|our|der|dem|den|die|das|einer|einem|einen|meinem|meiner|unserem|unserer)\s+(?P<spot>[^,.;!?]+?)"
    r"(?=[,.;!?]|\s*$|\s+(?:and|but|when|while|since|because|this|last|yesterday|today|und|aber|als|weil|gestern|heute)\b)"
)
_LONGEST_SPOT = 60


def find_spots(text: str) -> list[Span]:
    """Places that are described: `the number 5 bus` of `left it on the number 5 bus`; what tells a time is none."""
    plain = fold_in_place(text[:_LONGEST_TEXT])
    return [
        match.span("spot")
        for match in _SPOT.finditer(plain)
        if len(match["spot"]) <= _LONGEST_SPOT
        and match["spot"].split()[0] not in NO_PLACES | _TIMES
        and not match["spot"][0].isdigit()
    ]


_LONGEST_TEXT = 500
_TIMES = frozenset(
    {
        "moment",
        "weekend",
        "week",
        "month",
        "year",
        "night",
        "beginning",
        "same",
        "way",
        "phone",
        "internet",
        "wochenende",
    }
)


def _place_at(text: str, start: int, may_be_plain: bool, languages: tuple[str, ...]) -> Span | None:
    # `to transfer` is a verb: without an owner only a capital or a digit makes a place after `to`.
    if not may_be_plain and not (text[start].isupper() or text[start].isdigit()):
        return None
    ordinary = _ordinary_words(languages)
    run: list[tuple[str, int, int]] = []
    for token in tokenise(text[start:])[:_LONGEST_PLACE]:
        place = (token.word, start + token.start, start + token.end)
        if token.word in ordinary or (run and text[run[-1][2] : place[1]].strip()):
            break
        run.append(place)
    if len(run) > 1 and run[-1][0] in _KIND_WORDS:
        run.pop()
    return (run[0][1], run[-1][2]) if run else None


@lru_cache(maxsize=32)
def _ordinary_words(languages: tuple[str, ...]) -> frozenset[str]:
    # `current` names an account as often as it fills a sentence.
    words = (
        words_in(STOP_WORDS, languages) | words_in(GENERIC_WORDS, languages) | MONTHS.keys() | WEEKDAYS.keys()
    )
    return frozenset(words | set(RELATIVE_DAYS) | {"now", "immediately", "sofort"}) - {"current", "new"}
