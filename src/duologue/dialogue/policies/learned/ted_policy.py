"""Chooses by what stories have in common, in situations that no story has."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from duologue.core.events import ACTION_LISTEN
from duologue.dialogue.policies.learned.lessons import LOOP_MARK, TEXT_MARK, find_loops, list_lessons
from duologue.dialogue.policies.learned.network import Network, read_network
from duologue.dialogue.policies.learned.network_training import TrainingPlan, train_network
from duologue.dialogue.policies.learned.window import (
    DEFAULT_REACH,
    WORDS,
    Features,
    describe,
    describe_words,
    get_words,
)
from duologue.dialogue.policies.options import LEARNED, LearnedOptions
from duologue.dialogue.policies.policy import Prediction
from duologue.dialogue.policies.situation import ACTION, INTENT, Situation
from duologue.dialogue.policies.story_examples import StoryExample
from duologue.dialogue.policies.view import SceneView
from duologue.understanding.vectors.sentence_vectors import read_vectors

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_BALANCE = 0.5
"""How far rare actions are raised: 0 not at all, 1 until all weigh the same."""
_HIDDEN = {
    "action": 0.05,
    "begin": 0.1,
    "entity": 0.1,
    "far": 0.3,
    "loop": 0.2,
    "past": 0.2,
    "slot": 0.2,
    WORDS: 0.0,
}
"""How often the network has to do without these while it learns."""
_TRUST_IN_PLACES = 5.0
"""How far a loop is rather meant by when it ran than by its name: so what holds of one holds of others."""


class _About(msgspec.Struct, frozen=True, kw_only=True):
    """What the policy has seen."""

    has_words: bool = False
    """Some messages count by their words."""
    has_intents: bool = True


class TedPolicy:
    """A learned policy; its name is what authors know it by."""

    def __init__(
        self,
        options: LearnedOptions,
        *,
        language: str = "en",
        network: Network | None = None,
        about: _About | None = None,
    ) -> None:
        self.options = options
        self._language = language
        self._network = network
        self._about = about or _About()
        self._reach = min(options.max_history or DEFAULT_REACH, 50)

    @property
    def name(self) -> str:
        return LEARNED

    @property
    def priority(self) -> int:
        return self.options.priority

    @property
    def can_read_words(self) -> bool:
        """It may choose by the words of a message, and such a choice overrules others."""
        return self._network is not None and self._about.has_words

    def learn(self, examples: Sequence[StoryExample]) -> "TedPolicy":
        """The policy with the examples learned; without any it says nothing."""
        lessons = list_lessons(examples, self._reach)
        if not lessons:
            return TedPolicy(self.options, language=self._language)
        names = tuple(sorted({label for lesson in lessons for label in lesson.labels}))
        places = {name: place for place, name in enumerate(names)}
        words = [get_words(lesson.situations) for lesson in lessons]
        has_words = any(words)
        plan = TrainingPlan(
            features=[_describe_all(lesson.situations) for lesson in lessons],
            dense=self._embed(words) if has_words else None,
            labels=[tuple(places[label] for label in lesson.labels) for lesson in lessons],
            weights=_balance([(lesson.action, lesson.weight) for lesson in lessons]),
            names=names,
            trust=[_TRUST_IN_PLACES if name.startswith(LOOP_MARK) else 1.0 for name in names],
            hidden=_HIDDEN,
            seed=self.options.random_seed or 0,
        )
        has_intents = any(INTENT in one for lesson in lessons for one in lesson.situations)
        return TedPolicy(
            self.options,
            language=self._language,
            network=train_network(plan),
            about=_About(has_words=has_words, has_intents=has_intents),
        )

    def predict(self, view: SceneView) -> Prediction | None:
        """The likeliest action."""
        if self._network is None:
            return None
        reads_words = self._about.has_words and view.is_after_listening and bool(view.moment.text)
        only_words = reads_words and not self._about.has_intents
        by_intent = None if only_words else self._judge(view, by_text=False)
        by_words = self._judge(view, by_text=True) if reads_words else None
        if by_words is not None and (only_words or self._prefers_words(by_words, by_intent)):
            return self._make(by_words, is_end_to_end=True)
        return self._make(by_intent, is_end_to_end=False) if by_intent is not None else None

    def dump(self) -> Mapping[str, bytes]:
        if self._network is None:
            return {}
        return {**self._network.dump(), "about.json": msgspec.json.encode(self._about)}

    def restore(self, files: Mapping[str, bytes]) -> "TedPolicy":
        """The policy with what was dumped."""
        if "about.json" not in files:
            return TedPolicy(self.options, language=self._language)
        about = msgspec.json.decode(files["about.json"], type=_About)
        return TedPolicy(self.options, language=self._language, network=read_network(files), about=about)

    def _judge(self, view: SceneView, *, by_text: bool) -> "tuple[str, float]":
        assert self._network is not None
        situations = view.list_story_situations(self._reach, by_text=by_text)
        dense = self._embed([get_words(situations)])[0] if self._about.has_words else None
        shares = self._network.judge(_describe_all(situations), dense)
        loops = find_loops(situations)
        judged: defaultdict[str, float] = defaultdict(float, {ACTION_LISTEN: 0.0})
        for name, share in zip(self._network.names, shares.tolist(), strict=True):
            meant = loops.get(name) if name.startswith(LOOP_MARK) else name
            if meant is not None and meant != view.rejected:
                judged[meant] += share
        best = max(judged, key=judged.__getitem__)
        return best, judged[best]

    def _prefers_words(self, by_words: tuple[str, float], by_intent: tuple[str, float] | None) -> bool:
        if by_words[1] <= self.options.e2e_confidence_threshold:
            return False
        return by_intent is None or by_words[1] > by_intent[1]

    def _embed(self, texts: Sequence[str | None]) -> "NDArray[np.float32]":
        vectors = read_vectors((self._language,))
        return vectors.embed([text or "" for text in texts])

    def _make(self, judged: tuple[str, float], *, is_end_to_end: bool) -> Prediction:
        label, confidence = judged
        is_text = label.startswith(TEXT_MARK)
        return Prediction(
            action=None if is_text else label,
            text=label.removeprefix(TEXT_MARK) if is_text else None,
            confidence=confidence,
            policy=LEARNED,
            priority=self.priority,
            is_end_to_end=is_end_to_end,
        )


def _balance(weighed: Sequence[tuple[str, float]]) -> list[float]:
    """Weights such that an action which many stories have does not drown one that few have."""
    totals: defaultdict[str, float] = defaultdict(float)
    for label, weight in weighed:
        totals[label] += weight
    return [weight / totals[label] ** _BALANCE for label, weight in weighed]


def _describe_all(situations: Sequence[Situation]) -> Features:
    features = describe(situations)
    text = get_words(situations)
    if text is not None and situations[-1].get(ACTION) == ACTION_LISTEN:
        return features | describe_words(text)
    return features
