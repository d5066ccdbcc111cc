"""A listed value named by its words: all of them, some, misspelt ones, or others of the same meaning."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from duologue.understanding.answers.answer import Span
from duologue.understanding.answers.choice_scene import ChoiceMatch, ChoiceScene, Label
from duologue.understanding.answers.number import find_numbers
from duologue.understanding.concepts import concepts_of
from duologue.understanding.lexicon.calendar_words import DAY_PART_PHRASES
from duologue.understanding.lexicon.polarity import NEGATIONS
from duologue.understanding.text_features import Token, edit_distance, fold_in_place, typo_limit, words_in

_NEGATION_STEMS = frozenset({"not", "no", "never", "nicht", "kein", "nie", "pas", "non", "niet", "nao"})
_LONGEST_NAMED = 2
_SHARED_START, _SHARED_SHARE = 5, 0.7


def match_whole_message(scene: ChoiceScene) -> Iterator[ChoiceMatch]:
    """The message is a label and nothing else."""
    span = (scene.tokens[0].start, scene.tokens[-1].end)
    for label in scene.labels:
        if label.words == scene.stems:
            yield ChoiceMatch(choice=label.choice, spans=(span,), strength=1.0, length=len(scene.stems))


def match_whole_label(scene: ChoiceScene) -> Iterator[ChoiceMatch]:
    """A whole label said inside the message, word for word or all its content words."""
    for label in scene.labels:
        hits = [
            list(range(place, place + len(label.words))) for place in _places_of(label.words, scene.stems)
        ]
        if not hits and len(label.content) > 1 and label.content.keys() <= set(scene.stems):
            hits = [[index for index, word in enumerate(scene.stems) if word in label.content]]
        for hit in hits:
            if not scene.unwanted.isdisjoint(hit):
                continue
            written = "".join(scene.tokens[index].word for index in hit)
            # `check my balance` does not name the value `checking`.
            strength = 1.0 if len(hit) > 1 or written.isdigit() or _is_form_of(written, label) else 0.6
            spans = _spans([scene.tokens[index] for index in hit])
            yield ChoiceMatch(choice=label.choice, spans=spans, strength=strength, length=len(hit))


def _is_form_of(said: str, label: Label) -> bool:
    """Whether a word is more than the verb of a label's noun: `check` is not `checking`."""
    if said.endswith("ing"):
        return True
    return not any(written.endswith("ing") and written.startswith(said) for written in label.content.values())


def match_part(scene: ChoiceScene) -> Iterable[ChoiceMatch]:
    """Some of the label's content words, or a word that begins one of them."""
    matches = [match for label in scene.labels if (match := _part_of(label, scene))]
    explained = {span for match in matches for span in match.spans}
    # `my card got crushed` says `card`, which several values do: the word that would tell is unknown, so nothing is said.
    is_explained = all((token.start, token.end) in explained for token, _ in scene.content)
    return matches if is_explained or _is_decided(matches) else ()


def match_named_part(scene: ChoiceScene) -> Iterator[ChoiceMatch]:
    """A content word of a short label that few share: `savings` of `Savings account`."""
    for label in scene.labels:
        hit = _telling_hits(label, scene)
        if hit and len(label.content) <= _LONGEST_NAMED and all(_is_form_of(t.word, label) for t in hit):
            yield ChoiceMatch(choice=label.choice, spans=_spans(hit), strength=0.9, length=len(hit))


def match_misspelt(scene: ChoiceScene) -> Iterable[ChoiceMatch]:
    """Words that are a few letters off; only the nearest values count."""
    found: list[tuple[int, ChoiceMatch]] = []
    for label, word in _telling_label_words(scene):
        written = label.content[word]
        limit = typo_limit(written)
        for token, said in scene.content:
            if token.word.isdigit():
                continue
            distance = min(
                edit_distance(said, word, limit=limit), edit_distance(token.word, written, limit=limit)
            )
            if 0 < distance <= limit:
                strength = 0.92 - 0.06 * distance
                found.append(
                    (
                        distance,
                        ChoiceMatch(choice=label.choice, spans=_spans([token]), strength=strength, length=1),
                    )
                )
    nearest = min((distance for distance, _ in found), default=0)
    return [match for distance, match in found if distance == nearest]


def match_related(scene: ChoiceScene) -> Iterator[ChoiceMatch]:
    """A word of the same meaning: `immediately` for `now`."""
    known = concepts_of(scene.languages)
    none: frozenset[str] = frozenset()
    following = {later.start: token for (token, _), (later, _) in pairwise(scene.content)}
    for label, word in _telling_label_words(scene):
        meanings = known.get(word, none)
        for token, said in scene.content:
            if not meanings.isdisjoint(known.get(said, none)):
                # `a skin doctor` is no dentist: the word before it says which of the kind is meant.
                modifier = following.get(token.start)
                is_modified = modifier is not None and not scene.text[modifier.end : token.start].strip()
                strength = 0.6 if is_modified else 0.8
                yield ChoiceMatch(choice=label.choice, spans=_spans([token]), strength=strength, length=1)
                break


def match_number(scene: ChoiceScene) -> Iterator[ChoiceMatch]:
    """The one number of a label, said in digits or words: `ten` for `10 GB`."""
    numbers = find_numbers(scene.text, languages=scene.languages)
    if len(numbers) != 1:
        return
    for label in scene.labels:
        own = [word for word in label.words if word.isdigit()]
        if len(own) == 1 and float(own[0]) == numbers[0].value:
            yield ChoiceMatch(choice=label.choice, spans=(numbers[0].span,), strength=0.92, length=1)


