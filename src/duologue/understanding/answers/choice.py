"""One of the listed values: by name, title, position, or nearly so."""

import re
from collections.abc import Collection, Iterable, Sequence

import msgspec

from duologue.understanding.answers.answer import AmbiguousAnswer, Answer, Recognition, Span
from duologue.understanding.answers.framing import confidence_around, fillers_of
from duologue.understanding.answers.yes_no import recognise_yes_no
from duologue.understanding.concepts import concepts_of
from duologue.understanding.lexicon.calendar_words import ORDINAL_WORDS
from duologue.understanding.lexicon.function_words import STOP_WORDS
from duologue.understanding.lexicon.polarity import NEGATIONS
from duologue.understanding.text_features import (
    Token,
    edit_distance,
    fold_in_place,
    split_identifier,
    stem,
    tokenise,
    typo_limit,
    words_in,
)


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """A listed value and what it is called."""

    value: str
    titles: tuple[str, ...] = ()
    """Button titles, synonyms and translations; the value itself need not be repeated."""


class _Label(msgspec.Struct, frozen=True, kw_only=True):
    choice: Choice
    words: tuple[str, ...]
    """Stems, in order."""
    content: dict[str, str]
    """Stems that carry meaning, each with the word as written; all of them when none does."""


class _Match(msgspec.Struct, frozen=True, kw_only=True):
    choice: Choice
    spans: tuple[Span, ...]
    strength: float
    """1: the whole label was said. Lower: part of it, a slip of the keyboard, a word of the same meaning."""
    length: int
    """How many words of the label were said."""


def recognise_choice(
    text: str,
    *,
    choices: Sequence[Choice],
    languages: Sequence[str] = ("en",),
    topic: Collection[str] = frozenset(),
    only_named: bool = False,
) -> Recognition:
    """The one listed value that the message names.

    Two values that fit equally well come back as ambiguous; a value said to be unwanted (`not savings`) does not count.
    `only_named` keeps to values that the message says by name, for messages that answer no question.
    """
    languages = tuple(languages)
    tokens = tokenise(text)
    if not tokens or not choices:
        return None
    labels = [label for choice in choices for label in _labels(choice, languages)]
    steps = (
        (_literal, _named_part)
        if only_named
        else (_exact, _literal, _positional, _polar, _partial, _misspelt, _related)
    )
    for step in steps:
        matches = _best_of_each(step(text, tokens, labels, choices, languages))
        if len({match.choice.value for match in matches}) == 1:
            return _answer(text, matches[0], languages, topic)
        if matches:
            return _ambiguous(matches)
    return None


def _answer(text: str, match: _Match, languages: Sequence[str], topic: Collection[str]) -> Answer:
    span = (match.spans[0][0], match.spans[-1][1])
    confidence = confidence_around(text, match.spans, languages=languages, topic=topic) * match.strength
    return Answer(value=match.choice.value, confidence=round(confidence, 3), span=span)


def _ambiguous(matches: Sequence[_Match]) -> AmbiguousAnswer:
    spans = [span for match in matches for span in match.spans]
    values = list(dict.fromkeys(match.choice.value for match in matches))
    return AmbiguousAnswer(
        candidates=tuple(values), span=(min(start for start, _ in spans), max(end for _, end in spans))
    )


def _best_of_each(matches: Iterable[_Match]) -> list[_Match]:
    """The strongest matches; when one value's words include another's, the longer name wins."""
    found = list(matches)
    if not found:
        return []
    best = max(found, key=lambda match: (round(match.strength, 2), match.length))
    top = [match for match in found if match.strength > best.strength - 0.1]
    return [
        best,
        *(match for match in top if match.choice.value != best.choice.value and not _inside(match, best)),
    ]


def _inside(small: _Match, large: _Match) -> bool:
    covers = all(
        any(start <= span[0] and span[1] <= end for start, end in large.spans) for span in small.spans
    )
    return covers and small.length < large.length


def _labels(choice: Choice, languages: tuple[str, ...]) -> list[_Label]:
    written = dict.fromkeys((" ".join(split_identifier(choice.value)) or choice.value, *choice.titles))
    return [label for text in written if (label := _label(choice, text, languages))]


