"""Finds entities: values that a project's examples, lookup tables, synonyms and regular expressions name."""

import logging
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from duologue.core.understanding import Entity
from duologue.core.values import OpenData, SlotValue
from duologue.understanding.text_features import fold_in_place

MAX_WORDS = 6
"""Longest value, in words, that is looked for."""

_WORD = re.compile(r"\w+", re.UNICODE)
_EXTRACTOR = "examples"
_PATTERN_CONFIDENCE, _FRAME_CONFIDENCE = 0.9, 0.7
_OPEN_VALUES = 4
"""An entity with that many different values in the examples can have others."""
_FRAME_WORDS = 2
"""Least words around a new value that must be as in an example."""
_NEIGHBOUR_WEIGHT = 4

_log = logging.getLogger(__name__)


class _Label(msgspec.Struct, frozen=True, kw_only=True):
    entity: str
    role: str | None = None
    group: str | None = None


class _Word(msgspec.Struct, frozen=True):
    text: str
    start: int
    end: int


class _Frame(msgspec.Struct, frozen=True):
    """An example with one entity taken out: the words before and after it."""

    before: tuple[str, ...]
    after: tuple[str, ...]
    label: _Label


class EntityFinder:
    """Knows the values that a project names; the longest wins where two overlap."""

    def __init__(
        self,
        marked: Iterable[tuple[str, Sequence[OpenData]]],
        *,
        lookups: Mapping[str, Iterable[str]] | None = None,
        synonyms: Mapping[str, str] | None = None,
        regexes: Mapping[str, Iterable[str]] | None = None,
        entities: Iterable[str] = (),
    ) -> None:
        """
        Args:
            marked: sentences with their entity marks (`start`, `end`, `entity`, `value`, `role`, `group`).
            entities: those of the domain; a regular expression counts if it is named like one.
        """
        self._synonyms = {spelling.casefold(): value for spelling, value in (synonyms or {}).items()}
        self._values: dict[tuple[str, ...], dict[_Label, SlotValue]] = {}
        self._before: Counter[tuple[_Label, str]] = Counter()
        self._after: Counter[tuple[_Label, str]] = Counter()
        self._seen: Counter[_Label] = Counter()
        self._frames: list[_Frame] = []
        for sentence, marks in marked:
            self._learn(sentence, marks)
        for entity, spellings in (lookups or {}).items():
            for spelling in spellings:
                self._note(spelling, _Label(entity=entity), spelling)
        self._note_synonyms(synonyms or {})
        known = {label.entity for label in self._seen} | set(entities)
        self._patterns = tuple(_compile_patterns(regexes or {}, known))
        self._open = _find_open_entities(self._values) - set(lookups or ())

    def find(self, text: str) -> tuple[Entity, ...]:
        """The entities of a text, in order."""
        words = _split(text)
        found = [*self._find_values(words), *self._find_patterns(text)] or self._find_framed(text, words)
        return _without_overlaps(found)

    # ------------------------------------------------------------------------------- learning

    def _learn(self, sentence: str, marks: Sequence[OpenData]) -> None:
        words = _split(sentence)
        for mark in marks:
            start, end, entity = mark.get("start"), mark.get("end"), mark.get("entity")
            if not (isinstance(start, int) and isinstance(end, int) and isinstance(entity, str)):
                continue
            label = _Label(entity=entity, role=mark.get("role"), group=mark.get("group"))
            spelling = sentence[start:end]
            self._note(spelling, label, mark.get("value", spelling))
            before = tuple(word.text for word in words if word.end <= start)
            after = tuple(word.text for word in words if word.start >= end)
            self._seen[label] += 1
            # The edge of a sentence is no neighbour: nearly every value stands there now and then.
            self._before.update([(label, word) for word in before[-1:]])
            self._after.update([(label, word) for word in after[:1]])
            if len(marks) == 1 and len(before) + len(after) >= _FRAME_WORDS:
                self._frames.append(_Frame(before, after, label))

    def _note(self, spelling: str, label: _Label, value: SlotValue) -> None:
        words = tuple(word.text for word in _split(spelling))
        if 0 < len(words) <= MAX_WORDS:
            self._values.setdefault(words, {}).setdefault(label, self._resolve(value))

    def _resolve(self, value: SlotValue) -> SlotValue:
        return self._synonyms.get(value.casefold(), value) if isinstance(value, str) else value

    def _note_synonyms(self, synonyms: Mapping[str, str]) -> None:
        """A spelling stands for whatever entity its value is known for."""
        for spelling, value in synonyms.items():
            words = tuple(word.text for word in _split(value))
            for label in tuple(self._values.get(words, ())):
                self._note(spelling, label, value)

    # -------------------------------------------------------------------------------- finding

    def _find_values(self, words: Sequence[_Word]) -> Iterator[Entity]:
        position = 0
        while position < len(words):
            length = self._match_at(words, position)
            if length:
                labels = self._values[tuple(word.text for word in words[position : position + length])]
                label, value = self._choose(labels, words, position, length)
                start, end = words[position].start, words[position + length - 1].end
                yield _make_entity(label, value, start, end, 1.0)
            position += max(1, length)

    def _match_at(self, words: Sequence[_Word], position: int) -> int:
        for length in range(min(MAX_WORDS, len(words) - position), 0, -1):
            if tuple(word.text for word in words[position : position + length]) in self._values:
                return length
        return 0

    def _choose(
        self, labels: Mapping[_Label, SlotValue], words: Sequence[_Word], position: int, length: int
    ) -> tuple[_Label, SlotValue]:
        """The label whose examples have the same neighbours, also one that other values of the entity have.

        Without such neighbours, it is what the value itself is known as most often.
        """
        before = words[position - 1].text if position else ""
        after = words[position + length].text if position + length < len(words) else ""

        def weigh(label: _Label) -> float:
            seen = self._seen[label] or 1
            alike = self._before[label, before] + 0.5 * self._after[label, after]
            return _NEIGHBOUR_WEIGHT * alike / seen + seen / (seen + 10) + (label in labels)

        values = {label.entity: value for label, value in labels.items()}
        candidates = [*labels, *(label for label in self._seen if label.entity in values)]
        best = max(candidates, key=weigh)
        return best, labels.get(best, values[best.entity])

    def _find_patterns(self, text: str) -> Iterator[Entity]:
        for entity, pattern in self._patterns:
            for match in pattern.finditer(text):
                if match.group():
                    value = self._resolve(match.group())
                    label = _Label(entity=entity)
                    yield _make_entity(label, value, match.start(), match.end(), _PATTERN_CONFIDENCE)

    def _find_framed(self, text: str, words: Sequence[_Word]) -> list[Entity]:
        """A new value in the place of an old one: `my name is …`, in a sentence otherwise as in the examples."""
        said = tuple(word.text for word in words)
        for frame in self._frames:
            if frame.label.entity not in self._open:
                continue
            first, last = len(frame.before), len(said) - len(frame.after)
            if not 0 < last - first <= MAX_WORDS // 2:
                continue
            if said[:first] == frame.before and said[last:] == frame.after:
                start, end = words[first].start, words[last - 1].end
                return [_make_entity(frame.label, text[start:end], start, end, _FRAME_CONFIDENCE)]
        return []