def match_number_with_unit(scene: ChoiceScene) -> Iterator[ChoiceMatch]:
    """The number and the unit of a label: `another five gigs` for `5 GB`."""
    numbers = find_numbers(scene.text, languages=scene.languages)
    for label in scene.labels:
        own = [word for word in label.words if word.isdigit()]
        units = [word for word in label.words if not word.isdigit()]
        if len(own) != 1 or len(units) != 1:
            continue
        for number in numbers:
            unit = next((token for token in scene.tokens if token.start >= number.span[1]), None)
            if unit is None or number.value != float(own[0]) or not _is_unit(unit.word, units[0]):
                continue
            yield ChoiceMatch(choice=label.choice, spans=(number.span,), strength=0.95, length=2)


def _is_unit(said: str, unit: str) -> bool:
    return said.startswith(unit) or said in _UNIT_NAMES.get(unit, ())


_UNIT_NAMES: dict[str, tuple[str, ...]] = {
    "gb": ("gig", "gigs", "gigabyte", "gigabytes", "giga"),
    "mb": ("meg", "megs", "megabyte", "megabytes"),
    "tb": ("tera", "terabyte", "terabytes"),
    "kg": ("kilo", "kilos", "kilogram", "kilograms", "kilogramm"),
    "km": ("kilometer", "kilometers", "kilometre", "kilometres"),
    "min": ("minute", "minutes", "minuten"),
    "h": ("hour", "hours", "stunde", "stunden"),
    "hr": ("hour", "hours"),
}


def match_day_part(scene: ChoiceScene) -> Iterator[ChoiceMatch]:
    """`before lunch` for `morning`."""
    plain = fold_in_place(scene.text)
    for label in scene.labels:
        if len(label.content) != 1:
            continue
        said = DAY_PART_PHRASES.get(next(iter(label.content.values())), ())
        place = next(((phrase, at) for phrase in said if (at := plain.find(phrase)) >= 0), None)
        if place is not None:
            span = (place[1], place[1] + len(place[0]))
            yield ChoiceMatch(choice=label.choice, spans=(span,), strength=0.9, length=1)


def match_negated(scene: ChoiceScene) -> Iterator[ChoiceMatch]:
    """A label that says what is not so, in a message that says the same: `I don't need it` for `not needed`."""
    negations = words_in(NEGATIONS, scene.languages)
    for label in scene.labels:
        content = [word for word in label.content if word not in _NEGATION_STEMS]
        if len(content) == len(label.words) or not any(word in _NEGATION_STEMS for word in label.words):
            continue
        hit = [
            index
            for index, word in enumerate(scene.stems)
            if word in content and any(t.word in negations for t in scene.tokens[max(0, index - 3) : index])
        ]
        if content and {scene.stems[index] for index in hit} >= set(content):
            spans = _spans([scene.tokens[index] for index in hit])
            yield ChoiceMatch(choice=label.choice, spans=spans, strength=1.0, length=len(hit) + 1)


def _spans(tokens: Sequence[Token]) -> tuple[Span, ...]:
    return tuple((token.start, token.end) for token in tokens)


def _places_of(words: Sequence[str], said: Sequence[str]) -> list[int]:
    return [
        start
        for start in range(len(said) - len(words) + 1)
        if said[start] == words[0] and tuple(said[start : start + len(words)]) == tuple(words)
    ]


def _telling_label_words(scene: ChoiceScene) -> Iterator[tuple[Label, str]]:
    for label in scene.labels:
        for word in label.content:
            if word in scene.telling:
                yield label, word


def _telling_hits(label: Label, scene: ChoiceScene) -> list[Token]:
    return [token for token, word in scene.content if word in label.content and word in scene.telling]


def _is_decided(matches: Sequence[ChoiceMatch]) -> bool:
    strongest = max((match.strength for match in matches), default=0.0)
    return len({match.choice.value for match in matches if match.strength > strongest - 0.1}) == 1


def _part_of(label: Label, scene: ChoiceScene) -> ChoiceMatch | None:
    if hit := _telling_hits(label, scene):
        strength = 0.85 + 0.1 * len(hit) / len(label.content)
        return ChoiceMatch(choice=label.choice, spans=_spans(hit), strength=strength, length=len(hit))
    content = [word for word in label.content if word in scene.telling]
    begun = [token for token, word in scene.content if any(_begins(word, other) for other in content)]
    return (
        ChoiceMatch(choice=label.choice, spans=_spans(begun), strength=0.8, length=len(begun))
        if begun
        else None
    )


def _begins(word: str, other: str) -> bool:
    """`tech` begins `technical`, `travel` and `traveling` meet in their first letters, `5678` ends an account number."""
    if word.isdigit() or other.isdigit():
        return len(word) >= 3 and word.isdigit() and other.isdigit() and other.endswith(word)
    if len(word) < 3:
        return False
    if other.startswith(word) or (len(other) >= 4 and word.startswith(other) and len(word) - len(other) <= 5):
        return True
    pairs = enumerate(zip(word, other, strict=False))
    same = next((index for index, (left, right) in pairs if left != right), min(len(word), len(other)))
    return same >= _SHARED_START and same >= _SHARED_SHARE * max(len(word), len(other))
