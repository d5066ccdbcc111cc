"""Whether a message asks to know something in general, or wants something done."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

import msgspec

from duologue.understanding.lexicon.general_questions import GENERAL_OPENINGS, OWN_AFFAIRS, WISHES
from duologue.understanding.message_form import choices_of, is_pleasantry, is_question
from duologue.understanding.text_features import fold_in_place

_GENERAL, _OPEN_QUESTION, _OWN, _WISH = 0.85, 0.5, 0.35, 0.5


class MessageKind(msgspec.Struct, frozen=True, kw_only=True):
    """What kind of message it is; each number goes from 0 to 1 and says nothing about the flows."""

    asks_generally: float
    """Asks for general knowledge: what something is, costs or requires, how it works, why, whether it is possible."""
    is_small_talk: float
    """Is said to be polite or for fun."""


def judge_message(text: str, *, languages: Sequence[str] = ("en",)) -> MessageKind:
    """What kind of message it is, by its form alone."""
    plain = fold_in_place(text).strip()
    patterns = _patterns(tuple(languages))
    return MessageKind(
        asks_generally=_weigh_question(plain, patterns, languages),
        is_small_talk=float(is_pleasantry(text, languages=languages)),
    )


def _weigh_question(plain: str, patterns: "_Patterns", languages: Sequence[str]) -> float:
    opens = bool(patterns.opening.search(plain))
    asks = opens or is_question(plain, languages=languages)
    if not asks:
        return 0.0
    weight = _GENERAL if opens else _OPEN_QUESTION
    if patterns.own.search(plain):
        weight -= _OWN
    if patterns.wish.search(plain):
        weight -= _WISH
    return max(0.0, round(weight, 2))


class _Patterns(msgspec.Struct, frozen=True):
    opening: re.Pattern[str]
    own: re.Pattern[str]
    wish: re.Pattern[str]


@lru_cache(maxsize=32)
def _patterns(languages: tuple[str, ...]) -> _Patterns:
    def compile_table(table: Mapping[str, str], before: str) -> re.Pattern[str]:
        return re.compile(rf"{before}(?:{choices_of(dict(table), languages)})(?!\w)")

    return _Patterns(
        opening=compile_table(
            GENERAL_OPENINGS, r"(?:^|[.!?,;]\s+|\b(?:and|but|so|und|aber|hi|hello|hallo)\s+)\W*"
        ),
        own=compile_table(OWN_AFFAIRS, r"(?<!\w)"),
        wish=compile_table(WISHES, r"(?<!\w)"),
    )
