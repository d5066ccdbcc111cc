"""Which earlier answer a correction changes, and to what."""

from collections.abc import Sequence

from duologue.core import commands as cmd
from duologue.core.slots import Slot
from duologue.core.stack import find_active_chain
from duologue.flows.offers import Offers
from duologue.understanding.answers.answer import Answer
from duologue.understanding.answers.answer_kind import AnswerKind
from duologue.understanding.answers.recognition import recognise_answer
from duologue.understanding.scene import Scene
from duologue.understanding.slot_reading import describe_slot
from duologue.understanding.speech_acts import SpeechAct

FAIR_ANSWER = 0.55
"""Confidence from which words count as an answer where nothing else fits better."""


def list_filled_slots(offers: Offers) -> list[Slot]:
    """Slots of the active flow and its callers that hold an answer, the latest question first."""
    names: dict[str, None] = {}
    for frame in find_active_chain(offers.state.stack):
        names.update(dict.fromkeys(reversed(offers.flows.get_collected_slots(frame.flow_id))))
    return [
        offers.domain.slots[name]
        for name in names
        if name in offers.domain.slots and offers.slots.get(name) is not None
    ]


def pick_corrections(
    spotted: Sequence[cmd.SetSlot], filled: Sequence[Slot], act: SpeechAct, scene: Scene
) -> list[cmd.SetSlot]:
    """What the message changes: the slot it names, else what its words fit for certain, else the latest that fits."""
    named = [slot for slot in filled if _is_mentioned(slot, act)]
    changed = [c for c in spotted if c.value != scene.offers.slots.get(c.name)]
    if named:
        of_named = [c for c in changed if c.name in {slot.name for slot in named}]
        return of_named or _read_as(act.rest, named, scene)
    if act.rejected is not None:
        holding = [
            s for s in filled if str(scene.offers.slots.get(s.name)).casefold() == act.rejected.casefold()
        ]
        if holding:
            return _read_as(act.rest, holding[:1], scene)
    return changed or _read_as(act.rest, filled, scene)


def _is_mentioned(slot: Slot, act: SpeechAct) -> bool:
    words = set(slot.name.casefold().replace("_", " ").split())
    return any(mention in words for mention in act.mentions)


def _read_as(text: str, slots: Sequence[Slot], scene: Scene) -> list[cmd.SetSlot]:
    """The first of the slots that the text is a plain answer to."""
    for slot in slots:
        described = describe_slot(slot, scene.offers)
        found = recognise_answer(
            text,
            kind=described.kind,
            choices=described.choices,
            languages=scene.languages,
            today=scene.today,
        )
        if described.kind is AnswerKind.YES_NO:  # "no, wait" says nothing about an earlier yes
            continue
        if isinstance(found, Answer) and found.confidence >= FAIR_ANSWER:
            if found.value == scene.offers.slots.get(slot.name):
                continue
            return [cmd.SetSlot(name=slot.name, value=found.value, extractor="LOCAL")]
    return []
