"""One of the listed values: by name, title, position, or nearly so."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from duologue.understanding.answers.answer import AmbiguousAnswer, Answer, Recognition
from duologue.understanding.answers.choice_position import match_position
from duologue.understanding.answers.choice_scene import Choice, ChoiceMatch, ChoiceScene, lay_out
from duologue.understanding.answers.choice_words import (
    match_day_part,
    match_misspelt,
    match_named_part,
    match_negated,
    match_number,
    match_number_with_unit,
    match_part,
    match_related,
    match_whole_label,
    match_whole_message,
)
from duologue.understanding.answers.framing import confidence_around
from duologue.understanding.answers.yes_no import recognise_yes_no
from duologue.understanding.text_features import tokenise

__all__ = ["Choice", "recognise_choice"]


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
    scene = lay_out(text, choices, tuple(languages))
    if not scene.tokens or not scene.labels:
        return None
    for step in _NAMED_STEPS if only_named else _STEPS:
        matches = _strongest(match for match in step(scene) if not only_named or match.strength > _WEAK)
        if len({match.choice.value for match in matches}) == 1:
            return _answer(matches[0], scene, topic)
        if matches:
            return _ambiguous(matches)
    return None


def _answer(match: ChoiceMatch, scene: ChoiceScene, topic: Collection[str]) -> Answer:
    around = confidence_around(scene.text, match.spans, languages=scene.languages, topic=topic)
    span = (min(start for start, _ in match.spans), max(end for _, end in match.spans))
    return Answer(value=match.choice.value, confidence=round(around * match.strength, 3), span=span)


def _ambiguous(matches: Sequence[ChoiceMatch]) -> AmbiguousAnswer:
    spans = [span for match in matches for span in match.spans]
    values = tuple(dict.fromkeys(match.choice.value for match in matches))
    span = (min(start for start, _ in spans), max(end for _, end in spans))
    return AmbiguousAnswer(candidates=values, span=span)


def _strongest(matches: Iterable[ChoiceMatch]) -> list[ChoiceMatch]:
    """The matches that none clearly beats; when one value's words include another's, the longer name wins."""
    found = list(matches)
    if not found:
        return []
    best = max(found, key=lambda match: (round(match.strength, 2), match.length))
    rivals = [
        match
        for match in found
        if match.strength > best.strength - 0.1
        and match.choice.value != best.choice.value
        and not _inside(match, best)
    ]
    return [best, *rivals]


def _inside(small: ChoiceMatch, large: ChoiceMatch) -> bool:
    covers = all(
        any(start <= span[0] and span[1] <= end for start, end in large.spans) for span in small.spans
    )
    return covers and small.length < large.length


def _match_polarity(scene: ChoiceScene) -> Iterator[ChoiceMatch]:
    """A yes or no among the choices answered in other words: `sure` for `Yes`."""
    answer = recognise_yes_no(scene.text, languages=scene.languages)
    if answer is None or answer.confidence < 0.5:
        return
    for choice in scene.choices:
        if _polarity_of(choice, scene.languages) is answer.value:
            span = (0, len(scene.text))
            yield ChoiceMatch(choice=choice, spans=(span,), strength=answer.confidence, length=1)


_WEAK = 0.7
_BARE, _SHORT_TITLE = 0.98, 3
_TRUE_VALUES, _FALSE_VALUES = frozenset({"true", "yes", "1"}), frozenset({"false", "no", "0"})


def _polarity_of(choice: Choice, languages: Sequence[str]) -> bool | None:
    value = choice.value.strip().lower()
    if value in _TRUE_VALUES or value in _FALSE_VALUES:
        return value in _TRUE_VALUES
    for title in (choice.value, *choice.titles):
        said = recognise_yes_no(title, languages=languages)
        if said and said.confidence >= _BARE and len(tokenise(title)) <= _SHORT_TITLE:
            return bool(said.value)
    return None


_Step = Callable[[ChoiceScene], Iterable[ChoiceMatch]]
# From the surest to the least sure; the first that finds something decides.
_STEPS: tuple[_Step, ...] = (
    match_whole_message,
    match_whole_label,
    match_negated,
    match_number,
    match_position,
    match_day_part,
    _match_polarity,
    match_part,
    match_misspelt,
    match_related,
)
_NAMED_STEPS: tuple[_Step, ...] = (
    match_whole_label,
    match_number_with_unit,
    match_negated,
    match_day_part,
    match_named_part,
)
