"""The wish to drop what is under way, and perhaps to do something else."""

from msgspec.structs import replace

from duologue.core import commands as cmd
from duologue.core.commands import Command
from duologue.flows.flow import Flow
from duologue.understanding.answers.answer_kind import AnswerKind
from duologue.understanding.concepts import share_concept
from duologue.understanding.corrections import find_changes
from duologue.understanding.flow_search import POSSIBLE_FLOW, list_words_of
from duologue.understanding.lexicon.function_words import GENERIC_WORDS, STOP_WORDS
from duologue.understanding.readings.flow_start import start_flow
from duologue.understanding.readings.reading import Reading
from duologue.understanding.scene import SURE_ACT, Scene
from duologue.understanding.speech_acts import SpeechActKind, find_dropped_wish
from duologue.understanding.text_features import stem, tokenise, words_in

_PLAIN_ANSWER = 0.65


def read_cancellation(scene: Scene) -> Reading | None:
    """`forget it`, `cancel the transfer`, `I don't want to send money any more`."""
    flow = scene.offers.active_flow
    if flow is None or _is_rather_an_answer(scene):
        return None
    act = scene.find_act(SpeechActKind.CANCEL, 0.0)
    dropped = find_dropped_wish(scene.text, languages=scene.languages)
    if dropped is not None and names_flow(dropped, flow, scene):
        return Reading(commands=(cmd.CancelFlow(),), confidence=0.88, reason="no longer wants the flow")
    if act is None:
        return None
    if act.confidence < SURE_ACT:
        if not act.mentions or not names_flow(" ".join(act.mentions), flow, scene):
            return None
        if _asks_for_more(scene):
            return None
        return Reading(commands=(cmd.CancelFlow(),), confidence=0.85, reason="cancels the flow by its name")
    if act.rest and (changes := find_changes(replace(scene, text=act.rest, acts=()))):
        return Reading(commands=tuple(changes), confidence=0.75, reason="drops a value for another")
    commands: list[Command] = [cmd.CancelFlow()]
    wish = scene.flows.find_sure(act.rest) if act.rest else None
    if wish is not None:
        commands.extend(start_flow(wish.flow_id, act.rest, scene))
    return Reading(commands=tuple(commands), confidence=act.confidence, reason="cancels the flow")


def names_flow(text: str, flow: Flow, scene: Scene) -> bool:
    """Whether every telling word of the text belongs to the flow."""
    language = scene.languages[0]
    ordinary = words_in(STOP_WORDS, scene.languages) | words_in(GENERIC_WORDS, scene.languages)
    said = [stem(t.word, language) for t in tokenise(text) if t.word not in ordinary]
    own = {stem(word, language) for word in list_words_of(flow)}
    return bool(said) and all(
        word in own or any(share_concept(word, other, scene.languages) for other in own) for word in said
    )


def _asks_for_more(scene: Scene) -> bool:
    """`cancel my booking`, said while booking: another flow of that name is meant."""
    best = scene.flows.find_best(scene.text)
    return best is not None and best.score >= POSSIBLE_FLOW


def _is_rather_an_answer(scene: Scene) -> bool:
    """`I don't need it any more` may be one of the listed reasons, and a button's title is what it says."""
    answer = scene.answer
    if answer is None or answer.question.kind is AnswerKind.YES_NO:
        return False
    return answer.is_button or (
        answer.question.kind is AnswerKind.CHOICE and answer.confidence >= _PLAIN_ANSWER
    )
