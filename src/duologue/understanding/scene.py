"""One message in its state: what every reading of free text looks at."""

from datetime import date

import msgspec

from duologue.flows.offers import Offers
from duologue.understanding.answer_rung import FoundAnswer
from duologue.understanding.flow_search import FlowSearch
from duologue.understanding.known_values import KnownValues
from duologue.understanding.open_question import OpenQuestion
from duologue.understanding.speech_acts import SpeechAct, SpeechActKind, find_speech_act

SURE_ACT = 0.75
"""Confidence from which a speech act counts."""


class Scene(msgspec.Struct, frozen=True, kw_only=True):
    """One message in its state."""

    text: str
    offers: Offers
    languages: tuple[str, ...]
    today: date
    question: OpenQuestion | None
    answer: FoundAnswer | None
    acts: tuple[SpeechAct, ...]
    flows: FlowSearch
    known_values: KnownValues
    has_search: bool = False
    """Whether the assistant can answer questions of general knowledge."""

    def find_act(self, kind: SpeechActKind, at_least: float = SURE_ACT) -> SpeechAct | None:
        act = find_speech_act(self.acts, kind)
        return act if act is not None and act.confidence >= at_least else None
