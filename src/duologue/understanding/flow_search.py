"""The flows that one message may ask for in its state."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import inf, log

from duologue.flows.flow import Flow
from duologue.flows.offers import Offers
from duologue.understanding.flow_matcher import FlowMatch, FlowMatcher
from duologue.understanding.flow_texts import normalise_wording
from duologue.understanding.lexicon.opposites import OPPOSITES
from duologue.understanding.text_features import split_identifier, stem, tokenise

SURE_FLOW = 0.6
"""Score from which a flow is started without asking."""
POSSIBLE_FLOW = 0.35
"""Score from which a flow is worth asking about."""
_MARGIN = 0.9
"""Two flows whose scores, as log odds, are nearer than this are equally near."""
_MARGIN_ON_SAME_WORDS = 2.0
"""The margin where the same words speak for both flows."""
_MARGIN_ON_FEWER_WORDS = 0.5
"""The margin where only some of the words that speak for the best flow speak for the other."""
_LEAST = 0.05
_RANKED = 12
"""How many flows to rank; those that may not start now are left out afterwards."""


class FlowSearch:
    """Ranks flows for the parts of one message; each part is looked at once."""

    def __init__(
        self, matcher: FlowMatcher, wordings: Mapping[str, str], offers: Offers, languages: Sequence[str]
    ) -> None:
        self._languages = tuple(languages)
        self._matcher = matcher
        self._wordings = wordings
        self._offers = offers
        self._known: dict[str, list[FlowMatch]] = {}

    def rank(self, text: str) -> list[FlowMatch]:
        """Flows that may start, the likeliest first; the active one is no wish."""
        active = self._offers.active_flow
        return [match for match in self.rank_all(text) if active is None or match.flow_id != active.id]

    def rank_all(self, text: str) -> list[FlowMatch]:
        """Flows that may start or are under way, the likeliest first."""
        if text not in self._known:
            self._known[text] = self._rank(text)
        return self._known[text]

    def find_best(self, text: str) -> FlowMatch | None:
        """The likeliest flow that may start."""
        ranked = self.rank(text)
        return ranked[0] if ranked else None

    def find_sure(self, text: str) -> FlowMatch | None:
        """The flow that the text asks for without doubt, if there is one."""
        ranked = self.rank(text)
        if not ranked or ranked[0].score < SURE_FLOW or any(is_near(m, ranked[0]) for m in ranked[1:]):
            return None
        return ranked[0]

    def _rank(self, text: str) -> list[FlowMatch]:
        exact = self._offers.flows.user_flows.get(self._wordings.get(normalise_wording(text), ""))
        if exact is not None and self._offers.is_startable(exact):
            return [FlowMatch(flow_id=exact.id, score=1.0, margin=1.0, words=())]
        matches = self._matcher.rank(_shorten(text), limit=_RANKED)
        opposites = _find_opposites(text, self._languages)
        return [
            match
            for match in matches
            if match.score >= _LEAST
            and self._is_offered(match.flow_id)
            and not self._undoes(match, opposites)
        ]

    def _undoes(self, match: FlowMatch, opposites: tuple[frozenset[str], frozenset[str]]) -> bool:
        """Whether the flow does the opposite of what is asked: it adds, and the message says `remove`."""
        said, undone = opposites
        flow = self._offers.flows.find(match.flow_id)
        if not undone or flow is None:
            return False
        own = {stem(word, language) for word in list_words_of(flow) for language in self._languages}
        return bool(own & undone) and not own & said

    def _is_offered(self, flow_id: str) -> bool:
        flow: Flow | None = self._offers.flows.find(flow_id)
        active = self._offers.active_flow
        return flow is not None and (flow is active or self._offers.is_startable(flow))


def _shorten(text: str) -> str:
    """The part in which a wish is said; what no language calls a word is cut."""
    return _LONG_WORD.sub(lambda match: match[0][:_LONGEST_WORD], text[:_LONGEST])


_LONGEST, _LONGEST_WORD = 600, 40
_LONG_WORD = re.compile(rf"\w{{{_LONGEST_WORD + 1},}}")


def list_words_of(flow: Flow | None) -> tuple[str, ...]:
    """The words of a flow's id, names and description."""
    if flow is None:
        return ()
    texts = (" ".join(split_identifier(flow.id)), flow.name, *flow.translations.values(), flow.description)
    return tuple(dict.fromkeys(token.word for text in texts for token in tokenise(text)))


def _find_opposites(text: str, languages: tuple[str, ...]) -> tuple[frozenset[str], frozenset[str]]:
    """Stems of the verbs that the message says, with their synonyms, and of those that undo them."""
    words = {token.word for token in tokenise(text)}
    said: set[str] = set()
    undone: set[str] = set()
    for verbs, others in _opposites(languages):
        if not words.isdisjoint(verbs):
            said |= {stem(verb, language) for verb in verbs for language in languages}
            undone |= {stem(other, language) for other in others for language in languages}
    return frozenset(said), frozenset(undone - said)


@lru_cache(maxsize=32)
def _opposites(languages: tuple[str, ...]) -> tuple[tuple[frozenset[str], frozenset[str]], ...]:
    pairs = [pair for language in languages for pair in OPPOSITES.get(language, ())]
    both = [*pairs, *((right, left) for left, right in pairs)]
    return tuple((frozenset(left.split()), frozenset(right.split())) for left, right in both)


def is_near(match: FlowMatch, best: FlowMatch) -> bool:
    """Whether a flow is about as likely as the best one."""
    own, others = set(best.words), set(match.words)
    margin = _MARGIN_ON_SAME_WORDS if own <= others else _MARGIN_ON_FEWER_WORDS if others < own else _MARGIN
    return match.score >= POSSIBLE_FLOW and _log_odds(best.score) - _log_odds(match.score) < margin


def _log_odds(score: float) -> float:
    return log(score / (1 - score)) if 0 < score < 1 else inf if score >= 1 else -inf
