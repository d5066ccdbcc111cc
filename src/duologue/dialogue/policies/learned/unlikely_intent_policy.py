"""Notices a message that no story expects where it comes."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import msgspec

from duologue.core.events import ACTION_LISTEN
from duologue.dialogue.policies.learned.network import Network, read_network
from duologue.dialogue.policies.learned.network_training import TrainingPlan, train_network
from duologue.dialogue.policies.learned.window import DEFAULT_REACH, describe
from duologue.dialogue.policies.options import UNLIKELY, UnlikelyIntentOptions
from duologue.dialogue.policies.policy import Prediction
from duologue.dialogue.policies.situation import ACTION, ACTION_TEXT, INTENT, TEXT, Situation
from duologue.dialogue.policies.story_examples import StoryExample
from duologue.dialogue.policies.view import UNLIKELY_INTENT, SceneView

_FILE = "thresholds.json"


class UnlikelyIntentPolicy:
    """Predicts `action_unlikely_intent` where an intent is known from stories, but from other places."""

    def __init__(
        self,
        options: UnlikelyIntentOptions,
        *,
        network: Network | None = None,
        thresholds: Mapping[str, float] | None = None,
    ) -> None:
        self.options = options
        self._network = network
        self._thresholds = dict(thresholds or {})
        self._reach = min(options.max_history or DEFAULT_REACH, 50)

    @property
    def name(self) -> str:
        return UNLIKELY

    @property
    def priority(self) -> int:
        return self.options.priority

    def learn(self, examples: Sequence[StoryExample]) -> "UnlikelyIntentPolicy":
        """The policy with the examples learned; paths with messages or replies by words are left out."""
        expected = self._gather(examples)
        names = tuple(sorted({intent for _, intents in expected.values() for intent in intents}))
        if not names:
            return UnlikelyIntentPolicy(self.options)
        contexts = list(expected.values())
        plan = TrainingPlan(
            features=[describe(situations) for situations, _ in contexts],
            labels=[tuple(names.index(intent) for intent in sorted(intents)) for _, intents in contexts],
            weights=[1.0] * len(contexts),
            names=names,
            is_exclusive=False,
            seed=self.options.random_seed or 0,
        )
        network = train_network(plan)
        thresholds = self._find_thresholds(network, contexts)
        return UnlikelyIntentPolicy(self.options, network=network, thresholds=thresholds)

    def predict(self, view: SceneView) -> Prediction | None:
        """That the message is unlikely; None if it is likely, or if it is not for this policy to say."""
        intent = view.moment.intent
        if self._network is None or intent is None or not view.is_after_listening:
            return None
        threshold = self._thresholds.get(intent.name)
        if threshold is None or intent.name in self.options.ignore_intents_list:
            return None
        situations = view.list_story_situations(self._reach + 1, by_text=False)[:-1]
        score = float(self._network.judge(describe(situations))[self._network.names.index(intent.name)])
        if score >= threshold or view.rejected == UNLIKELY_INTENT:
            return None
        return Prediction(
            action=UNLIKELY_INTENT, policy=UNLIKELY, priority=self.priority, is_end_to_end=False
        )

    def dump(self) -> Mapping[str, bytes]:
        if self._network is None:
            return {}
        return {**self._network.dump(), _FILE: msgspec.json.encode(self._thresholds, order="sorted")}

    def restore(self, files: Mapping[str, bytes]) -> "UnlikelyIntentPolicy":
        """The policy with what was dumped."""
        if _FILE not in files:
            return UnlikelyIntentPolicy(self.options)
        thresholds = msgspec.json.decode(files[_FILE], type=dict[str, float])
        return UnlikelyIntentPolicy(self.options, network=read_network(files), thresholds=thresholds)

    def _gather(self, examples: Sequence[StoryExample]) -> dict[str, tuple[Sequence[Situation], set[str]]]:
        """Each stretch of conversation that ends by listening, and the intents that stories have then."""
        by_words = {
            id(example.path)
            for example in examples
            if example.is_text or any(TEXT in one or ACTION_TEXT in one for one in example.situations)
        }
        expected: dict[str, tuple[Sequence[Situation], set[str]]] = {}
        for example in examples:
            last = example.situations[-1]
            intent = last.get(INTENT)
            if id(example.path) in by_words or last.get(ACTION) != ACTION_LISTEN or intent is None:
                continue
            known = [one for one in example.situations[:-1] if one.get(ACTION) != UNLIKELY_INTENT]
            context = known[-self._reach :]
            expected.setdefault(repr(context), (context, set()))[1].add(str(intent))
        return expected

    def _find_thresholds(
        self, network: Network, contexts: Sequence[tuple[Sequence[Situation], set[str]]]
    ) -> dict[str, float]:
        """An intent is likely where it scores as in its own places, or as in the best of all others."""
        import numpy as np

        own: defaultdict[str, list[float]] = defaultdict(list)
        other: defaultdict[str, list[float]] = defaultdict(list)
        for situations, intents in contexts:
            for name, score in zip(network.names, network.judge(describe(situations)), strict=True):
                (own if name in intents else other)[name].append(float(score))
        tolerance = min(max(self.options.tolerance, 0.0), 1.0)
        thresholds: dict[str, float] = {}
        for name, scores in own.items():
            least = min(scores)
            if other[name]:
                least = min(least, float(np.quantile(other[name], 1.0 - tolerance, method="lower")))
            thresholds[name] = least
        return thresholds