def _label(choice: Choice, text: str, languages: tuple[str, ...]) -> _Label | None:
    words = [token.word for token in tokenise(text)]
    if not words:
        return None
    ignored = _ignored_words(languages)
    content = [word for word in words if word not in ignored] or words
    return _Label(
        choice=choice,
        words=tuple(stem(word, languages[0]) for word in words),
        content={stem(word, languages[0]): word for word in content},
    )


def _ignored_words(languages: Sequence[str]) -> frozenset[str]:
    # `now`, `other` and `none` are often values themselves: they stay.
    ignored = words_in(STOP_WORDS, languages)
    return ignored - {
        "now",
        "other",
        "another",
        "none",
        "all",
        "same",
        "no",
        "yes",
        "on",
        "off",
        "up",
        "down",
        "in",
        "out",
    }


def _stems(tokens: Sequence[Token], languages: Sequence[str]) -> list[str]:
    return [stem(token.word, languages[0]) for token in tokens]


_Step = Iterable[_Match]


def _exact(
    text: str,
    tokens: Sequence[Token],
    labels: Sequence[_Label],
    choices: Sequence[Choice],
    languages: Sequence[str],
) -> _Step:
    said = tuple(_stems(tokens, languages))
    span = (tokens[0].start, tokens[-1].end)
    for label in labels:
        if label.words == said:
            yield _Match(choice=label.choice, spans=(span,), strength=1.0, length=len(said))


def _literal(
    text: str,
    tokens: Sequence[Token],
    labels: Sequence[_Label],
    choices: Sequence[Choice],
    languages: Sequence[str],
) -> _Step:
    """A whole label said inside the message, word for word or all its content words."""
    said = _stems(tokens, languages)
    unwanted = _unwanted(text, tokens, languages)
    for label in labels:
        place = _place_of(label.words, said)
        if place is not None:
            hit = list(range(place, place + len(label.words)))
        elif len(label.content) > 1 and label.content.keys() <= set(said):
            hit = [index for index, word in enumerate(said) if word in label.content]
        else:
            continue
        if not unwanted.intersection(hit):
            spans = tuple((tokens[index].start, tokens[index].end) for index in hit)
            yield _Match(choice=label.choice, spans=spans, strength=1.0, length=len(hit))


def _place_of(words: Sequence[str], said: Sequence[str]) -> int | None:
    for start in range(len(said) - len(words) + 1):
        if tuple(said[start : start + len(words)]) == tuple(words):
            return start
    return None


def _unwanted(text: str, tokens: Sequence[Token], languages: Sequence[str]) -> set[int]:
    """Places of words said to be wrong: those just after `not`, unless a comma parts them."""
    negations = words_in(NEGATIONS, languages) | {
        "no",
        "without",
    }
    unwanted: set[int] = set()
    for index, token in enumerate(tokens):
        if token.word not in negations:
            continue
        for later in range(index + 1, min(index + 4, len(tokens))):
            if text[tokens[later - 1].end : tokens[later].start].strip():
                break
            unwanted.add(later)
    return unwanted


_POSITION = re.compile(
    r"^\W*(?:(?:option|number|nr|no|nummer|choice|auswahl|#)\W{0,2})?(?P<digit>\d{1,2})(?:st|nd|rd|th|\.|\))?(?:\s+(?:one|option|please|bitte))?\W*$"
    r"|\b(?:option|number|nummer|choice|#)\s?(?P<named>\d{1,2})\b"
)
_LAST = re.compile(
    r"\b(?:the |die |der |das )?(?P<last>last|letzte[rsn]?|latter|bottom)\b(?:\s+(?:one|option))?"
)
_FORMER = re.compile(r"\b(?:the |die |der |das )?(?P<first>former|top one|ersteres)\b")
_ORDINAL = re.compile(
    rf"\b(?:the |die |der |das |option )?(?P<ordinal>{'|'.join(sorted(ORDINAL_WORDS, key=len, reverse=True))}|(?P<short>\d{{1,2}})(?:st|nd|rd|th))\b(?:\s+(?:one|option|item|choice))?"
)
_COUNT_WORDS = {
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "eins": 1,
    "zwei": 2,
    "drei": 3,
    "vier": 4,
    "funf": 5,
    "sechs": 6,
}
_COUNTED_OPTION = re.compile(rf"\b(?:option|number|nummer|choice)\s+(?P<word>{'|'.join(_COUNT_WORDS)})\b")


