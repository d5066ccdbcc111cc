"""Yes and no, in many words: `sure, go ahead`, `not really`, `I don't think so`, 👍."""

from collections.abc import Collection, Sequence
from functools import lru_cache

import msgspec

from duologue.understanding.answers.answer import Answer, Span
from duologue.understanding.answers.framing import fillers_of
from duologue.understanding.lexicon.polarity import (
    NEGATIONS,
    NO_EMOJI,
    NO_PHRASES,
    RESERVATIONS,
    UNDECIDED_PHRASES,
    WEAK_PHRASES,
    YES_EMOJI,
    YES_PHRASES,
)
from duologue.understanding.lexicon.small_words import JOINT_WORDS
from duologue.understanding.text_features import Token, stem, tokenise, words_in

_YES, _NO, _UNDECIDED = "yes", "no", "undecided"


class _Phrasebook(msgspec.Struct, frozen=True, kw_only=True):
    polarity: dict[tuple[str, ...], str]
    weak: frozenset[tuple[str, ...]]
    longest: int
    negations: frozenset[str]
    reservations: frozenset[str]
    fillers: frozenset[str]


def recognise_yes_no(
    text: str, *, languages: Sequence[str] = ("en",), topic: Collection[str] = frozenset()
) -> Answer | None:
    """Yes as True, no as False; None when the message is neither or both.

    A yes or no followed by something else (`yes but change the amount`) comes back with low confidence.
    """
    book = _phrasebook(tuple(languages))
    tokens = tokenise(text)
    if not tokens:
        return _emoji_answer(text)
    found = _find_polarities(tokens, book)
    if not found.spans:
        return None
    polarities = set(found.polarities)
    if _UNDECIDED in polarities:
        return None
    value = _settle(found)
    if value is None:
        return None
    other = [
        token
        for token in found.rest
        if token.word not in book.fillers and not _is_topic(token.word, topic, languages)
    ]
    if other and found.is_weak:
        return None
    confidence = _confidence(found, other, book)
    if text.rstrip().endswith("?"):
        confidence *= 0.6
    span = (found.spans[0][0], found.spans[-1][1])
    return Answer(value=value, confidence=round(confidence, 3), span=span) if confidence >= 0.2 else None


class LeadingPolarity(msgspec.Struct, frozen=True, kw_only=True):
    """A yes or no that opens a message, and what the message goes on to say."""

    value: bool
    rest: str


def split_yes_no(text: str, *, languages: Sequence[str] = ("en",)) -> LeadingPolarity | None:
    """The yes or no a message begins with and the rest of it; None where it begins with neither."""
    book = _phrasebook(tuple(languages))
    found = _find_polarities(tokenise(text), book, only_leading=True)
    if not found.spans or not found.is_first or _UNDECIDED in found.polarities or found.is_weak:
        return None
    value = _settle(found)
    if value is None:
        return None
    rest = text[found.spans[-1][1] :].strip(_MARKS)
    words = tokenise(rest)
    while words and words[0].word in JOINT_WORDS:
        rest = rest[words[0].end :].strip(_MARKS)
        words = tokenise(rest)
    return LeadingPolarity(value=value, rest=rest)


_MARKS = " \t\n,.;:!-–—"


class _Polarities(msgspec.Struct, kw_only=True):
    polarities: list[str]
    spans: list[Span]
    rest: list[Token]
    is_first: bool
    """The message starts with it, filler aside."""
    has_plain_yes: bool = False
    is_weak: bool = True
    """Nothing but phrases that mean yes or no only when they stand alone."""


def _find_polarities(
    tokens: Sequence[Token], book: _Phrasebook, *, only_leading: bool = False
) -> _Polarities:
    found = _Polarities(polarities=[], spans=[], rest=[], is_first=False)
    words = [token.word for token in tokens]
    index = 0
    while index < len(tokens):
        if found.spans and words[index] in book.reservations:
            # `yes, except the date is wrong`: what follows is about something else.
            found.rest.extend(tokens[index:])
            break
        if (
            only_leading
            and found.spans
            and words[index] in _PARTICLES
            and tokens[index - 1].end > found.spans[-1][1]
        ):
            # `nein, wir sind ja fünf`: this `ja` agrees to nothing.
            found.rest.extend(tokens[index:])
            break
        length = _phrase_length(words, index, book)
        if not length and only_leading and found.spans and words[index] not in book.fillers:
            found.rest.extend(tokens[index:])
            break
        if not length:
            found.rest.append(tokens[index])
            index += 1
            continue
        polarity = book.polarity[tuple(words[index : index + length])]
        if found.spans and polarity == _UNDECIDED and words[index] in _ASKING:
            # `yes. What does it cost?`: what follows is a question of its own.
            found.rest.extend(tokens[index:])
            break
        start = index
        if (
            polarity == _YES
            and start
            and words[start - 1] in book.negations
            and found.rest
            and found.rest[-1] is tokens[start - 1]
        ):
            polarity, start = _NO, start - 1
            found.rest.pop()
        if not found.spans:
            found.is_first = all(token.word in book.fillers for token in found.rest)
        if found.is_first:
            found.polarities.append(polarity)
            found.is_weak = found.is_weak and tuple(words[index : index + length]) in book.weak
            found.has_plain_yes = found.has_plain_yes or (polarity == _YES and words[index] in _CLEAR_ENDINGS)
            found.spans.append((tokens[start].start, tokens[index + length - 1].end))
        else:
            found.rest.extend(tokens[index : index + length])
        index += length
    return found if found.spans else _last_words(tokens, words, book)


