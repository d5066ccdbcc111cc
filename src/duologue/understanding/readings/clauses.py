"""The parts of a message that may each be a wish of its own."""

import re
from collections.abc import Sequence
from functools import lru_cache

from duologue.understanding.lexicon.joints import LOOSE_JOINTS, STRONG_JOINTS
from duologue.understanding.message_form import choices_of
from duologue.understanding.text_features import fold_in_place

_MOST_CLAUSES = 6
_LONGEST = 600


def split_strongly(text: str, *, languages: Sequence[str]) -> list[str]:
    """Parts with a full stop, `and then` or `also` between them."""
    return _split(text, _strong(tuple(languages)))


def split_loosely(text: str, *, languages: Sequence[str]) -> list[str]:
    """Parts with as little as an `and` or a comma between them."""
    return _split(text, _loose(tuple(languages)))


def _split(text: str, joint: re.Pattern[str]) -> list[str]:
    plain = fold_in_place(text[:_LONGEST])
    parts: list[str] = []
    start = 0
    for match in joint.finditer(plain):
        parts.append(text[start : match.start()])
        start = match.end()
        if len(parts) == _MOST_CLAUSES:
            break
    parts.append(text[start:])
    said = (_drop_joint(part.strip(_MARKS), joint) for part in parts)
    return [part for part in said if any(char.isalnum() for char in part)]


_MARKS = " ,.;:!?-"


def _drop_joint(part: str, joint: re.Pattern[str]) -> str:
    """A sentence may open with what joins it to the one before: `Also, order a new one`."""
    opening = joint.match(" " + fold_in_place(part))
    return part[opening.end() - 1 :].strip(_MARKS) if opening else part


@lru_cache(maxsize=32)
def _strong(languages: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"[.!?;]++\s+|\s*\n\s*|[\s,]+(?:{choices_of(STRONG_JOINTS, languages)})\b[\s,]*")


@lru_cache(maxsize=32)
def _loose(languages: tuple[str, ...]) -> re.Pattern[str]:
    joints = f"{choices_of(STRONG_JOINTS, languages)}|{choices_of(LOOSE_JOINTS, languages)}"
    return re.compile(rf"[.!?;]++\s+|\s*\n\s*|[\s,]+(?:{joints})\b[\s,]*|,\s+")
