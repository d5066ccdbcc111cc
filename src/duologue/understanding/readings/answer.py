"""The answer to the open question, with whatever else the message tells."""

import re

from duologue.understanding.answer_rung import OPEN_KINDS, FoundAnswer, find_answer
from duologue.understanding.answers.answer import Span
from duologue.understanding.answers.answer_kind import AnswerKind
from duologue.understanding.corrections import FAIR_ANSWER
from duologue.understanding.direction import side_of
from duologue.understanding.flow_search import POSSIBLE_FLOW, SURE_FLOW
from duologue.understanding.meant_choice import find_meant_choice
from duologue.understanding.message_form import is_question
from duologue.understanding.readings.reading import Reading
from duologue.understanding.scene import Scene
from duologue.understanding.slot_reading import FoundValue, find_values, list_open_slots
from duologue.understanding.speech_acts import SpeechActKind
from duologue.understanding.text_features import fold_in_place, split_identifier, stem, tokenise

_OVERRIDING_FLOW = 0.8
"""Score from which a flow outweighs words that could also be an answer."""
_LEAST_TYPED = 0.45
"""Confidence that a value inside a long message needs to be its answer."""
_NOTHING_ELSE = 0.97
"""Confidence of a message that is the bare answer."""
_STRICT = 0.8
"""How sure a further value must be to be cut out of an open answer: `2` of `2 Orchard View` is none."""
_LONGEST_ODD_ANSWER = 4
"""In words: a longer message that has not the form of a name or a number is none."""
_OPEN_CEILING = 0.88
"""Nearly any words answer an open question, so none of them is certain."""
_OTHER_PURPOSES = (
    SpeechActKind.GREETING,
    SpeechActKind.HANDOFF,
    SpeechActKind.HELP,
    SpeechActKind.THANKS,
    SpeechActKind.CHITCHAT,
)


def read_answer(scene: Scene) -> Reading | None:
    """The answer, if nothing speaks more for another purpose."""
    best = scene.flows.find_best(scene.text)
    answer, extra = find_answer_and_more(scene)
    score = best.score if best else 0.0
    if answer is None or (not _is_likely(answer, score, scene) and not (extra and _is_fair(answer, score))):
        return None
    ceiling = _OPEN_CEILING if answer.question.kind in OPEN_KINDS and not answer.is_button else 1.0
    return Reading(
        commands=(answer.to_command(), *(value.command for value in extra)),
        confidence=min(answer.confidence, ceiling),
        reason="answers the question",
    )


def read_possible_answer(scene: Scene) -> Reading | None:
    """An answer that is not likely, where nothing else is."""
    if scene.answer is None or scene.question is None or scene.acts:
        return None
    if scene.question.kind not in OPEN_KINDS and scene.answer.confidence < _LEAST_TYPED:
        return None
    if scene.question.kind is not AnswerKind.FREE_TEXT and len(scene.text.split()) > _LONGEST_ODD_ANSWER:
        return None
    return Reading(
        commands=(scene.answer.to_command(),),
        confidence=min(scene.answer.confidence, 0.5),
        reason="may answer the question",
    )


def read_meant_answer(scene: Scene) -> Reading | None:
    """The listed value that is meant, where no other reading was found."""
    question = scene.question
    if question is None or question.kind is not AnswerKind.CHOICE or scene.acts:
        return None
    best = scene.flows.find_best(scene.text)
    if is_question(scene.text, languages=scene.languages) or (best is not None and best.score >= SURE_FLOW):
        return None
    value = find_meant_choice(
        scene.text, question.choices, languages=scene.languages, at_least=_NEAR, ahead=_AHEAD
    )
    if value is None:
        return None
    answer = FoundAnswer(question=question, value=value, confidence=0.6)
    return Reading(commands=(answer.to_command(),), confidence=0.6, reason="means a listed value")


_NEAR, _AHEAD = 0.3, 0.08


