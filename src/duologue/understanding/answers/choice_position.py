"""A listed value named by its place: `the second one`, `option 3`, `the last debit card`."""

import re
from collections.abc import Iterator

from duologue.understanding.answers.answer import Span
from duologue.understanding.answers.choice_scene import Choice, ChoiceMatch, ChoiceScene
from duologue.understanding.lexicon.calendar_words import ORDINAL_WORDS
from duologue.understanding.lexicon.number_words import NUMBER_WORDS
from duologue.understanding.text_features import fold_in_place

_COUNT_WORDS = {
    word: value
    for language in ("en", "de")
    for word, value in NUMBER_WORDS[language].items()
    if 1 <= value <= 12
}
_ORDINALS = "|".join(sorted(ORDINAL_WORDS, key=len, reverse=True))
_ARTICLE = r"(?:(?:the|die|der|das|option) )?"
_POSITION = re.compile(
    r"^\W*(?:(?:option|number|nr|no|nummer|choice|auswahl|#)\W{0,2})?(?P<digit>\d{1,2})(?:st|nd|rd|th|\.|\))?(?:\s+(?:one|option|please|bitte))?\W*$"
    r"|\b(?:option|number|nummer|choice|#)\s?(?P<named>\d{1,2})\b"
)
_COUNTED = re.compile(rf"\b(?:option|number|nummer|choice)\s+(?P<word>{'|'.join(_COUNT_WORDS)})\b")
_ORDINAL = re.compile(
    rf"\b{_ARTICLE}(?P<ordinal>{_ORDINALS}|(?P<short>\d{{1,2}})(?:st|nd|rd|th))\b(?:\s+(?:one|option|item|choice))?"
)
_LAST = re.compile(rf"\b{_ARTICLE}(?:last|letzte[rsn]?|latter|bottom)\b(?:\s+(?:one|option))?")
_FORMER = re.compile(rf"\b{_ARTICLE}(?:former|top one|ersteres)\b")
_LAST_PLACE = -1


def match_position(scene: ChoiceScene) -> Iterator[ChoiceMatch]:
    """A value by its place in the list; a bare digit only when no value is itself a small number."""
    has_small_numbers = any(
        word.isdigit() and len(word) <= 2 for label in scene.labels for word in label.words
    )
    found = list(_positions(fold_in_place(scene.text), accept_digit=not has_small_numbers))
    if not found:
        return
    pool, naming = _narrowed(scene)
    for position, span in found:
        index = len(pool) - 1 if position == _LAST_PLACE else position - 1
        if 0 <= index < len(pool):
            yield ChoiceMatch(choice=pool[index], spans=(span, *naming), strength=0.95, length=1)


def _positions(plain: str, *, accept_digit: bool) -> Iterator[tuple[int, Span]]:
    if (match := _POSITION.search(plain)) and (accept_digit or not match["digit"]):
        yield int(match["digit"] or match["named"]), match.span()
    if match := _COUNTED.search(plain):
        yield _COUNT_WORDS[match["word"]], match.span()
    for match in _ORDINAL.finditer(plain):
        yield (int(match["short"]) if match["short"] else ORDINAL_WORDS[match["ordinal"]]), match.span()
    if match := _LAST.search(plain):
        yield _LAST_PLACE, match.span()
    if match := _FORMER.search(plain):
        yield 1, match.span()


def _narrowed(scene: ChoiceScene) -> tuple[list[Choice], list[Span]]:
    """`the second debit card`: the list is only the choices called so, when several are; and where that was said."""
    said = frozenset(scene.stems)
    shares = dict.fromkeys((choice.value for choice in scene.choices), 0)
    for label in scene.labels:
        shares[label.choice.value] = max(shares[label.choice.value], len(label.content.keys() & said))
    most = max(shares.values(), default=0)
    if not most:
        return list(scene.choices), []
    naming = {word for label in scene.labels for word in label.content}
    spans = [
        (token.start, token.end)
        for token, word in zip(scene.tokens, scene.stems, strict=True)
        if word in naming
    ]
    named = [choice for choice in scene.choices if shares[choice.value] == most]
    return (named if len(named) > 1 else list(scene.choices)), spans