def _positional(
    text: str,
    tokens: Sequence[Token],
    labels: Sequence[_Label],
    choices: Sequence[Choice],
    languages: Sequence[str],
) -> _Step:
    """A value by its place in the list; a bare digit only when no value is itself a number."""
    plain = fold_in_place(text)
    has_small_numbers = any(word.isdigit() and len(word) <= 2 for label in labels for word in label.words)
    found = list(_positions(plain, accept_digit=not has_small_numbers))
    if not found:
        return
    pool, naming = _narrowed(tokens, labels, choices, languages)
    for position, span in found:
        index = len(pool) - 1 if position == _LAST_PLACE else position - 1
        if 0 <= index < len(pool):
            yield _Match(choice=pool[index], spans=(span, *naming), strength=0.95, length=1)


_LAST_PLACE = -1


def _positions(plain: str, *, accept_digit: bool) -> Iterable[tuple[int, Span]]:
    if (match := _POSITION.search(plain)) and (accept_digit or not match["digit"]):
        yield int(match["digit"] or match["named"]), match.span()
    if match := _COUNTED_OPTION.search(plain):
        yield _COUNT_WORDS[match["word"]], match.span()
    for match in _ORDINAL.finditer(plain):
        yield (int(match["short"]) if match["short"] else ORDINAL_WORDS[match["ordinal"]]), match.span()
    if match := _LAST.search(plain):
        yield _LAST_PLACE, match.span()
    if match := _FORMER.search(plain):
        yield 1, match.span()


def _narrowed(
    tokens: Sequence[Token], labels: Sequence[_Label], choices: Sequence[Choice], languages: Sequence[str]
) -> tuple[list[Choice], list[Span]]:
    """`the second debit card`: the list is only the choices called so, when several are; and where that was said."""
    said = _stems(tokens, languages)
    shares = {
        choice.value: max(
            (len(label.content.keys() & set(said)) for label in labels if label.choice is choice), default=0
        )
        for choice in choices
    }
    most = max(shares.values(), default=0)
    if not most:
        return list(choices), []
    naming = {word for label in labels for word in label.content}
    spans = [(token.start, token.end) for token, word in zip(tokens, said, strict=True) if word in naming]
    named = [choice for choice in choices if shares[choice.value] == most]
    return (named if len(named) > 1 else list(choices)), spans


def _polar(
    text: str,
    tokens: Sequence[Token],
    labels: Sequence[_Label],
    choices: Sequence[Choice],
    languages: Sequence[str],
) -> _Step:
    """A yes or no among the choices answered in other words: `sure` for `Yes`."""
    answer = recognise_yes_no(text, languages=languages)
    if answer is None or answer.confidence < 0.5:
        return
    for choice in choices:
        if _polarity_of(choice, languages) is answer.value:
            yield _Match(choice=choice, spans=((0, len(text)),), strength=answer.confidence, length=1)


_TRUE_VALUES, _FALSE_VALUES = frozenset({"true", "yes", "1"}), frozenset({"false", "no", "0"})


def _polarity_of(choice: Choice, languages: Sequence[str]) -> bool | None:
    value = choice.value.strip().lower()
    if value in _TRUE_VALUES or value in _FALSE_VALUES:
        return value in _TRUE_VALUES
    for title in (choice.value, *choice.titles):
        said = recognise_yes_no(title, languages=languages)
        if said and said.confidence > 0.9:
            return bool(said.value)
    return None


def _partial(
    text: str,
    tokens: Sequence[Token],
    labels: Sequence[_Label],
    choices: Sequence[Choice],
    languages: Sequence[str],
) -> _Step:
    """Some of the label's content words, or a word that begins one of them."""
    said = _content(text, tokens, languages)
    telling = _telling_words(labels)
    matches = [match for label in labels if (match := _part_of(label, said, telling))]
    is_explained = all(any((token.start, token.end) in match.spans for match in matches) for token, _ in said)
    # `my card got crushed` says `card`, which several values do: the word that would tell is unknown, so nothing is said.
    return (
        matches if is_explained or len({match.choice.value for match in _best_of_each(matches)}) == 1 else ()
    )


