"""The number a message gives, in digits or in words."""

import re
from collections.abc import Collection, Sequence
from datetime import date

from duologue.understanding.answers.answer import AmbiguousAnswer, Answer, Recognition
from duologue.understanding.answers.date_phrase import find_dates
from duologue.understanding.answers.framing import confidence_around, fillers_of, words_outside
from duologue.understanding.answers.number_phrase import FoundNumber, find_number_phrases
from duologue.understanding.answers.numeral import find_numerals
from duologue.understanding.answers.time_phrase import find_times
from duologue.understanding.lexicon.spotting_words import PEOPLE_WORDS
from duologue.understanding.text_features import Token, fold_in_place, tokenise


def recognise_number(
    text: str,
    *,
    languages: Sequence[str] = ("en",),
    today: date | None = None,
    topic: Collection[str] = frozenset(),
) -> Recognition:
    """The one number in a message; numbers that are part of a date or a time do not count."""
    found = find_numbers(text, languages=languages)
    # `5.30` alone is a number, inside a sentence it can be a time.
    if found and text.strip() != text[slice(*found[0].span)]:
        taken = [each.span for each in find_dates(text, languages=languages, today=today)]
        taken += [each.span for each in find_times(text)]
        found = [each for each in found if not any(start <= each.span[0] < end for start, end in taken)]
    if not found:
        return None
    values = list(dict.fromkeys(as_number(each.value) for each in found))
    if len(values) > 1 and _is_estimate(text, found):
        values, found = values[-1:], found[-1:]
    if len(values) > 1:
        return AmbiguousAnswer(candidates=tuple(values), span=(found[0].span[0], found[-1].span[1]))
    spans = [each.span for each in found]
    return Answer(
        value=values[0],
        confidence=confidence_around(text, spans, languages=languages, topic=topic),
        span=spans[0],
    )


# `sixty, maybe seventy`, `2 or 3`: the second is what one counts on.
_ESTIMATE = re.compile(
    r"[\s,]*(?:(?:or|maybe|perhaps|possibly|even|to|oder|vielleicht|bis|eher|ou|o|of|misschien)\b[\s,]*){1,2}|\s*[-–]\s*"
)


def _is_estimate(text: str, found: Sequence[FoundNumber]) -> bool:
    return (
        len(found) == 2
        and _ESTIMATE.fullmatch(fold_in_place(text[found[0].span[1] : found[1].span[0]])) is not None
    )


def find_numbers(text: str, *, languages: Sequence[str], is_money: bool = False) -> list[FoundNumber]:
    """Every number in digits or words of these languages, in order."""
    found = find_numerals(text, languages=languages, is_money=is_money)
    tokens = tokenise(text)
    phrases = [phrase for language in languages for phrase in find_number_phrases(tokens, language)]
    for phrase in sorted(phrases, key=lambda phrase: phrase.span[0] - phrase.span[1]):
        if phrase.is_article_like and not _counts_as_number(phrase, tokens, languages):
            continue
        if not any(phrase.span[0] < other.span[1] and phrase.span[1] > other.span[0] for other in found):
            found.append(phrase)
    return sorted(found, key=lambda each: each.span)


_DETERMINERS = frozenset(
    {
        "this",
        "that",
        "the",
        "which",
        "each",
        "every",
        "any",
        "no",
        "some",
        "other",
        "another",
        "first",
        "second",
        "last",
        "next",
        "new",
    }
)


_FOR = (["fur"], ["pour"], ["para"], ["per"], ["voor"])


def _counts_as_number(phrase: FoundNumber, tokens: Sequence[Token], languages: Sequence[str]) -> bool:
    before = [token.word for token in tokens if token.end <= phrase.span[0]][-1:]
    after = [token.word for token in tokens if token.start >= phrase.span[1]][:1]
    if after and after[0] in PEOPLE_WORDS:
        return True
    if after == ["of"] or (before and before[0] in _DETERMINERS):
        return False
    fillers = fillers_of(tuple(languages))
    other = [token for token in words_outside(tokens, [phrase.span]) if token.word not in fillers]
    said = next(token.word for token in tokens if token.start == phrase.span[0])
    return not other or (len(other) == 1 and (said == "one" or before[:1] in _FOR))


def as_number(value: float) -> int | float:
    """A whole number as `int`, anything else as it is."""
    return int(value) if value == int(value) else value
