"""E-mail addresses, typed or spelled out."""

import re
from collections.abc import Collection, Sequence

from duologue.understanding.answers.answer import AmbiguousAnswer, Answer, Recognition, Span
from duologue.understanding.answers.framing import confidence_around

_TYPED = re.compile(r"(?<![\w.+-])[\w.!#$%&'*+/=?^`{|}~-]+@(?:[\w-]+\.)+[^\W\d_]{2,}(?![\w@])")
_SPOKEN = re.compile(
    r"(?<!\S)(?P<name>[\w+-]+(?:(?:\s+(?:dot|punkt|underscore|dash)\s+|\.)[\w+-]+)*)\s+(?:at|\(at\)|\[at\]|ät)\s+"
    r"(?P<host>[\w-]+(?:\s+(?:dot|punkt)\s+[\w-]+)*\s+(?:dot|punkt)\s+[^\W\d_]{2,})(?!\w)",
    re.IGNORECASE,
)
_SPOKEN_SIGNS = {"dot": ".", "punkt": ".", "underscore": "_", "dash": "-"}


def recognise_email(
    text: str, *, languages: Sequence[str] = ("en",), topic: Collection[str] = frozenset()
) -> Recognition:
    """The one e-mail address in a message; normalised to lower case."""
    found = find_emails(text)
    if not found:
        return None
    addresses = tuple(dict.fromkeys(address for address, _ in found))
    if len({address.lower() for address in addresses}) > 1:
        return AmbiguousAnswer(candidates=addresses, span=(found[0][1][0], found[-1][1][1]))
    confidence = confidence_around(text, [span for _, span in found], languages=languages, topic=topic)
    # An address is never said by accident.
    return Answer(
        value=addresses[0],
        confidence=max(confidence, 0.85),
        span=found[0][1],
        normalised=addresses[0].lower(),
    )


def find_emails(text: str) -> list[tuple[str, Span]]:
    """Every address with its place."""
    found = [
        (match[0].rstrip("."), (match.start(), match.start() + len(match[0].rstrip("."))))
        for match in _TYPED.finditer(text)
    ]
    if not found:
        found = [(_written(match), match.span()) for match in _SPOKEN.finditer(text)]
    return found


def _written(match: re.Match[str]) -> str:
    return f"{_join_signs(match['name'])}@{_join_signs(match['host'])}"


def _join_signs(spoken: str) -> str:
    return "".join(_SPOKEN_SIGNS.get(part.lower(), part) for part in spoken.split())