def find_answer_and_more(scene: Scene) -> tuple[FoundAnswer | None, list[FoundValue]]:
    """The answer and the values that the message gives for further questions of the flow."""
    answer, question = scene.answer, scene.question
    if question is None or (answer is not None and (answer.is_button or answer.confidence >= _NOTHING_ELSE)):
        return answer, []
    if question.is_prose:
        return answer, []
    slots = list_open_slots(scene.offers, but=question.slot.name)
    if answer is None or side_of(question.slot.name) is not None:
        found = find_values(scene.text, [question.slot, *slots], scene)
        own = [v for v in found if v.command.name == question.slot.name and v.confidence >= _STRICT]
        if own:
            said = FoundAnswer(question=question, value=own[0].command.value, confidence=0.8)
            return said, [v for v in found if v is not own[0] and v.confidence >= _STRICT]
    values = [v for v in find_values(scene.text, slots, scene) if v.confidence >= _STRICT]
    if question.kind not in OPEN_KINDS:
        if answer is None:
            return None, []
        return answer, [v for v in values if v.command.value != answer.value]
    if not values or question.kind is AnswerKind.IDENTIFIER:
        return answer, [v for v in values if answer is None or v.command.value != answer.value]
    rest = cut_values(scene.text, values, scene)
    again = find_answer(rest, question, scene.languages, scene.today) if rest else None
    return (again, values) if again is not None else (answer, [])


_CONNECTORS = re.compile(
    r"[\s,;]*(?:\b(?:and|for|on|at|by|with|from|to|in|of|a|an|the|it's|its|make it|that's|is|starting|und|fur|am|um|mit|von|an|zu|den|der|die|das|im|es sind|et|pour|le|y|para|el|e|per|il|en|voor|op|com|por)\b[\s,;]*)*$"
)


def cut_values(text: str, values: list[FoundValue], scene: Scene) -> str:
    """The text without the values and the little words that lead to them."""
    kept = text
    for value in sorted(values, key=lambda value: -value.span[0]):
        start, end = _with_its_noun(text, value, scene)
        before = kept[:start]
        before = before[: len(before) - _lead_of(before)]
        name = split_identifier(value.command.name)
        last = before.rsplit(maxsplit=1)[-1:] if before.strip() else []
        if last and fold_in_place(last[0].strip(" ,.;")) in name:  # `size large`
            before = before.rstrip()[: -len(last[0])]
            before = before[: len(before) - _lead_of(before)]
        kept = before + " " + kept[end:]
    return kept.strip(" ,.;!")


def _lead_of(before: str) -> int:
    cut = _CONNECTORS.search(fold_in_place(before)[-60:])
    return len(cut[0]) if cut else 0


def _with_its_noun(text: str, value: FoundValue, scene: Scene) -> Span:
    """`3 nights` for `nights`: the word after a number belongs to it when the slot is called so."""
    start, end = value.span
    token = next((token for token in tokenise(text) if token.start >= end), None)
    if token is None or text[end : token.start].strip():
        return start, end
    names = {
        stem(word, language) for word in split_identifier(value.command.name) for language in scene.languages
    }
    said = {stem(token.word, language) for language in scene.languages}
    return (start, token.end) if names & said else (start, end)


# `5 Oak Avenue`: what has the form of an address is one, whatever leads to it.
_ADDRESS = re.compile(r"\d{1,5}\w? [A-ZÄÖÜ]\w+|[A-ZÄÖÜ][\w.-]+(?:stra(?:ss|ß)e|weg|platz|gasse|allee) \d")


def _is_fair(answer: FoundAnswer, best: float) -> bool:
    """Whether an answer that comes with values for further questions outweighs a flow."""
    return answer.confidence >= FAIR_ANSWER and best < _FULLY_NAMED


_FULLY_NAMED = 0.985


def _is_likely(answer: FoundAnswer, best: float, scene: Scene) -> bool:
    if any(scene.find_act(kind) for kind in _OTHER_PURPOSES):
        return False
    if answer.question.kind in OPEN_KINDS:
        if answer.confidence >= _STRICT and _ADDRESS.match(str(answer.value)):
            return True
        return answer.confidence >= FAIR_ANSWER and best < _OVERRIDING_FLOW
    return answer.confidence >= (FAIR_ANSWER if best >= POSSIBLE_FLOW else _LEAST_TYPED)
