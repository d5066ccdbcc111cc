"""`EntitySynonymMapper`: the value of an entity becomes the one that its spelling stands for."""

from collections.abc import Mapping, Sequence

import msgspec

from duologue.core.understanding import Entity
from duologue.understanding.nlu.component import NluResources
from duologue.understanding.nlu.message import NluMessage, TrainingExample

_FILE = "synonyms.json"
_NAME = "EntitySynonymMapper"


class EntitySynonymMapper:
    """Knows the synonyms of the project and those that marked examples teach; capitals do not matter."""

    def __init__(self, resources: NluResources) -> None:
        self._resources = resources
        self._values: dict[str, str] = {}

    def train(self, examples: Sequence[TrainingExample]) -> None:
        values: dict[str, str] = {}
        for spelling, value in self._resources.synonyms.items():
            _note(values, spelling, value)
        for example in examples:
            for entity in example.entities:
                if entity.value is not None:
                    _note(values, example.text[entity.start : entity.end], str(entity.value))
        self._values = values

    def process(self, message: NluMessage) -> None:
        message.entities[:] = [self._replace(entity) for entity in message.entities]

    def dump(self) -> dict[str, bytes]:
        return {_FILE: msgspec.json.encode(self._values)}

    def restore(self, files: Mapping[str, bytes]) -> None:
        self._values = msgspec.json.decode(files[_FILE], type=dict[str, str])

    def _replace(self, entity: Entity) -> Entity:
        # A number is looked up as it is spelt, as in Rasa.
        value = self._values.get(str(entity.value).lower())
        if value is None:
            return entity
        processors = [*entity.extra.get("processors", ()), _NAME]
        return msgspec.structs.replace(entity, value=value, extra={**entity.extra, "processors": processors})


def _note(values: dict[str, str], spelling: str, value: str) -> None:
    """The spelling stands for the value, and so does the value itself in any capitals."""
    if spelling != value:
        values[spelling.lower()] = value
    values.setdefault(value.lower(), value)
