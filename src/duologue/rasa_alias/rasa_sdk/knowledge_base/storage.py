"""Where the objects are: the interface, and one that reads a JSON file."""

# pyright: basic
# Objects are open JSON that the author's data shapes.

import json
import logging
import os
import random
from typing import Any

from duologue.sdk.knowledge_base import storage

from .. import utils

logger = logging.getLogger(__name__)


class KnowledgeBase(storage.KnowledgeBase):
    """Objects of several types, each with attributes; override the four queries to read them from elsewhere."""

    async def get_attributes_of_object(self, object_type: str) -> list[str]:
        """Give the attributes of a type."""
        raise NotImplementedError("Method is not implemented.")

    async def get_objects(
        self, object_type: str, attributes: list[dict[str, Any]], limit: int = 5
    ) -> list[dict[str, Any]]:
        """Find objects of a type; each of `attributes` is `{"name": …, "value": …}` and must match."""
        raise NotImplementedError("Method is not implemented.")

    async def get_object(self, object_type: str, object_identifier: str) -> dict[str, Any] | None:
        """Find one object by its key or its wording."""
        raise NotImplementedError("Method is not implemented.")

    def get_object_types(self) -> list[str]:
        """Give all types."""
        raise NotImplementedError("Method is not implemented.")


class InMemoryKnowledgeBase(KnowledgeBase):
    """Objects from a JSON file: `{"restaurant": [{"id": 1, "name": …}, …]}`."""

    def __init__(self, data_file: str) -> None:
        self.data_file = data_file
        self.data: dict[str, Any] = {}
        self.load()
        super().__init__()

    def load(self) -> None:
        """Read the file."""
        try:
            with open(self.data_file, encoding="utf-8") as file:
                content = file.read()
        except OSError as error:
            raise ValueError(f"File '{self.data_file}' does not exist.") from error
        try:
            self.data = json.loads(content)
        except ValueError as error:
            path = os.path.abspath(self.data_file)
            raise ValueError(f"Failed to read json from '{path}'. Error: {error}") from error

    def set_representation_function_of_object(self, object_type: str, representation_function: Any) -> None:
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
    ) -> list[dict[str, Any]]:
        """Find objects by their attributes, in random order."""
        fitting = [
            found
            for found in self.data.get(object_type, [])
            if all(found[wanted["name"]] == wanted["value"] for wanted in attributes or [])
        ]
        random.shuffle(fitting)
        return fitting[:limit]

    async def get_object(self, object_type: str, object_identifier: str) -> dict[str, Any] | None:
        """Find the object with this key, or the only one whose wording has this text in it."""
        if object_type not in self.data:
            return None
        objects, wanted = self.data[object_type], str(object_identifier).lower()
        key = await utils.call_potential_coroutine(self.get_key_attribute_of_object(object_type))
        fitting = [found for found in objects if str(found[key]).lower() == wanted]
        if not fitting:
            word = await utils.call_potential_coroutine(
                self.get_representation_function_of_object(object_type)
            )
            fitting = [found for found in objects if wanted in str(word(found)).lower()]
        return fitting[0] if len(fitting) == 1 else None

    def get_object_types(self) -> list[str]:
        """Give the types in the file."""
        return list(self.data)
