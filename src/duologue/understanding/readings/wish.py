"""A wish for a flow, for several of them, or for one that must be asked about."""

import re
from collections.abc import Sequence
from functools import lru_cache

import msgspec

from duologue.core import commands as cmd
from duologue.core.commands import Command
from duologue.understanding.answers.answer import Answer
from duologue.understanding.answers.choice import recognise_choice
from duologue.understanding.answers.framing import fillers_of, words_outside
from duologue.understanding.answers.number import find_numbers
from duologue.understanding.flow_matcher import FlowMatch
from duologue.understanding.flow_search import POSSIBLE_FLOW, SURE_FLOW, is_near
from duologue.understanding.lexicon.function_words import GENERIC_WORDS, STOP_WORDS
from duologue.understanding.lexicon.getting_words import ENDING_FLOWS, GETTING, GIVING_FLOWS
from duologue.understanding.message_form import choices_of, is_question, is_request
from duologue.understanding.open_question import (
    CHOICE_OF_INTERRUPTED,
    CONSENT_TO_CONTINUE,
    find_clarified_flows,
)
from duologue.understanding.readings.clauses import split_loosely, split_strongly
from duologue.understanding.readings.flow_start import find_flow_values, find_switched_slots, start_flow
from duologue.understanding.readings.reading import Reading
from duologue.understanding.scene import Scene
from duologue.understanding.slot_reading import (
    FoundValue,
)
from duologue.understanding.speech_acts import find_dropped_wish
from duologue.understanding.text_features import fold_in_place, stem, tokenise, words_in


def read_wish(text: str, scene: Scene) -> Reading | None:
    """The flow or flows that the text asks for; several near ones are asked about."""
    ranked = scene.flows.rank(text)
    several = _read_several(text, scene)
    if several is not None:
        return several
    if not ranked or ranked[0].score < POSSIBLE_FLOW:
        return None
    best = ranked[0]
    near = [match for match in ranked[1:] if is_near(match, best)]
    near += [match for match in _find_vague(text, ranked, scene) if match not in near]
    if best.score >= SURE_FLOW and not near:
        return _start(best, text, scene, f"asks for {best.flow_id}")
    if (taking := _prefer_taking(text, ranked, scene)) is not None:
        return _start(taking, text, scene, f"says a value that {taking.flow_id} takes")
    rivals = near or [
        match for match in ranked[1:] if match.score >= max(_LEAST_RIVAL, best.score * _RIVAL_SHARE)
    ]
    if (giving := _prefer_giving(text, [best, *rivals], scene)) is not None:
        return _start(giving, text, scene, f"asks for what {giving.flow_id} gives")
    if not rivals:
        return _start(best, text, scene, f"may ask for {best.flow_id}")
    asked = _prefer_telling(text, [best, *rivals], scene)
    if asked is not None:
        commands = start_flow(asked, text, scene)
        return Reading(commands=commands, confidence=SURE_FLOW, reason=f"asks what {asked} tells")
    options = tuple(match.flow_id for match in (best, *rivals))
    return Reading(
        commands=(cmd.Clarify(options=options),),
        confidence=min(best.score, 0.8),
        reason="could mean more than one flow",
    )


def read_faint_wish(scene: Scene) -> Reading | None:
    """The flow that a message which is nothing else asks for more than for any other, if faintly."""
    is_waiting = scene.question is not None and scene.question.slot.name not in _STOCK_QUESTIONS
    if is_waiting or scene.acts:
        return None
    ranked = scene.flows.rank(scene.text)
    if not ranked or ranked[0].score < _FAINT:
        return None
    best = ranked[0]
    words = [token.word for token in tokenise(scene.text)]
    if words_in(STOP_WORDS, scene.languages).isdisjoint(words):
        return None  # a row of nouns is no sentence that could ask for something
    first = words[0]
    if best.unknown and best.words == (first,):
        # `book me a train`: the verb is the flow's, what it is about is not.
        return None
    if (taking := _prefer_taking(scene.text, ranked, scene)) is not None:
        return _start(taking, scene.text, scene, f"says a value that {taking.flow_id} takes")
    rivals = [match for match in ranked[1:] if match.score >= best.score * _RIVAL_SHARE]
    if not rivals:
        return _start(best, scene.text, scene, f"faintly asks for {best.flow_id}")
    options = tuple(match.flow_id for match in (best, *rivals[:2]))
    return Reading(
        commands=(cmd.Clarify(options=options),),
        confidence=best.score,
        reason="could faintly mean several flows",
    )


_FAINT = 0.14
_STOCK_QUESTIONS = frozenset({CONSENT_TO_CONTINUE, CHOICE_OF_INTERRUPTED, "continue_conversation"})


