"""`DIETClassifier`: intents and entities of a message, from one look at it."""

from collections.abc import Mapping, Sequence

from duologue.core.nlu_options import DietOptions
from duologue.understanding.nlu.components.entities import LearnedEntityExtractor
from duologue.understanding.nlu.components.intents import LearnedIntentClassifier
from duologue.understanding.nlu.components.setting import Setting, put_below, take_below
from duologue.understanding.nlu.message import NluMessage, TrainingExample

_NAME = "DIETClassifier"


class DietClassifier:
    """An intent classifier and an entity extractor that share the encoding of the message."""

    def __init__(self, options: DietOptions, setting: Setting) -> None:
        intents = LearnedIntentClassifier(_NAME, options, setting, adds_up=options.renormalize_confidences)
        entities = LearnedEntityExtractor(
            _NAME,
            setting,
            split_by_comma=options.split_entities_by_comma,
            aliases=options.featurizers,
        )
        self._parts = {
            **({"intents": intents} if options.intent_classification else {}),
            **({"entities": entities} if options.entity_recognition else {}),
        }

    def train(self, examples: Sequence[TrainingExample]) -> None:
        for part in self._parts.values():
            part.train(examples)

    def process(self, message: NluMessage) -> None:
        for part in self._parts.values():
            part.process(message)

    def dump(self) -> dict[str, bytes]:
        return {
            name: content
            for folder, part in self._parts.items()
            for name, content in put_below(folder, part.dump()).items()
        }

    def restore(self, files: Mapping[str, bytes]) -> None:
        for folder, part in self._parts.items():
            part.restore(take_below(folder, files))
