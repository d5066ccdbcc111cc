"""Classifiers that learn intents from featurized examples, `LogisticRegressionClassifier` among them."""

from collections.abc import Mapping, Sequence

from duologue.core.nlu_options import IntentClassifierOptions
from duologue.understanding.nlu.components.ranker import LabelRanker
from duologue.understanding.nlu.components.ranking import shorten_ranking
from duologue.understanding.nlu.components.setting import Setting
from duologue.understanding.nlu.message import NluMessage, TrainingExample


class LearnedIntentClassifier:
    """Ranks the intents of a message; the last classifier of a pipeline has the word."""

    def __init__(
        self, name: str, options: IntentClassifierOptions, setting: Setting, *, adds_up: bool = False
    ) -> None:
        self._name = name
        self._options = options
        self._report = setting.report
        self._adds_up = adds_up
        self._ranker = LabelRanker(name, setting, options.featurizers)

    def train(self, examples: Sequence[TrainingExample]) -> None:
        self._ranker.train(examples, [example.intent for example in examples])
        if not self._ranker.has_learned:
            self._report(f"No example has an intent; `{self._name}` names none.")

    def process(self, message: NluMessage) -> None:
        ranking = self._ranker.rank(message)
        if ranking:
            length = self._options.ranking_length
            message.intents[:] = shorten_ranking(ranking, length, adds_up=self._adds_up)

    def dump(self) -> dict[str, bytes]:
        return self._ranker.dump()

    def restore(self, files: Mapping[str, bytes]) -> None:
        self._ranker.restore(files)
