"""Which earlier answers a message changes, and to what."""

import re
from collections.abc import Sequence

from duologue.core import commands as cmd
from duologue.core.slots import Slot
from duologue.core.stack import find_active_chain
from duologue.flows.offers import Offers
from duologue.understanding.answers.answer import Answer
from duologue.understanding.answers.answer_kind import AnswerKind
from duologue.understanding.answers.recognition import recognise_answer
from duologue.understanding.concepts import share_concept
from duologue.understanding.date_form import find_date_form, write_date, write_time
from duologue.understanding.lexicon.function_words import GENERIC_WORDS, STOP_WORDS
from duologue.understanding.lexicon.small_words import LINK_WORDS
from duologue.understanding.readings.clauses import split_loosely
from duologue.understanding.scene import Scene
from duologue.understanding.slot_reading import (
    describe_slot,
    find_description,
    list_open_slots,
    may_be_said,
    spot_values,
)
from duologue.understanding.speech_acts import (
    SpeechAct,
    SpeechActKind,
    find_speech_act,
    recognise_speech_acts,
)
from duologue.understanding.text_features import split_identifier, stem, tokenise, words_in

FAIR_ANSWER = 0.55
"""Confidence from which words count as an answer where nothing else fits better."""
_PLAIN_ANSWER = 0.75


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


def find_changes(scene: Scene, *, is_sure: bool = False) -> list[cmd.SetSlot]:
    """The new values that the text gives for answered questions; `is_sure` where words before it said that one was wrong."""
    filled = [slot for slot in list_filled_slots(scene.offers) if may_be_said(slot)]
    if not filled:
        return []
    act = find_speech_act(scene.acts, SpeechActKind.CORRECTION)
    said = act.rest if act is not None and act.rest else scene.text
    clauses = split_loosely(said, languages=scene.languages)
    if len(clauses) > 1 and (act is None or act.rejected is None):
        changes: dict[str, cmd.SetSlot] = {}
        for clause in clauses:
            if _DENIAL.match(clause):
                continue
            one = find_speech_act(
                recognise_speech_acts(clause, languages=scene.languages), SpeechActKind.CORRECTION
            )
            found = _change(clause, one, filled, scene, is_sure=is_sure or act is not None)
            changes.update((change.name, change) for change in found)
        if changes:
            return list(changes.values())
    return _change(scene.text, act, filled, scene, is_sure=is_sure)


# `it's not the size` says what is wrong; the part beside it says what is right.
_DENIAL = re.compile(
    r"(?:actually,? |sorry,? )?(?:it|that|this|das|es)(?:'s| is| was|s| ist| war) (?:not|nicht)\b|not\b|nicht\b",
    re.IGNORECASE,
)


def find_stated_changes(scene: Scene) -> list[cmd.SetSlot]:
    """The new value of an answered question that the message names: `the recipient is Bob`."""
    filled = [slot for slot in list_filled_slots(scene.offers) if may_be_said(slot)]
    stated = _split_statement(scene.text, filled, scene)
    if stated is None or stated[0] == _asked(scene):
        return []
    named, value = stated
    asked = scene.question.slot.name if scene.question is not None else None
    return _read_as(value, [slot for slot in named if slot.name != asked], scene, FAIR_ANSWER)


def find_taken_back(act: SpeechAct, scene: Scene) -> list[cmd.SetSlot]:
    """The answers that a message says are wrong without saying what is right: they are asked for again."""
    filled = [slot for slot in list_filled_slots(scene.offers) if may_be_said(slot)]
    named = _find_mentioned(act.mentions, filled, scene)
    return [cmd.SetSlot(name=slot.name, value=None, extractor="LOCAL") for slot in named[:1]]


def _change(
    text: str, act: SpeechAct | None, filled: Sequence[Slot], scene: Scene, *, is_sure: bool
) -> list[cmd.SetSlot]:
    """What one clause changes: the slot it names, else what its words fit for certain, else the latest that fits."""
    said = act.rest if act is not None and act.rest else text
    open_slots = [*_asked(scene), *list_open_slots(scene.offers)]
    mentions = act.mentions if act is not None else ()
    named = _find_mentioned(mentions, [*filled, *open_slots], scene)
    if not named and (stated := _split_statement(said, [*filled, *open_slots], scene)):
        named, said = stated
    changed = [c for c in spot_values(said, filled, scene) if c.value != scene.offers.slots.get(c.name)]
    if named:
        of_named = [c for c in changed if c.name in {slot.name for slot in named}]
        if sets := of_named or _read_as(said, named, scene, FAIR_ANSWER):
            return sets
    if act is not None and act.rejected is not None:
        old = act.rejected.casefold()
        holding = [s for s in filled if _same(scene.offers.slots.get(s.name), old)]
        if holding:
            return _read_as(said, holding[:1], scene, FAIR_ANSWER) or _read_opening(said, holding[:1], scene)
    if changed:
        return changed
    if act is None and not is_sure:
        # Only what has a form of its own: `no, Bob` may be a name, `no, thanks a lot` is none.
        return _read_as(said, filled, scene, _PLAIN_ANSWER, is_strict=True)
    return _read_as(said, filled, scene, FAIR_ANSWER)


