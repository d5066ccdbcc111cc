"""Where the objects are: the interface, and one that reads a JSON file."""

import json
import random
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from duologue.sdk.calling import call_author
from duologue.sdk.errors import MissingMethodError

# Objects are open JSON that the author's data shapes, hence `Any`.
KnowledgeObject = dict[str, Any]
Representation = Callable[[KnowledgeObject], str]
OrdinalMapping = dict[str, Callable[[list[Any]], Any]]


def _nth(index: int) -> Callable[[list[Any]], Any]:
    return lambda items: items[index]


def _name_of(found: KnowledgeObject) -> str:
    return str(found["name"])


class KnowledgeBase:
    """Objects of several types, each with attributes; override the four queries to read them from elsewhere.

    A query may be plain or `async`.
    """

    def __init__(self) -> None:
        self.ordinal_mention_mapping: OrdinalMapping = {
            **{str(number): _nth(number - 1) for number in range(1, 11)},
            "ANY": random.choice,
            "LAST": _nth(-1),
        }
        self.key_attribute: defaultdict[str, str] = defaultdict(lambda: "id")
        self.representation_function: defaultdict[str, Representation] = defaultdict(lambda: _name_of)

    def set_ordinal_mention_mapping(self, mapping: OrdinalMapping) -> None:
        """Say what "the first one" and its like pick from the objects listed last."""
        self.ordinal_mention_mapping = mapping

    async def get_key_attribute_of_object(self, object_type: str) -> str:
        """Give the attribute that identifies objects of a type: `id` unless set otherwise."""
        return self.key_attribute[object_type]

    async def get_representation_function_of_object(self, object_type: str) -> Representation:
        """Give the function that words an object of a type: its `name` unless set otherwise."""
        return self.representation_function[object_type]

    async def get_attributes_of_object(self, object_type: str) -> list[str]:
        """Give the attributes of a type."""
        raise MissingMethodError(f"{type(self).__name__} has no get_attributes_of_object.")

    async def get_objects(
        self, object_type: str, attributes: list[dict[str, Any]], limit: int = 5
    ) -> list[KnowledgeObject]:
        """Find objects of a type; each of `attributes` is `{"name": …, "value": …}` and must match."""
        raise MissingMethodError(f"{type(self).__name__} has no get_objects.")

    async def get_object(self, object_type: str, object_identifier: str) -> KnowledgeObject | None:
        """Find one object by its key or its wording."""
        raise MissingMethodError(f"{type(self).__name__} has no get_object.")

    def get_object_types(self) -> list[str]:
        """Give all types."""
        raise MissingMethodError(f"{type(self).__name__} has no get_object_types.")


class InMemoryKnowledgeBase(KnowledgeBase):
    """Objects from a JSON file: `{"restaurant": [{"id": 1, "name": …}, …]}`."""

    def __init__(self, data_file: str) -> None:
        super().__init__()
        self.data_file = data_file
        self.data: dict[str, list[KnowledgeObject]] = {}
        self.load()

    def load(self) -> None:
        """Read the file."""
        try:
            content = Path(self.data_file).read_text(encoding="utf-8")
        except OSError as error:
            raise ValueError(
                f"The knowledge base '{self.data_file}' cannot be read: {error.strerror}."
            ) from error
        try:
            self.data = json.loads(content)
        except ValueError as error:
            raise ValueError(f"The knowledge base '{self.data_file}' is not valid JSON: {error}.") from error

    def set_representation_function_of_object(
        self, object_type: str, representation_function: Representation
    ) -> None:
        """Say how objects of a type are worded."""
        self.representation_function[object_type] = representation_function

    def set_key_attribute_of_object(self, object_type: str, key_attribute: str) -> None:
        """Say which attribute identifies objects of a type."""
        self.key_attribute[object_type] = key_attribute

    async def get_attributes_of_object(self, object_type: str) -> list[str]:
        """Give the attributes of the type's first object."""
        objects = self.data.get(object_type)
        return list(objects[0]) if objects else []

    async def get_objects(
        self, object_type: str, attributes: list[dict[str, Any]], limit: int = 5
    ) -> list[KnowledgeObject]:
        """Find objects by their attributes, in random order."""
        fitting = [
            found
            for found in self.data.get(object_type) or []
            if all(found.get(attribute["name"]) == attribute["value"] for attribute in attributes)
        ]
        random.shuffle(fitting)
        return fitting[:limit]

    async def get_object(self, object_type: str, object_identifier: str) -> KnowledgeObject | None:
        """Find the object with this key, or the only one whose wording has this text in it."""
        objects = self.data.get(object_type) or []
        key: str = await call_author(self.get_key_attribute_of_object, object_type)
        wanted = str(object_identifier).lower()
        fitting = [found for found in objects if str(found.get(key)).lower() == wanted]
        if not fitting:
            word: Representation = await call_author(self.get_representation_function_of_object, object_type)
            fitting = [found for found in objects if wanted in str(word(found)).lower()]
        return fitting[0] if len(fitting) == 1 else None

    def get_object_types(self) -> list[str]:
        """Give the types in the file."""
        return list(self.data)
