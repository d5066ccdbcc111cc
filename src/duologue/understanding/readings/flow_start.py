"""A flow that a message starts, with the values that the message already gives."""

from duologue.core import commands as cmd
from duologue.core.commands import Command
from duologue.core.slots import Slot
from duologue.understanding.answers.framing import fillers_of
from duologue.understanding.flow_search import list_words_of
from duologue.understanding.lexicon.function_words import GENERIC_WORDS, STOP_WORDS
from duologue.understanding.meant_choice import find_meant_by_word, find_meant_choice
from duologue.understanding.scene import Scene
from duologue.understanding.slot_reading import (
    FoundValue,
    describe_slot,
    find_values,
    list_slots_of,
    may_be_said,
)
from duologue.understanding.switches import find_switches
from duologue.understanding.text_features import stem, tokenise, words_in


def start_flow(flow_id: str, text: str, scene: Scene) -> tuple[Command, ...]:
    """Start a flow with the values that the text already gives."""
    values = tuple(value.command for value in find_flow_values(flow_id, text, scene))
    return (cmd.StartFlow(flow=flow_id), *values, *find_switched_slots(flow_id, text, scene))


def find_switched_slots(flow_id: str, text: str, scene: Scene) -> tuple[cmd.SetSlot, ...]:
    """Bool slots of the flow that a remark switches on or off."""
    flow = scene.offers.flows.find(flow_id)
    slots = [slot for slot in list_slots_of(flow_id, scene.offers) if may_be_said(slot)]
    found = find_switches(text, flow, slots, scene.languages) if flow is not None else {}
    return tuple(cmd.SetSlot(name=name, value=value, extractor="LOCAL") for name, value in found.items())


def find_flow_values(flow_id: str, text: str, scene: Scene) -> list[FoundValue]:
    """Values for the flow's slots; a noun that the flow itself speaks of names no certain thing."""
    words = list_words_of(scene.offers.flows.find(flow_id))
    own = {stem(word, scene.languages[0]) for word in words}
    slots = list_slots_of(flow_id, scene.offers)
    found = find_values(text, slots, scene)
    named = {value.command.name for value in found}
    meant = [_find_meant(slot, text, own, scene) for slot in slots if slot.values and slot.name not in named]
    said = [
        value
        for value in found
        if (
            _folded(text[slice(*value.span)]) == _folded(str(value.command.value))
            and value.confidence > _LOOSE
        )
        or not all(stem(t.word, scene.languages[0]) in own for t in tokenise(text[slice(*value.span)]))
    ]
    return said + [value for value in meant if value is not None]


_LOOSE = 0.7
_NEAR, _AHEAD = 0.52, 0.2
_FEWEST_WORDS = 3


def _list_telling_words(text: str, own: set[str], scene: Scene) -> list[str]:
    """The words that are neither grammar nor the flow's own."""
    ordinary = (
        words_in(STOP_WORDS, scene.languages)
        | words_in(GENERIC_WORDS, scene.languages)
        | fillers_of(scene.languages)
    )
    return [
        token.word
        for token in tokenise(text)
        if token.word not in ordinary
        and token.word.isalpha()
        and stem(token.word, scene.languages[0]) not in own
    ]


def _find_meant(slot: Slot, text: str, own: set[str], scene: Scene) -> FoundValue | None:
    """The listed value that a first message means: `we would like to get married` for `wedding`."""
    if not may_be_said(slot) or len(tokenise(text)) < _FEWEST_WORDS:
        return None
    described = describe_slot(slot, scene.offers)
    value = find_meant_choice(
        text, described.choices, languages=scene.languages, at_least=_NEAR, ahead=_AHEAD
    ) or find_meant_by_word(
        _list_telling_words(text, own, scene), described.choices, languages=scene.languages
    )
    if value is None:
        return None
    command = cmd.SetSlot(name=slot.name, value=value, extractor="LOCAL")
    return FoundValue(command=command, span=(0, 0), confidence=0.65)


def _folded(text: str) -> str:
    return " ".join(token.word for token in tokenise(text))
