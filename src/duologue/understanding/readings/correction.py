"""The wish to change what was answered before."""

from msgspec.structs import replace

from duologue.understanding.answers.answer_kind import AnswerKind
from duologue.understanding.answers.yes_no import split_yes_no
from duologue.understanding.corrections import find_changes, find_stated_changes, find_taken_back
from duologue.understanding.flow_search import list_words_of
from duologue.understanding.message_form import is_question, is_request
from duologue.understanding.readings.reading import Reading
from duologue.understanding.scene import Scene
from duologue.understanding.speech_acts import SpeechActKind

_OVERRIDING_FLOW = 0.8


def read_correction(scene: Scene) -> Reading | None:
    """`sorry, I meant 65`, `change the recipient to Bob`, `the date is wrong`."""
    act = scene.find_act(SpeechActKind.CORRECTION, 0.25)
    if scene.offers.active_flow is None:
        return None
    if act is None or not (act.rest or act.mentions):
        return _read_refusal(scene) or _read_statement(scene)
    if not act.rest:
        return _read_taking_back(scene)
    if act.confidence < 0.5:
        return _read_statement(scene)
    best = scene.flows.find_best(act.rest)
    asks = is_request(act.rest, languages=scene.languages) or is_question(act.rest, languages=scene.languages)
    if best is not None and best.score >= _OVERRIDING_FLOW and asks and not act.mentions:
        return None
    changes = find_changes(scene, is_sure=True)
    if not changes:
        return _read_statement(scene)
    return Reading(commands=tuple(changes), confidence=act.confidence, reason="corrects what was said before")


def _read_refusal(scene: Scene) -> Reading | None:
    """`no, there are five of us`, said while something else is asked for."""
    if scene.question is not None and scene.question.kind is AnswerKind.YES_NO:
        return None
    said = split_yes_no(scene.text, languages=scene.languages)
    if said is None or said.value or not said.rest or is_question(said.rest, languages=scene.languages):
        return None
    changes = find_changes(replace(scene, text=said.rest, acts=()))
    if not changes:
        return None
    return Reading(commands=tuple(changes), confidence=0.75, reason="refuses what was said before")


def _read_statement(scene: Scene) -> Reading | None:
    """`the order number was 318824`: says of an answered question something else than was said before."""
    changes = find_stated_changes(scene)
    if not changes:
        return None
    return Reading(commands=tuple(changes), confidence=0.8, reason="says something else than before")


def _read_taking_back(scene: Scene) -> Reading | None:
    act = scene.find_act(SpeechActKind.CORRECTION, 0.25)
    assert act is not None
    taken = find_taken_back(act, scene)
    if not taken:
        return None
    best = scene.flows.find_best(scene.text)
    if best is not None and best.score >= _OVERRIDING_FLOW:
        # `change the city` while booking means the city, unless another flow speaks of cities.
        own = list_words_of(scene.offers.flows.find(best.flow_id))
        if not set(act.mentions).isdisjoint(own):
            return None
    return Reading(commands=tuple(taken), confidence=0.75, reason="says that an answer was wrong")