def _split(text: str) -> tuple[_Word, ...]:
    return tuple(
        _Word(match.group(), match.start(), match.end()) for match in _WORD.finditer(fold_in_place(text))
    )


def _make_entity(label: _Label, value: SlotValue, start: int, end: int, confidence: float) -> Entity:
    return Entity(
        entity=label.entity,
        value=value,
        start=start,
        end=end,
        role=label.role,
        group=label.group,
        confidence=confidence,
        extractor=_EXTRACTOR,
    )


def _without_overlaps(found: Sequence[Entity]) -> tuple[Entity, ...]:
    kept: list[Entity] = []
    for entity in sorted(found, key=lambda one: ((one.start or 0) - (one.end or 0), -(one.confidence or 0))):
        start, end = entity.start or 0, entity.end or 0
        if all(end <= (other.start or 0) or start >= (other.end or 0) for other in kept):
            kept.append(entity)
    return tuple(sorted(kept, key=lambda one: one.start or 0))


def _compile_patterns(
    regexes: Mapping[str, Iterable[str]], entities: set[str]
) -> Iterator[tuple[str, re.Pattern[str]]]:
    """Whole words only, whatever their case, as in the regular expressions of training data."""
    for name, written in regexes.items():
        if name not in entities:
            continue
        for one in written:
            try:
                yield name, re.compile(rf"(?<!\w)(?:{one})(?!\w)", re.IGNORECASE)
            except re.error as error:
                _log.warning("nlu.regex_not_usable", extra={"regex": name, "reason": str(error)})


def _find_open_entities(values: Mapping[tuple[str, ...], Mapping[_Label, SlotValue]]) -> set[str]:
    spellings: Counter[str] = Counter(
        entity for labels in values.values() for entity in {label.entity for label in labels}
    )
    return {entity for entity, count in spellings.items() if count >= _OPEN_VALUES}
