"""The local understander: free text becomes commands from flow names, descriptions, examples and slots alone.

It weighs what a message may be: an answer, a correction, a wish for another flow, a cancellation. It says how sure
it is, and asks when two flows are equally near.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import date

from duologue.core.errors import LanguageModelError
from duologue.core.messages import UserMessage
from duologue.core.understanding import Evidence, Understanding
from duologue.flows.offers import Offers
from duologue.ports.embedder import Embedder
from duologue.understanding.answer_rung import find_answer
from duologue.understanding.answers.answer_kind import AnswerKind
from duologue.understanding.flow_matcher import FlowMatcher
from duologue.understanding.flow_search import SURE_FLOW, FlowSearch, list_words_of
from duologue.understanding.known_values import KnownValues
from duologue.understanding.ladder import MAX_CHARACTERS
from duologue.understanding.open_question import find_open_question, list_languages
from duologue.understanding.readings.answer import read_answer, read_meant_answer, read_possible_answer
from duologue.understanding.readings.cancellation import read_cancellation
from duologue.understanding.readings.clauses import split_loosely, split_strongly
from duologue.understanding.readings.confirmation import read_confirmation
from duologue.understanding.readings.correction import read_correction
from duologue.understanding.readings.going_back import read_going_back
from duologue.understanding.readings.knowledge import (
    asks_about_a_topic,
    can_search,
    read_open_question,
    read_topic_question,
)
from duologue.understanding.readings.reading import Read, Reading
from duologue.understanding.readings.small_talk import (
    read_chat_beside,
    read_hand_over,
    read_repetition,
    read_small_talk,
)
from duologue.understanding.readings.wish import read_clarified, read_faint_wish, read_wish
from duologue.understanding.scene import Scene
from duologue.understanding.slot_spotter import SlotText, spot_slots
from duologue.understanding.speech_acts import SpeechActKind, find_dropped_wish, recognise_speech_acts
from duologue.understanding.vectors.sentence_vectors import read_vectors

_log = logging.getLogger(__name__)


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
        has_search: bool = False,
        embedder: Embedder | None = None,
    ) -> None:
        """`wordings` are whole sentences, normalised, that ask for a flow without doubt.

        `has_search` says that documents answer questions of knowledge; a project whose own `pattern_search` does so
        is recognised without it. `embedder` compares meanings better than the light vectors, once it is prepared.
        """
        self._matcher = matcher
        self._wordings = wordings
        self._known_values = known_values
        self._languages = tuple(languages)
        self._today = today
        self._has_search = has_search
        self._embedder = embedder

    async def understand(self, message: UserMessage, offers: Offers) -> Understanding | None:
        if len(message.text) > MAX_CHARACTERS:
            return None
        await self._matcher.prepare(message.text)
        scene = self._look(message.text, offers)
        for read in _READINGS:
            reading = read(scene)
            if reading is not None:
                return self._say(reading)
        return None

    async def prepare(self) -> None:
        """Embed the flows, if there is an embedder; the light vectors answer until then, and if it fails."""
        if self._embedder is None:
            return
        try:
            await self._matcher.learn(self._embedder)
        except LanguageModelError as error:
            _log.warning("embeddings.not_ready", extra={"reason": str(error)})

    def warm_up(self) -> None:
        """Compile the patterns and read the vectors of every reading, whichever language is spoken."""
        every_kind = tuple(SlotText(name=kind.value, kind=kind) for kind in AnswerKind)
        for spoken in self._languages:
            languages = list_languages(spoken, self._languages)
            recognise_speech_acts("x", languages=languages)
            find_dropped_wish("x", languages=languages)
            split_loosely("x", languages=languages)
            split_strongly("x", languages=languages)
            asks_about_a_topic("x", languages)
            spot_slots("x", slots=every_kind, languages=languages, today=self._today())
            read_vectors(languages).embed_one("x")
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
            acts=recognise_speech_acts(
                text, languages=languages, active_words=list_words_of(offers.active_flow)
            ),
            flows=FlowSearch(self._matcher, self._wordings, offers, languages),
            known_values=self._known_values,
            has_search=self._has_search or can_search(offers.flows),
        )

    def _say(self, reading: Reading) -> Understanding:
        evidence = Evidence(
            rung=self.name, confidence=round(min(reading.confidence, 1.0), 3), reason=reading.reason
        )
        return Understanding(commands=reading.commands, evidence=(evidence,))


def _read_hand_over_or_wish(scene: Scene) -> Reading | None:
    """A flow of the project's own that connects to a person goes before the stock one."""
    best = scene.flows.find_best(scene.text)
    if best is None or best.score < _FULLY_NAMED:
        handed_over = read_hand_over(scene)
        if handed_over is not None:
            return handed_over
    score = best.score if best is not None else 0.0
    if any(scene.find_act(kind, _WHOLE) and score < limit for kind, limit in _FLOW_BEFORE_TALK.items()):
        return read_small_talk(scene)
    return read_wish(scene.text, scene)


# Score from which a flow of the project's own is meant by a message that is only small talk.
_FLOW_BEFORE_TALK = {
    SpeechActKind.THANKS: 0.9,
    SpeechActKind.GREETING: 0.9,
    SpeechActKind.CHITCHAT: SURE_FLOW,
    SpeechActKind.GOODBYE: SURE_FLOW,
}
_FULLY_NAMED = 0.9
"""Score from which a flow is meant although a person is asked for."""
_WHOLE = 0.95
"""Confidence of an act that is the whole message."""

# In the order in which they are tried.
_READINGS: tuple[Read, ...] = (
    read_going_back,
    read_clarified,
    read_cancellation,
    read_confirmation,
    read_correction,
    read_repetition,
    read_topic_question,
    read_answer,
    read_meant_answer,
    _read_hand_over_or_wish,
    read_possible_answer,
    read_small_talk,
    read_chat_beside,
    read_open_question,
    read_faint_wish,
)
