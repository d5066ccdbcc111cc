"""Chooses by what stories have in common, in situations that no story has."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from duologue.core.events import ACTION_LISTEN
from duologue.dialogue.policies.learned.network import Network, read_network
from duologue.dialogue.policies.learned.network_training import TrainingPlan, train_network
from duologue.dialogue.policies.learned.window import (
    DEFAULT_REACH,
    Features,
    describe,
    describe_words,
    get_words,
)
from duologue.dialogue.policies.options import LEARNED, LearnedOptions
from duologue.dialogue.policies.policy import Prediction
from duologue.dialogue.policies.situation import ACTION, Situation
from duologue.dialogue.policies.story_examples import StoryExample
from duologue.dialogue.policies.view import UNLIKELY_INTENT, SceneView
from duologue.understanding.vectors.sentence_vectors import read_vectors

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_TEXT_MARK = "text:"
_BALANCE = 0.5
"""How far rare actions are raised: 0 not at all, 1 until all weigh the same."""
_SHORTER = ((6, 0.5), (4, 0.4), (3, 0.4), (2, 0.3))
"""Of each example what is left of it with less of the past, and what that counts."""


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
        lessons = self._list_lessons(examples)
        if not lessons:
            return TedPolicy(self.options, language=self._language)
        names = tuple(sorted({label for _, label, _ in lessons}))
        places = {name: place for place, name in enumerate(names)}
        has_words = any(get_words(situations) for situations, _, _ in lessons)
        plan = TrainingPlan(
            features=[_describe_all(situations) for situations, _, _ in lessons],
            dense=self._embed([get_words(situations) for situations, _, _ in lessons]) if has_words else None,
            labels=[(places[label],) for _, label, _ in lessons],
            weights=_balance([(label, weight) for _, label, weight in lessons]),
            names=names,
            seed=self.options.random_seed or 0,
        )
        has_intents = any("intent" in one for situations, _, _ in lessons for one in situations)
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

    def _list_lessons(self, examples: Sequence[StoryExample]) -> list[tuple[Sequence[Situation], str, float]]:
        lessons: dict[tuple[str, str], tuple[Sequence[Situation], str, float]] = {}
        for example in examples:
            if example.action == UNLIKELY_INTENT:
                continue
            label = _TEXT_MARK + example.action if example.is_text else example.action
            known = [one for one in example.situations if one.get(ACTION) != UNLIKELY_INTENT]
            whole = known[-self._reach :]
            for count, weight in ((len(whole), 1.0), *_SHORTER):
                if count < len(whole) or weight == 1.0:
                    part = whole[-count:]
                    key = (repr(part), label)
                    lessons.setdefault(key, (part, label, 0.0))
                    before = lessons[key][2]
                    lessons[key] = (part, label, min(before + weight, 2.0))
        return list(lessons.values())

    def _judge(self, view: SceneView, *, by_text: bool) -> "tuple[str, float]":
        import numpy as np

        assert self._network is not None
        situations = view.list_story_situations(self._reach, by_text=by_text)
        dense = self._embed([get_words(situations)])[0] if self._about.has_words else None
        shares = self._network.judge(_describe_all(situations), dense)
        if view.rejected in self._network.names:
            shares[self._network.names.index(view.rejected)] = 0.0
        best = int(np.argmax(shares))
        return self._network.names[best], float(shares[best])

    def _prefers_words(self, by_words: tuple[str, float], by_intent: tuple[str, float] | None) -> bool:
        if by_words[1] <= self.options.e2e_confidence_threshold:
            return False
        return by_intent is None or by_words[1] > by_intent[1]

    def _embed(self, texts: Sequence[str | None]) -> "NDArray[np.float32]":
        vectors = read_vectors((self._language,))
        return vectors.embed([text or "" for text in texts])

    def _make(self, judged: tuple[str, float], *, is_end_to_end: bool) -> Prediction:
        label, confidence = judged
        is_text = label.startswith(_TEXT_MARK)
        return Prediction(
            action=None if is_text else label,
            text=label.removeprefix(_TEXT_MARK) if is_text else None,
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
