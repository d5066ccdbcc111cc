"""Extractors that learn entities from marked examples: `CRFEntityExtractor` and its kin."""

from collections.abc import Mapping, Sequence

from duologue.core.nlu_options import RegexFeaturizerOptions
from duologue.understanding.nlu.components.setting import Setting
from duologue.understanding.nlu.encoding import encode_examples, encode_message
from duologue.understanding.nlu.entities.model import EntityModel
from duologue.understanding.nlu.entities.options import EntityOptions
from duologue.understanding.nlu.message import NluMessage, TrainingExample
from duologue.understanding.nlu.recipes import build_recipe


class LearnedEntityExtractor:
    """Adds the entities that it finds to those of the extractors before it."""

    def __init__(
        self,
        name: str,
        setting: Setting,
        *,
        split_by_comma: bool | Mapping[str, bool] | None = None,
        aliases: Sequence[str] = (),
    ) -> None:
        self._name = name
        self._setting = setting
        recipe = build_recipe(setting.featurizers, aliases)
        self._encoder = setting.find_encoder(is_wanted=recipe.use_encoder)
        patterns = [
            one.options for one in setting.featurizers if isinstance(one.options, RegexFeaturizerOptions)
        ]
        self._options = EntityOptions(
            extractor=name,
            split_by_comma=split_by_comma,
            use_lookups=any(one.use_lookup_tables for one in patterns),
            use_regexes=any(one.use_regexes for one in patterns),
        )
        self._model: EntityModel | None = None

    def train(self, examples: Sequence[TrainingExample]) -> None:
        if not any(example.entities for example in examples):
            self._model = None
            return
        self._model = EntityModel.train(
            examples,
            resources=self._setting.resources,
            options=self._options,
            encoded=encode_examples(examples, self._encoder),
        )

    def process(self, message: NluMessage) -> None:
        if self._model is None or not message.text.strip():
            return
        encoded = encode_message(message, self._encoder)
        message.entities.extend(
            self._model.predict(message.text, message.tokens, encoded, asked=message.asked)
        )

    def dump(self) -> dict[str, bytes]:
        return dict(self._model.dump()) if self._model else {}

    def restore(self, files: Mapping[str, bytes]) -> None:
        self._model = EntityModel.restore(files, self._setting.resources) if files else None