def _last_words(tokens: Sequence[Token], words: Sequence[str], book: _Phrasebook) -> _Polarities:
    """A yes or no at the end: `that one, yes`."""
    for length in range(min(book.longest, len(words) - 1), 0, -1):
        polarity = book.polarity.get(tuple(words[-length:]))
        if polarity and words[-length] in _CLEAR_ENDINGS:
            span = (tokens[-length].start, tokens[-1].end)
            return _Polarities(
                polarities=[polarity],
                spans=[span],
                rest=list(tokens[:-length]),
                is_first=False,
                is_weak=False,
            )
    return _Polarities(polarities=[], spans=[], rest=list(tokens), is_first=False)


_PARTICLES = frozenset({"ja", "doch"})
_ASKING = frozenset({"what", "why", "was", "warum"})
_CLEAR_ENDINGS = frozenset(
    {"yes", "no", "ja", "nein", "yeah", "nope", "yep", "oui", "non", "si", "sim", "nao", "nee"}
)


def _phrase_length(words: Sequence[str], start: int, book: _Phrasebook) -> int:
    for length in range(min(book.longest, len(words) - start), 0, -1):
        if tuple(words[start : start + length]) in book.polarity:
            return length
    return 0


def _settle(found: _Polarities) -> bool | None:
    """One polarity for the message; a leading no with a polite yes-word after it stays a no."""
    polarities = found.polarities
    if _YES not in polarities:
        return False
    if _NO not in polarities:
        return True
    # `no, that's fine`: the first word counts. `no yes` and `yes no` take themselves back.
    return False if polarities[0] == _NO and not found.has_plain_yes else None


def _confidence(found: _Polarities, other: Sequence[Token], book: _Phrasebook) -> float:
    has_reservation = any(token.word in book.reservations for token in found.rest)
    mixed = len(set(found.polarities)) > 1
    confidence = 0.98 if not found.rest else 0.95
    if other:
        confidence = (0.75, 0.65, 0.58)[len(other) - 1] if len(other) <= 3 else 0.45
    if has_reservation and len(found.rest) > 1:
        confidence = min(confidence, 0.4)
    if mixed:
        confidence *= 0.75
    return confidence if found.is_first else confidence * 0.85


def _is_topic(word: str, topic: Collection[str], languages: Sequence[str]) -> bool:
    return bool(topic) and any(stem(word, language) in topic for language in languages)


def _emoji_answer(text: str) -> Answer | None:
    is_yes, is_no = any(char in YES_EMOJI for char in text), any(char in NO_EMOJI for char in text)
    if is_yes == is_no:
        return None
    return Answer(value=is_yes, confidence=0.95, span=(0, len(text)))


@lru_cache(maxsize=32)
def _phrasebook(languages: tuple[str, ...]) -> _Phrasebook:
    polarity: dict[tuple[str, ...], str] = {}
    for language in languages:
        for table, value in ((YES_PHRASES, _YES), (NO_PHRASES, _NO), (UNDECIDED_PHRASES, _UNDECIDED)):
            for phrase in table.get(language, ()):
                polarity[tuple(token.word for token in tokenise(phrase))] = value
    return _Phrasebook(
        polarity=polarity,
        weak=frozenset(tuple(token.word for token in tokenise(phrase)) for phrase in WEAK_PHRASES),
        longest=max((len(phrase) for phrase in polarity), default=0),
        negations=words_in(NEGATIONS, languages),
        reservations=words_in(RESERVATIONS, languages),
        fillers=fillers_of(languages) - {"no", "yes", "ja", "nein", "wait", "instead", "now"},
    )