def _named_part(
    text: str,
    tokens: Sequence[Token],
    labels: Sequence[_Label],
    choices: Sequence[Choice],
    languages: Sequence[str],
) -> _Step:
    """A content word that only one value has: `savings` of `Savings account`, but no yes or no."""
    said = _content(text, tokens, languages)
    telling = _telling_words(labels)
    for label in labels:
        hit = [token for token, word in said if word in label.content and word in telling]
        if hit and len(label.content) <= _SHORT_LABEL:
            spans = tuple((token.start, token.end) for token in hit)
            yield _Match(choice=label.choice, spans=spans, strength=0.9, length=len(hit))


_SHORT_LABEL = 2


def _part_of(label: _Label, said: Sequence[tuple[Token, str]], telling: Collection[str]) -> _Match | None:
    hit = [token for token, word in said if word in label.content and word in telling]
    if hit:
        spans = tuple((token.start, token.end) for token in hit)
        strength = 0.85 + 0.1 * len(hit) / len(label.content)
        return _Match(choice=label.choice, spans=spans, strength=strength, length=len(hit))
    content = [word for word in label.content if word in telling]
    begun = [token for token, word in said if any(_begins(word, other) for other in content)]
    spans = tuple((token.start, token.end) for token in begun)
    return _Match(choice=label.choice, spans=spans, strength=0.8, length=len(begun)) if begun else None


def _begins(word: str, other: str) -> bool:
    """`tech` begins `technical`, `travel` and `traveling` meet in their first letters, `5678` ends an account number."""
    if word.isdigit() or other.isdigit():
        return len(word) >= 3 and word.isdigit() and other.isdigit() and other.endswith(word)
    if len(word) < 3:
        return False
    if other.startswith(word) or (len(other) >= 4 and word.startswith(other) and len(word) - len(other) <= 5):
        return True
    same = next(
        (index for index, (left, right) in enumerate(zip(word, other, strict=False)) if left != right),
        min(len(word), len(other)),
    )
    return same >= 5 and same >= 0.7 * max(len(word), len(other))


def _telling_words(labels: Sequence[_Label]) -> frozenset[str]:
    """Content words that not every choice shares."""
    values = {label.choice.value for label in labels}
    owners: dict[str, set[str]] = {}
    for label in labels:
        for word in label.content:
            owners.setdefault(word, set()).add(label.choice.value)
    return frozenset(word for word, owner in owners.items() if len(owner) < len(values) or len(values) == 1)


def _content(text: str, tokens: Sequence[Token], languages: Sequence[str]) -> list[tuple[Token, str]]:
    ignored = (_ignored_words(languages) | fillers_of(tuple(languages))) - {"now"}
    unwanted = _unwanted(text, tokens, languages)
    return [
        (token, stem(token.word, languages[0]))
        for index, token in enumerate(tokens)
        if token.word not in ignored and index not in unwanted
    ]


def _misspelt(
    text: str,
    tokens: Sequence[Token],
    labels: Sequence[_Label],
    choices: Sequence[Choice],
    languages: Sequence[str],
) -> _Step:
    """Words that are a few letters off; only the nearest values count."""
    said = _content(text, tokens, languages)
    found: list[tuple[int, _Match]] = []
    for label in labels:
        for word in label.content.keys() & _telling_words(labels):
            for token, other in said:
                written = label.content[word]
                limit = 0 if token.word.isdigit() else typo_limit(written)
                distance = min(
                    edit_distance(other, word, limit=limit), edit_distance(token.word, written, limit=limit)
                )
                if 0 < distance <= limit:
                    span = (token.start, token.end)
                    found.append(
                        (
                            distance,
                            _Match(
                                choice=label.choice, spans=(span,), strength=0.92 - 0.06 * distance, length=1
                            ),
                        )
                    )
    nearest = min((distance for distance, _ in found), default=0)
    return (match for distance, match in found if distance == nearest)


def _related(
    text: str,
    tokens: Sequence[Token],
    labels: Sequence[_Label],
    choices: Sequence[Choice],
    languages: Sequence[str],
) -> _Step:
    """A word of the same meaning: `immediately` for `now`."""
    known = concepts_of(tuple(languages))
    none: frozenset[str] = frozenset()
    said = _content(text, tokens, languages)
    for label in labels:
        for word in label.content.keys() & _telling_words(labels):
            for token, other in said:
                if not known.get(word, none).isdisjoint(known.get(other, none)):
                    yield _Match(
                        choice=label.choice, spans=((token.start, token.end),), strength=0.8, length=1
                    )
                    break
