"""Answers to “would you like to go back to …?”: yes, no, or what the interrupted flow waits for."""

from msgspec.structs import replace

from duologue.core import commands as cmd
from duologue.core.commands import Command
from duologue.core.values import SlotValue
from duologue.understanding.answer_rung import OPEN_KINDS, FoundAnswer, find_answer
from duologue.understanding.answers.yes_no import split_yes_no
from duologue.understanding.flow_search import POSSIBLE_FLOW, SURE_FLOW
from duologue.understanding.open_question import (
    CHOICE_OF_INTERRUPTED,
    CONSENT_TO_CONTINUE,
    find_waiting_questions,
)
from duologue.understanding.readings.cancellation import names_flow
from duologue.understanding.readings.flow_start import start_flow
from duologue.understanding.readings.reading import Reading
from duologue.understanding.scene import Scene

_FAIR_ANSWER = 0.62
_FAIR_OPEN_ANSWER = 0.75


def read_going_back(scene: Scene) -> Reading | None:
    """What the message says of the flows that were interrupted, if the assistant asks about them."""
    if scene.question is None or scene.question.slot.name not in {CONSENT_TO_CONTINUE, CHOICE_OF_INTERRUPTED}:
        return None
    said = split_yes_no(scene.text, languages=scene.languages)
    if said is not None:
        return _read_after_polarity(said.value, said.rest, scene)
    if scene.answer is not None and scene.answer.confidence >= _FAIR_OPEN_ANSWER:
        return None
    return _read_return(scene) or _read_waiting_answer(scene.text, scene)


def _read_after_polarity(is_yes: bool, rest: str, scene: Scene) -> Reading | None:
    if not rest:
        return None
    if is_yes:
        return _read_waiting_answer(rest, scene, has_agreed=True) or _read_return(scene)
    wish = scene.flows.find_sure(rest)
    if wish is None:
        refusal = _consent(scene, is_yes=False)
        return Reading(commands=(refusal,), confidence=0.8, reason="does not go back")
    return Reading(
        commands=(cmd.CancelFlow(), *start_flow(wish.flow_id, rest, scene)),
        confidence=min(wish.score, 0.85),
        reason="does not go back, and has another wish",
    )


def _read_return(scene: Scene) -> Reading | None:
    """`back to the transfer`, `continue with sending money`."""
    offers = scene.offers
    ids = [str(flow_id) for flow_id in offers.context.get("interrupted_flow_ids") or ()]
    ranked = [match for match in scene.flows.rank_all(scene.text) if match.score >= POSSIBLE_FLOW]
    meant = next((match.flow_id for match in ranked[:1] if match.flow_id in ids), None)
    if meant is None and not ranked:
        flows = [flow for flow in map(offers.flows.find, ids) if flow is not None]
        meant = next((flow.id for flow in flows if names_flow(scene.text, flow, scene)), None)
    if meant is None:
        return None
    command = _consent(scene, is_yes=True, flow_id=meant)
    return Reading(commands=(command,), confidence=0.85, reason=f"goes back to {meant}")


def _read_waiting_answer(text: str, scene: Scene, *, has_agreed: bool = False) -> Reading | None:
    waiting = find_waiting_questions(scene.offers, scene.languages[0])
    best = scene.flows.find_best(text)
    if best is not None and best.score >= SURE_FLOW:
        return None
    for flow_id, question in waiting:
        answer = find_answer(text, question, scene.languages, scene.today)
        if answer is None or not _is_likely(answer, len(waiting) > 1, scene, has_agreed=has_agreed):
            continue
        commands: tuple[Command, ...] = (
            _consent(scene, is_yes=True, flow_id=flow_id),
            replace(answer.to_command(), extractor="LOCAL"),
        )
        return Reading(
            commands=commands, confidence=min(answer.confidence, 0.85), reason="answers what was asked before"
        )
    return None


def _is_likely(answer: FoundAnswer, has_others: bool, scene: Scene, *, has_agreed: bool) -> bool:
    if answer.question.slot.type.value == "bool":
        return False
    if answer.question.kind not in OPEN_KINDS:
        return answer.confidence >= _FAIR_ANSWER
    if has_others or (scene.acts and not has_agreed):
        return False
    return answer.confidence >= _FAIR_OPEN_ANSWER


def _consent(scene: Scene, *, is_yes: bool, flow_id: str | None = None) -> cmd.SetSlot:
    """The answer to the question that is open: yes or no, or the name of the flow to go on with."""
    assert scene.question is not None
    name = scene.question.slot.name
    value: SlotValue = is_yes
    if name == CHOICE_OF_INTERRUPTED:
        flow = scene.offers.flows.find(flow_id or "")
        language = scene.offers.slots.get("language")
        value = flow.get_name(language if isinstance(language, str) else None) if flow and is_yes else "none"
    return cmd.SetSlot(name=name, value=value, extractor="LOCAL")
