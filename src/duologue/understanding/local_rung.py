"""The local understander: free text becomes commands from flow names, descriptions, examples and slots alone.

It weighs what a message may be: an answer, a correction, a wish for another flow, a cancellation. It says how sure
it is, and asks when two flows are equally near.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from math import inf, log

from duologue.core import commands as cmd
from duologue.core.commands import Command
from duologue.core.messages import UserMessage
from duologue.core.understanding import Evidence, Understanding
from duologue.flows.flow import Flow
from duologue.flows.offers import Offers
from duologue.understanding.answer_rung import OPEN_KINDS, FoundAnswer, find_answer
from duologue.understanding.corrections import FAIR_ANSWER, list_filled_slots, pick_corrections
from duologue.understanding.flow_matcher import FlowMatch, FlowMatcher
from duologue.understanding.flow_texts import normalise_wording
from duologue.understanding.known_values import KnownValues
from duologue.understanding.ladder import MAX_CHARACTERS
from duologue.understanding.message_form import is_question
from duologue.understanding.open_question import find_open_question, list_languages
from duologue.understanding.scene import Scene
from duologue.understanding.slot_reading import SlotReader, may_be_said
from duologue.understanding.speech_acts import (
    SpeechActKind,
    recognise_speech_acts,
)

SURE_FLOW = 0.6
"""Score from which a flow is started without asking."""
POSSIBLE_FLOW = 0.35
"""Score from which a flow is worth asking about."""
_OVERRIDING_FLOW = 0.8
"""Score from which a flow outweighs words that could also be an answer."""
_MARGIN = 0.9
"""Two flows whose scores, as log odds, are nearer than this are equally near."""
_MARGIN_ON_SAME_WORDS = 2.0
"""The margin where the same words speak for both flows."""
_RANKED = 12
"""How many flows to rank; those that may not start now are left out afterwards."""


class LocalRung:
    """Understands free text without a model; always says something, if only that it did not understand."""

    name = "local"

    def __init__(
        self,
        *,
        matcher: FlowMatcher,
        wordings: Mapping[str, str],
        known_values: KnownValues,
        languages: Sequence[str],
        today: Callable[[], date],
    ) -> None:
        """`wordings` are whole sentences, normalised, that ask for a flow without doubt."""
        self._matcher = matcher
        self._wordings = wordings
        self._slots = SlotReader(known_values)
        self._languages = tuple(languages)
        self._today = today

    async def understand(self, message: UserMessage, offers: Offers) -> Understanding | None:
        if len(message.text) > MAX_CHARACTERS:
            return None
        scene = self._look(message.text, offers)
        for reading in (
            self._read_cancellation,
            self._read_correction,
            self._read_repetition,
            self._read_wish_or_answer,
            self._read_small_talk,
        ):
            understanding = reading(scene)
            if understanding is not None:
                return understanding
        return None

    def warm_up(self) -> None:
        """Compile the patterns of every speech act, whichever language is spoken."""
        for spoken in self._languages:
            recognise_speech_acts("x", languages=list_languages(spoken, self._languages))
        self._matcher.rank("x")

    def _look(self, text: str, offers: Offers) -> Scene:
        languages = list_languages(offers.slots.get("language"), self._languages)
        question = find_open_question(offers, languages[0])
        today = self._today()
        return Scene(
            text=text.lstrip("/"),
            offers=offers,
            languages=languages,
            today=today,
            question=question,
            answer=find_answer(text, question, languages, today) if question else None,
            acts=recognise_speech_acts(text, languages=languages, active_words=_words_of(offers.active_flow)),
        )

    # Readings, in the order in which they are tried

    def _read_cancellation(self, scene: Scene) -> Understanding | None:
        act = scene.find_act(SpeechActKind.CANCEL)
        if act is None or scene.offers.active_flow is None:
            return None
        commands: list[Command] = [cmd.CancelFlow()]
        wish = self._best_flow(act.rest, scene) if act.rest else None
        if wish is not None and wish.score >= SURE_FLOW:
            commands.extend(self._start(wish.flow_id, act.rest, scene))
        return self._say(commands, act.confidence, "cancels the flow")

    def _read_correction(self, scene: Scene) -> Understanding | None:
        act = scene.find_act(SpeechActKind.CORRECTION, 0.5)
        if act is None or not (act.rest or act.mentions):
            return None
        filled = [slot for slot in list_filled_slots(scene.offers) if may_be_said(slot)]
        sets = pick_corrections(self._slots.spot(act.rest or scene.text, filled, scene), filled, act, scene)
        if not sets:
            return None
        return self._say(sets, act.confidence, "corrects what was said before")

    def _read_repetition(self, scene: Scene) -> Understanding | None:
        if (act := scene.find_act(SpeechActKind.REPEAT)) is not None:
            return self._say([cmd.RepeatBotMessages()], act.confidence, "asks to hear it again")
        if scene.question is not None and (act := scene.find_act(SpeechActKind.SKIP)) is not None:
            return self._say([cmd.SkipQuestion()], act.confidence, "does not want to answer")
        return None

    def _read_wish_or_answer(self, scene: Scene) -> Understanding | None:
        ranked = self._rank(scene.text, scene)
        best = ranked[0].score if ranked else 0.0
        answer = scene.answer
        if answer is not None and self._is_rather_an_answer(answer, best, scene):
            extra = self._spot_more(answer, scene)
            return self._say([answer.to_command(), *extra], answer.confidence, "answers the question")
        handoff = scene.find_act(SpeechActKind.HANDOFF)
        if handoff is not None and best < POSSIBLE_FLOW:
            return self._say([cmd.HumanHandoff()], handoff.confidence, "wants to talk to a person")
        wish = self._choose_flow(ranked, scene)
        if wish is not None:
            return wish
        if answer is not None and scene.question is not None and not scene.acts:
            return self._say([answer.to_command()], answer.confidence, "may answer the question")
        return None

    def _is_rather_an_answer(self, answer: FoundAnswer, best: float, scene: Scene) -> bool:
        if any(
            scene.find_act(kind)
            for kind in (SpeechActKind.GREETING, SpeechActKind.HANDOFF, SpeechActKind.HELP)
        ):
            return False
        if answer.question.kind in OPEN_KINDS:
            return answer.confidence >= FAIR_ANSWER and best < _OVERRIDING_FLOW
        return answer.confidence >= FAIR_ANSWER or best < POSSIBLE_FLOW

    def _choose_flow(self, ranked: Sequence[FlowMatch], scene: Scene) -> Understanding | None:
        if not ranked or ranked[0].score < POSSIBLE_FLOW:
            return None
        best = ranked[0]
        near = [match for match in ranked[1:] if _is_near(match, best)]
        if best.score >= SURE_FLOW and not near:
            return self._say(
                self._start(best.flow_id, scene.text, scene), best.score, f"asks for {best.flow_id}"
            )
        rivals = near or [match for match in ranked[1:] if match.score >= POSSIBLE_FLOW]
        if not rivals:
            return self._say(
                self._start(best.flow_id, scene.text, scene), best.score, f"may ask for {best.flow_id}"
            )
        asked = self._prefer_telling([best, *rivals], scene)
        if asked is not None:
            return self._say(self._start(asked, scene.text, scene), SURE_FLOW, f"asks what {asked} tells")
        options = tuple(match.flow_id for match in (best, *rivals))
        return self._say([cmd.Clarify(options=options)], best.score, "could mean more than one flow")

    def _prefer_telling(self, near: Sequence[FlowMatch], scene: Scene) -> str | None:
        """Among near flows, the one that tells or shows something, where the message is a question."""
        if not is_question(scene.text, languages=scene.languages):
            return None
        by_flow = {match.flow_id: match for match in self._rank(f"show {scene.text}", scene)}
        hinted = sorted(
            (by_flow[match.flow_id] for match in near if match.flow_id in by_flow), key=lambda m: -m.score
        )
        if len(hinted) < len(near) or any(_is_near(match, hinted[0]) for match in hinted[1:]):
            return None
        return hinted[0].flow_id

    def _read_small_talk(self, scene: Scene) -> Understanding | None:
        kinds = (SpeechActKind.GREETING, SpeechActKind.THANKS, SpeechActKind.GOODBYE, SpeechActKind.CHITCHAT)
        act = next((act for kind in kinds if (act := scene.find_act(kind)) is not None), None)
        if act is None:
            return None
        return self._say([cmd.ChitChat()], act.confidence, "small talk")

    # What the readings need

    def _rank(self, text: str, scene: Scene) -> list[FlowMatch]:
        """Flows that may start, the likeliest first; the active one is no wish."""
        active = scene.offers.active_flow
        exact = self._wordings.get(normalise_wording(text))
        if (
            exact is not None
            and exact in scene.offers.flows
            and scene.offers.is_startable(scene.offers.flows.user_flows[exact])
        ):
            return [FlowMatch(flow_id=exact, score=1.0, margin=1.0, words=())]
        ranked: list[FlowMatch] = []
        for match in self._matcher.rank(text, limit=_RANKED):
            if match.score < POSSIBLE_FLOW / 2:
                break
            flow = scene.offers.flows.find(match.flow_id)
            if flow is None or not scene.offers.is_startable(flow) or flow is active:
                continue
            ranked.append(match)
        return ranked

    def _best_flow(self, text: str, scene: Scene) -> FlowMatch | None:
        ranked = self._rank(text, scene)
        return ranked[0] if ranked else None

    def _start(self, flow_id: str, text: str, scene: Scene) -> list[Command]:
        slots = [
            scene.offers.domain.slots[n]
            for n in sorted(scene.offers.get_slots_of(flow_id))
            if n in scene.offers.domain.slots
        ]
        return [cmd.StartFlow(flow=flow_id), *self._slots.spot(text, slots, scene)]

    def _spot_more(self, answer: FoundAnswer, scene: Scene) -> list[cmd.SetSlot]:
        """What the message says beyond the answer: other slots of the active flow that are still empty."""
        if answer.confidence > 0.9:
            return []
        offers = scene.offers
        open_slots = [
            offers.domain.slots[name]
            for name in sorted(offers.active_slots)
            if offers.slots.get(name) is None and name != answer.question.slot.name
        ]
        return [c for c in self._slots.spot(scene.text, open_slots, scene) if c.value != answer.value]

    def _say(self, commands: Iterable[Command], confidence: float, reason: str) -> Understanding:
        evidence = Evidence(rung=self.name, confidence=round(min(confidence, 1.0), 3), reason=reason)
        return Understanding(commands=tuple(commands), evidence=(evidence,))


def _is_near(match: FlowMatch, best: FlowMatch) -> bool:
    margin = _MARGIN_ON_SAME_WORDS if set(best.words) <= set(match.words) else _MARGIN
    return match.score >= POSSIBLE_FLOW and _log_odds(best.score) - _log_odds(match.score) < margin


def _log_odds(score: float) -> float:
    return log(score / (1 - score)) if 0 < score < 1 else inf if score >= 1 else -inf


def _words_of(flow: Flow | None) -> tuple[str, ...]:
    return tuple(f"{flow.name} {flow.description}".casefold().split()) if flow else ()