def _read_opening(text: str, slots: Sequence[Slot], scene: Scene) -> list[cmd.SetSlot]:
    """`not Maier, Kaiser is on the booking`: the name that the text begins with."""
    match = _NAME_AT_START.match(text)
    return _read_as(match[0], slots, scene, FAIR_ANSWER) if match else []


_NAME_AT_START = re.compile(r"[A-ZÄÖÜ][\w'-]*(?: [A-ZÄÖÜ][\w'-]*){0,3}|\d[\d.,:/-]*")


def _asked(scene: Scene) -> list[Slot]:
    question = scene.question
    return [question.slot] if question is not None and question.kind is not AnswerKind.YES_NO else []


def _same(held: object, said: str) -> bool:
    if isinstance(held, float):
        return said.strip("$€£ ") in {f"{held:g}", str(held)}
    return str(held).casefold() == said


def _split_statement(text: str, slots: Sequence[Slot], scene: Scene) -> tuple[list[Slot], str] | None:
    """`the recipient is Bob`: the slot that is named before a small word of being, and what follows it."""
    tokens = tokenise(text)
    for place, token in enumerate(tokens[:7]):
        if token.word in LINK_WORDS and place:
            before = tuple(t.word for t in tokens[:place])
            named = _find_mentioned(before, slots, scene)
            rest = text[token.end :].strip(" ,.:;!")
            return (named, rest) if named and rest else None
    return None


def _find_mentioned(mentions: Sequence[str], slots: Sequence[Slot], scene: Scene) -> list[Slot]:
    """The slots whose name the words say, else those whose description does; by meaning where no word fits."""
    ordinary = words_in(STOP_WORDS, scene.languages) | words_in(GENERIC_WORDS, scene.languages) - {
        "date",
        "name",
    }
    said = {stem(word, scene.languages[0]) for word in mentions if word not in ordinary}
    if not said:
        return []
    names = {slot.name: _stems(" ".join(split_identifier(slot.name)), scene) for slot in slots}
    for match in (_shares_word, _shares_meaning):
        scores = {name: match(said, words, scene) for name, words in names.items()}
        if best := max(scores.values(), default=0):
            return [slot for slot in slots if scores[slot.name] == best]
    described = [slot for slot in slots if said & _stems(find_description(slot.name, scene.offers), scene)]
    return described if len(described) == 1 else []


def _shares_word(said: set[str], words: set[str], scene: Scene) -> int:
    del scene
    return len(said & words)


def _shares_meaning(said: set[str], words: set[str], scene: Scene) -> int:
    return sum(any(share_concept(one, other, scene.languages) for other in words) for one in said)


def _stems(text: str, scene: Scene) -> set[str]:
    ordinary = words_in(STOP_WORDS, scene.languages)
    return {stem(t.word, scene.languages[0]) for t in tokenise(text) if t.word not in ordinary}


def _read_as(
    text: str, slots: Sequence[Slot], scene: Scene, at_least: float, *, is_strict: bool = False
) -> list[cmd.SetSlot]:
    """The first of the slots that the text is a plain answer to."""
    for slot in slots:
        described = describe_slot(slot, scene.offers)
        if described.kind is AnswerKind.YES_NO:  # "no, wait" says nothing about an earlier yes
            continue
        if is_strict and described.kind is AnswerKind.FREE_TEXT:
            continue
        found = recognise_answer(
            text,
            kind=described.kind,
            choices=described.choices,
            languages=scene.languages,
            today=scene.today,
        )
        if not isinstance(found, Answer) or found.confidence < at_least:
            continue
        value = found.value
        if described.kind is AnswerKind.DATE and value == found.normalised:
            value = write_date(text, found.span, found.normalised, find_date_form(slot.name, scene.offers))
        if described.kind is AnswerKind.TIME and found.normalised is not None and value == found.normalised:
            value = write_time(text, found.span, found.normalised, find_date_form(slot.name, scene.offers))
        if value == scene.offers.slots.get(slot.name):
            continue
        return [cmd.SetSlot(name=slot.name, value=value, extractor="LOCAL")]
    return []
