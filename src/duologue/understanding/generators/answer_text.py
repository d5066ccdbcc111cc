"""The small print of an answer: characters that must not get in, thinking aloud, quotes, brackets."""

import json
import re
from typing import Any

# Half of a pair of surrogates cannot be encoded, and a NUL cannot be stored by every database.
_UNFIT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
# Thoughts begin on a line of their own; within a line the mark may be what the user wrote.
_THINKING = re.compile(
    r"(?m)^[ \t]{0,8}<(?:think|thinking|thought|reasoning)>|<(/)(?:think|thinking|thought|reasoning)>",
    re.IGNORECASE,
)
_QUOTES = {'"': '"', "'": "'", "`": "`", "“": "”", "‘": "’", "„": "“", "«": "»"}
_END_OF_QUOTED = {
    mark: re.compile(re.escape(closing) + r"[ \t]{0,8}(?=[,)]|$)") for mark, closing in _QUOTES.items()
}
_CLOSED_WITHIN = {
    mark: re.compile(rf"{re.escape(closing)}(?:\W|$)|(?:^|\s){re.escape(mark)}")
    for mark, closing in _QUOTES.items()
}


def clean_text(text: str) -> str:
    """The text without characters that no user writes and no store wants, its lines ended by one newline."""
    return _UNFIT.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def strip_thinking(text: str) -> str:
    """The text without what stands between thinking marks; thoughts that never end leave nothing."""
    kept: list[str] = []
    start = depth = 0
    for mark in _THINKING.finditer(text):
        if not mark[1]:
            if depth == 0:
                kept.append(text[start : mark.start()])
            depth += 1
        else:
            # A closing mark without an opening one: the template of the model opened it for us.
            if depth == 0:
                kept.clear()
            depth = max(0, depth - 1)
        start = mark.end()
    if depth == 0:
        kept.append(text[start:])
    return "".join(kept)


def unquote(text: str) -> tuple[str, bool]:
    """The text without the quotes around it, and whether it had any."""
    text = text.strip()
    if len(text) < 2 or _QUOTES.get(text[0]) != text[-1]:
        return text, False
    if text[0] == '"':
        decoded = _decode(text)
        if decoded is not None:
            return decoded, True
    inner = text[1:-1]
    # `"a" or "b"` begins and ends with quotes and stands in none; `'O'Brien'` does.
    if _CLOSED_WITHIN[text[0]].search(inner):
        return text, False
    return inner, True


def _decode(quoted: str) -> str | None:
    """What a JSON string says: we show texts so, and models answer in kind."""
    try:
        # Any, because that is what JSON may hold; strict=False takes a newline inside the quotes.
        found: Any = json.loads(quoted, strict=False)
    except (ValueError, RecursionError):
        return None
    return clean_text(found) if isinstance(found, str) else None


def split_arguments(text: str, *, most: int) -> tuple[list[str], int]:
    """The arguments of a call whose opening bracket begins the text, and where the call ends.

    Commas and brackets within quotes, and brackets that are closed again, belong to their argument. Of the last of
    `most` arguments commas do too.
    """
    arguments: list[str] = []
    unclosed: set[str] = set()
    depth, start, place = 0, 1, 1
    while place < len(text):
        mark = text[place]
        if mark in _QUOTES and mark not in unclosed and not text[start:place].strip():
            closed = _END_OF_QUOTED[mark].search(text, place + 1)
            if closed is not None:
                place = closed.end()
                continue
            # No later one can be closed either, so each mark is looked for in vain only once.
            unclosed.add(mark)
        if mark == "(":
            depth += 1
        elif mark == ")":
            if depth == 0:
                break
            depth -= 1
        elif mark == "," and depth == 0 and len(arguments) < most - 1:
            arguments.append(text[start:place].strip())
            start = place + 1
        place += 1
    last = text[start:place].strip()
    if last or arguments:
        arguments.append(last)
    return arguments, min(place + 1, len(text))
