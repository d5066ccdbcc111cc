"""A yes or no that is followed by something of its own: `no, to Bob`, `yes, and order a new card`."""

import re

from msgspec.structs import replace

from duologue.core import commands as cmd
from duologue.core.commands import Command
from duologue.understanding.answers.answer_kind import AnswerKind
from duologue.understanding.answers.yes_no import recognise_yes_no, split_yes_no
from duologue.understanding.corrections import find_changes, list_filled_slots
from duologue.understanding.message_form import is_question, is_request
from duologue.understanding.open_question import CONSENT_TO_CONTINUE
from duologue.understanding.readings.flow_start import start_flow
from duologue.understanding.readings.reading import Reading
from duologue.understanding.scene import Scene
from duologue.understanding.slot_reading import list_open_slots, may_be_said, spot_values
from duologue.understanding.speech_acts import SpeechAct, SpeechActKind, recognise_speech_acts
from duologue.understanding.text_features import fold_in_place


def read_confirmation(scene: Scene) -> Reading | None:
    """What follows the yes or no: a correction, another wish, an answer in advance."""
    question = scene.question
    if question is None or question.kind is not AnswerKind.YES_NO:
        return None
    if question.slot.name == CONSENT_TO_CONTINUE:
        return None
    said = split_yes_no(scene.text, languages=scene.languages)
    if said is None:
        return _read_other_value(scene)
    if not said.rest:
        return None
    changes = find_changes(replace(scene, text=said.rest, acts=_acts(said.rest, scene)))
    if changes:
        return Reading(commands=tuple(changes), confidence=0.85, reason="changes an earlier answer")
    wish = scene.flows.find_sure(said.rest)
    answer = cmd.SetSlot(name=question.slot.name, value=said.value, extractor="LOCAL")
    if wish is not None and _is_wish(said.rest, wish.score, scene):
        before: Command = answer if said.value else cmd.CancelFlow()
        return Reading(
            commands=(before, *start_flow(wish.flow_id, said.rest, scene)),
            confidence=min(wish.score, 0.85),
            reason="answers, and has another wish",
        )
    more = spot_values(said.rest, list_open_slots(scene.offers, but=question.slot.name), scene)
    if more:
        return Reading(commands=(answer, *more), confidence=0.8, reason="answers, and tells more")
    if said.value and _agrees_first(scene):
        return Reading(commands=(answer,), confidence=0.7, reason="agrees, and asks on")
    if is_question(said.rest, languages=scene.languages) or any(scene.find_act(kind) for kind in _NO_ANSWERS):
        return None
    return Reading(commands=(answer,), confidence=0.75, reason="answers, and says why")


_NO_ANSWERS = (SpeechActKind.HANDOFF, SpeechActKind.REPEAT, SpeechActKind.CANCEL, SpeechActKind.CORRECTION)


def _read_other_value(scene: Scene) -> Reading | None:
    """`I would like three tickets`: neither yes nor no, but something else than was to be confirmed."""
    answer = scene.answer
    if scene.acts or (answer is not None and answer.confidence >= _PLAIN):
        return None
    if (
        _ADDS.match(fold_in_place(scene.text))
        or is_question(scene.text, languages=scene.languages)
        or scene.flows.find_sure(scene.text) is not None
    ):
        return None
    filled = [slot for slot in list_filled_slots(scene.offers) if may_be_said(slot)]
    found = spot_values(scene.text, filled, scene)
    changes = [one for one in found if one.value != scene.offers.slots.get(one.name)]
    if not changes:
        return None
    return Reading(commands=tuple(changes), confidence=0.7, reason="says another value")


# `also a tree has come down` speaks of something else than what is to be confirmed.
_ADDS = re.compile(
    r"\W*(?:(?:and|oh|und|ach|ah)\W+)*(?:also|additionally|while i'm (?:here|at it)|by the way|btw|ausserdem|ubrigens|zusatzlich|auch noch)\b"
)
# `no, that's more than I pay now` gives a reason.
_REASON = re.compile(r"(?:that|that's|thats|it|it's|its|this|because|since|too|das|es|weil|zu)\b")
_FULLY_NAMED = 0.85


def _is_wish(rest: str, score: float, scene: Scene) -> bool:
    if _REASON.match(fold_in_place(rest)):
        return False
    asks = is_request(rest, languages=scene.languages) or is_question(rest, languages=scene.languages)
    return asks or score >= _FULLY_NAMED


_SENTENCE_END = re.compile(r"[.!]+\s+")


def _agrees_first(scene: Scene) -> bool:
    """`Yes, that is right. Could you …?`: the first sentence is a yes and nothing else."""
    first = _SENTENCE_END.split(scene.text.strip(), maxsplit=1)
    if len(first) == 1:
        return False
    found = recognise_yes_no(first[0], languages=scene.languages)
    return found is not None and found.value is True and found.confidence >= _PLAIN


_PLAIN = 0.6


def _acts(text: str, scene: Scene) -> tuple[SpeechAct, ...]:
    return recognise_speech_acts(text, languages=scene.languages)
