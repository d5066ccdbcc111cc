"""What a message asks of the conversation itself: to hear it again, to go on, a person, a chat."""

import re

from duologue.core import commands as cmd
from duologue.flows.flow import Flow
from duologue.understanding.flow_search import POSSIBLE_FLOW
from duologue.understanding.lexicon.hand_over_words import PERSON_WORDS, SERVICE_WORDS
from duologue.understanding.readings.clauses import split_loosely
from duologue.understanding.readings.reading import Reading
from duologue.understanding.scene import Scene
from duologue.understanding.speech_acts import SpeechActKind, recognise_speech_acts
from duologue.understanding.text_features import split_identifier, tokenise

_OPENING = 0.4
"""Confidence of a greeting or thanks that more words follow, when nothing in them was understood."""
_SMALL_TALK = (
    SpeechActKind.GREETING,
    SpeechActKind.THANKS,
    SpeechActKind.GOODBYE,
    SpeechActKind.CHITCHAT,
)


def read_repetition(scene: Scene) -> Reading | None:
    """`say that again`, and `skip this` where a question is open."""
    if (act := scene.find_act(SpeechActKind.REPEAT)) is not None:
        return Reading(
            commands=(cmd.RepeatBotMessages(),), confidence=act.confidence, reason="asks to hear it again"
        )
    if scene.question is not None and (act := scene.find_act(SpeechActKind.SKIP)) is not None:
        return Reading(
            commands=(cmd.SkipQuestion(),), confidence=act.confidence, reason="does not want to answer"
        )
    return None


def read_hand_over(scene: Scene) -> Reading | None:
    """`agent please`."""
    act = scene.find_act(SpeechActKind.HANDOFF)
    if act is None:
        return None
    own = [flow for flow in scene.offers.startable_flows if _connects_to_a_person(flow)]
    if len(own) == 1:
        command = cmd.StartFlow(flow=own[0].id)
        return Reading(commands=(command,), confidence=0.85, reason=f"wants to talk to a person: {own[0].id}")
    return Reading(
        commands=(cmd.HumanHandoff(),), confidence=act.confidence, reason="wants to talk to a person"
    )


def _connects_to_a_person(flow: Flow) -> bool:
    words = {*split_identifier(flow.id), *(token.word for token in tokenise(flow.name))}
    return not words.isdisjoint(PERSON_WORDS) or all(not words.isdisjoint(some) for some in SERVICE_WORDS)


def read_chat_beside(scene: Scene) -> Reading | None:
    """`haha, you are funny, what's your name by the way?`: one part is small talk, and no part is anything else."""
    parts = split_loosely(scene.text, languages=scene.languages)
    best = scene.flows.find_best(scene.text)
    if len(parts) < 2 or (best is not None and best.score >= POSSIBLE_FLOW):
        return None
    for part in parts:
        said = _ASIDE.sub("", part).strip(" ,.!?")
        acts = recognise_speech_acts(said, languages=scene.languages)
        if any(act.kind is SpeechActKind.CHITCHAT and act.confidence >= _WHOLE for act in acts):
            return Reading(commands=(cmd.ChitChat(),), confidence=0.7, reason="small talk")
    return None


_ASIDE = re.compile(r"\b(?:by the way|btw|anyway|eigentlich|übrigens|denn)\b", re.IGNORECASE)
_WHOLE = 0.95


def read_small_talk(scene: Scene) -> Reading | None:
    """`hello`, `thanks`, `are you a robot?`."""
    act = next((act for kind in _SMALL_TALK if (act := scene.find_act(kind, _OPENING)) is not None), None)
    if act is None:
        return None
    return Reading(commands=(cmd.ChitChat(),), confidence=act.confidence, reason="small talk")