def _find_vague(text: str, ranked: Sequence[FlowMatch], scene: Scene) -> list[FlowMatch]:
    """The other flows that a bare noun speaks of: `card`, where one flow blocks and another orders cards."""
    best = ranked[0]
    clear = _CLEAR_WHEN_SHORT if len(tokenise(text)) <= _SHORT else _CLEAR
    if best.score >= clear or not best.words or best.unknown or best.example is not None:
        return []
    if is_question(text, languages=scene.languages) or not _says_nothing_more(text, best, (), scene):
        return []
    return [match for match in ranked[1:] if match.score >= _VAGUE and set(best.words) <= set(match.words)]


_CLEAR, _CLEAR_WHEN_SHORT, _SHORT, _VAGUE = 0.75, 0.9, 3, 0.05


def read_clarified(scene: Scene) -> Reading | None:
    """The flow meant after “do you mean … or …?”: by this message, or by this and the one before together."""
    offered_flows = find_clarified_flows(scene.offers)
    options = {str(choice.value) for choice in offered_flows}
    before = scene.offers.state.last_message
    if not options or before is None:
        return None
    chosen = recognise_choice(scene.text, choices=offered_flows, languages=scene.languages)
    if isinstance(chosen, Answer) and chosen.confidence >= _CHOSEN:
        commands = _start_clarified(str(chosen.value), before.text, scene)
        return Reading(commands=commands, confidence=0.95, reason="one of the flows offered")
    if (ended := _find_ending(options, scene)) is not None:
        commands = _start_clarified(ended, before.text, scene)
        return Reading(
            commands=commands, confidence=0.75, reason="the flow offered that ends what is not needed"
        )
    for text in (scene.text, f"{before.text} {scene.text}"):
        ranked = scene.flows.rank(text)
        if (
            text == scene.text
            and ranked
            and ranked[0].score >= SURE_FLOW
            and ranked[0].flow_id not in options
        ):
            return None
        offered = [match for match in ranked if match.flow_id in options]
        if (
            offered
            and offered[0].score >= POSSIBLE_FLOW
            and not any(is_near(m, offered[0]) for m in offered[1:])
        ):
            commands = _start_clarified(offered[0].flow_id, before.text, scene)
            return Reading(commands=commands, confidence=0.8, reason="one of the flows offered")
    return None


_CHOSEN = 0.75


def _start_clarified(flow_id: str, before: str, scene: Scene) -> tuple[Command, ...]:
    """Start the flow that was meant; what the unclear message told already still counts."""
    now = start_flow(flow_id, scene.text, scene)
    named = {command.name for command in now if isinstance(command, cmd.SetSlot)}
    earlier = start_flow(flow_id, before, scene)[1:]
    return (*now, *(c for c in earlier if isinstance(c, cmd.SetSlot) and c.name not in named))


def _find_ending(options: set[str], scene: Scene) -> str | None:
    """`I don't need it any more`, asked which of several flows is meant: the only one that ends something."""
    if find_dropped_wish(scene.text, languages=scene.languages) is None:
        return None
    ending = words_in(ENDING_FLOWS, scene.languages)
    found = [
        flow.id
        for flow in map(scene.offers.flows.find, sorted(options))
        if flow is not None
        and not ending.isdisjoint(
            token.word for token in tokenise(f"{flow.id.replace('_', ' ')} {flow.name}")
        )
    ]
    return found[0] if len(found) == 1 else None


def _start(match: FlowMatch, text: str, scene: Scene, reason: str) -> Reading:
    values = find_flow_values(match.flow_id, text, scene)
    switched = find_switched_slots(match.flow_id, text, scene)
    commands = (cmd.StartFlow(flow=match.flow_id), *(value.command for value in values), *switched)
    # A value that is only meant, and not said, is never certain.
    is_explained = all(value.confidence >= _SAID for value in values) and _says_nothing_more(
        text, match, values, scene
    )
    return Reading(
        commands=commands,
        confidence=match.score if is_explained else min(match.score, _HALF_EXPLAINED),
        reason=reason,
    )


_SAID = 0.7
_HALF_EXPLAINED = 0.88
"""The flow may be certain; what else the message says is not."""


def _says_nothing_more(text: str, match: FlowMatch, values: Sequence[FoundValue], scene: Scene) -> bool:
    """Whether every telling word speaks for the flow or is a value."""
    if match.score == 1.0:
        return True
    ordinary = (
        words_in(STOP_WORDS, scene.languages)
        | words_in(GENERIC_WORDS, scene.languages)
        | fillers_of(scene.languages)
        | set(match.words)
    )
    language = scene.languages[0]
    own = {stem(word, language) for word in match.words}
    spans = [value.span for value in values]
    if is_question(text, languages=scene.languages) and not is_request(text, languages=scene.languages):
        return False
    numbers = find_numbers(text, languages=scene.languages)
    if any(
        all(end <= number.span[0] or start >= number.span[1] for start, end in spans) for number in numbers
    ):
        return False
    outside = words_outside(tokenise(text), spans)
    return all(token.word in ordinary or stem(token.word, language) in own for token in outside)


