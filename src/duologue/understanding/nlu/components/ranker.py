"""What ranks labels by the featurizers of a pipeline: shared by classifiers of intents and selectors of responses."""

from collections.abc import Collection, Mapping, Sequence

from duologue.core.understanding import Intent
from duologue.understanding.nlu.components.setting import Setting
from duologue.understanding.nlu.encoding import encode_message
from duologue.understanding.nlu.intents.model import IntentModel
from duologue.understanding.nlu.message import NluMessage, TrainingExample
from duologue.understanding.nlu.recipes import build_recipe


class LabelRanker:
    """An intent model with the features that stand before its component."""

    def __init__(self, name: str, setting: Setting, aliases: Collection[str] = ()) -> None:
        self._resources = setting.resources
        self._recipe = build_recipe(setting.featurizers, aliases)
        self._encoder = setting.find_encoder(is_wanted=self._recipe.use_encoder)
        self._vectors = setting.find_vectors(aliases)
        self._model: IntentModel | None = None

    @property
    def has_learned(self) -> bool:
        """Whether it knows any label."""
        return self._model is not None and bool(self._model.labels)

    def train(self, examples: Sequence[TrainingExample], labels: Sequence[str]) -> None:
        vectors = self._vectors
        self._model = IntentModel.train(
            examples,
            resources=self._resources,
            recipe=self._recipe,
            labels=labels,
            dense=None if vectors is None else [vectors.embed(example.text) for example in examples],
        )

    def rank(self, message: NluMessage) -> list[Intent]:
        """Every label, the likeliest first; none for a message of blanks."""
        if self._model is None or not message.text.strip():
            return []
        return self._model.predict(
            message.text,
            message.tokens,
            encode_message(message, self._encoder),
            dense=None if self._vectors is None else self._vectors.embed(message.text),
        )

    def dump(self) -> dict[str, bytes]:
        return dict(self._model.dump()) if self._model else {}

    def restore(self, files: Mapping[str, bytes]) -> None:
        self._model = IntentModel.restore(files, self._resources) if files else None