class _Goal(msgspec.Struct, kw_only=True):
    flow_id: str
    text: str
    score: float


def _read_several(text: str, scene: Scene) -> Reading | None:
    for split in (split_strongly, split_loosely):
        goals = _find_goals(text, split(text, languages=scene.languages), scene)
        if len(goals) > 1:
            starts = [start_flow(goal.flow_id, goal.text, scene) for goal in goals]
            # The flows first, then what is said about them.
            commands = [command for start in starts for command in start[:1]]
            values = {c.name: c for start in starts for c in start[1:] if isinstance(c, cmd.SetSlot)}
            return Reading(
                commands=(*commands, *values.values()),
                confidence=min(0.85, *(goal.score for goal in goals)),
                reason="asks for several flows",
            )
    return None


def _find_goals(text: str, parts: Sequence[str], scene: Scene) -> list[_Goal]:
    """The different flows that the parts ask for; a part that asks for none belongs to the one before it."""
    if len(parts) < 2:
        return []
    around = {match.flow_id for match in scene.flows.rank(text) if match.score >= POSSIBLE_FLOW}
    goals: list[_Goal] = []
    for part in parts:
        known = {goal.flow_id for goal in goals}
        # `…, has it been paid?` goes on about the wish before it.
        refers_back = bool(goals) and any(token.word in _PRONOUNS for token in tokenise(part))
        match = None if refers_back else _find_goal(part, around, known, scene)
        if match is not None and match.flow_id not in known:
            goals.append(_Goal(flow_id=match.flow_id, text=part, score=match.score))
        elif goals:
            goals[-1].text += f", {part}"
    return goals


_PRONOUNS = frozenset({"it", "that", "they", "them", "es", "ihn", "diese", "dieser"})


def _find_goal(part: str, around: set[str], known: set[str], scene: Scene) -> FlowMatch | None:
    if len(tokenise(part)) < _FEWEST_WORDS:
        return None  # `…, drinnen` tells something about the wish
    if (sure := scene.flows.find_sure(part)) is not None:
        return sure
    # `… and order a new one`: too little alone, but the whole message speaks of that flow too.
    fair = [
        match
        for match in scene.flows.rank(part)
        if match.score >= POSSIBLE_FLOW and match.flow_id in around and match.flow_id not in known
    ]
    if not fair or not known or any(is_near(match, fair[0]) for match in fair[1:]):
        return None
    return fair[0]


_FEWEST_WORDS = 2
_LEAST_RIVAL, _RIVAL_SHARE = 0.12, 0.45


def _prefer_taking(text: str, ranked: Sequence[FlowMatch], scene: Scene) -> FlowMatch | None:
    """Among likely flows, the only one that takes a value which the message gives: `any news on claim HM20417?`."""
    best = ranked[0]
    likely = [match for match in ranked[:_FRONT] if match.score >= best.score / 3]
    if len(likely) < 2 or best.score >= SURE_FLOW:
        return None
    counts = {
        match.flow_id: sum(
            value.confidence >= _STRICT for value in find_flow_values(match.flow_id, text, scene)
        )
        for match in likely
    }
    most = max(counts.values())
    taking = [match for match in likely if counts[match.flow_id] == most]
    return taking[0] if most and len(taking) == 1 else None


_FRONT, _STRICT = 3, 0.85


def _prefer_giving(text: str, near: Sequence[FlowMatch], scene: Scene) -> FlowMatch | None:
    """`I'd like an appointment` wants one made, not one cancelled."""
    if len(near) < 2 or not _getting(scene.languages).fullmatch(fold_in_place(text).strip()):
        return None
    giving_words = words_in(GIVING_FLOWS, scene.languages)
    giving = [
        match
        for match in near
        if (flow := scene.offers.flows.find(match.flow_id)) is not None
        and not giving_words.isdisjoint(
            token.word for token in tokenise(f"{flow.id.replace('_', ' ')} {flow.name}")
        )
    ]
    return giving[0] if len(giving) == 1 else None


@lru_cache(maxsize=32)
def _getting(languages: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(choices_of(GETTING, languages))


def _prefer_telling(text: str, near: Sequence[FlowMatch], scene: Scene) -> str | None:
    """Among near flows, the one that tells or shows something, where the message is a question."""
    if not is_question(text, languages=scene.languages):
        return None
    by_flow = {match.flow_id: match for match in scene.flows.rank(f"show {text}")}
    hinted = sorted(
        (by_flow[match.flow_id] for match in near if match.flow_id in by_flow), key=lambda m: -m.score
    )
    if len(hinted) < len(near) or any(is_near(match, hinted[0]) for match in hinted[1:]):
        nearest, *others = sorted(near, key=lambda match: -match.meaning)
        is_apart = all(nearest.meaning - other.meaning > _APART for other in others)
        return nearest.flow_id if is_apart else None
    return hinted[0].flow_id


_APART = 0.25
"""How much nearer in meaning one of two equally likely flows must be for a question."""
