"""The action that answers questions about objects."""

# pyright: basic
# Objects are open JSON that the author's data shapes.

from typing import TYPE_CHECKING, Any

from duologue.sdk.calling import call_author, has_workers

from .. import utils
from ..events import SlotSet
from ..executor import CollectingDispatcher
from ..interfaces import Action, Tracker
from .storage import KnowledgeBase
from .utils import (
    SLOT_ATTRIBUTE,
    SLOT_LAST_OBJECT,
    SLOT_LAST_OBJECT_TYPE,
    SLOT_LISTED_OBJECTS,
    SLOT_MENTION,
    SLOT_OBJECT_TYPE,
    get_attribute_slots,
    get_object_name,
    match_extracted_entities_to_object_type,
    reset_attribute_slots,
)

if TYPE_CHECKING:
    from ..types import DomainDict


class ActionQueryKnowledgeBase(Action):
    """Lists objects of a type, or tells one attribute of one object.

    Subclass it with a knowledge base of your own. The domain needs the slots `object_type`, `attribute` and `mention`.
    """

    def __init__(self, knowledge_base: KnowledgeBase, use_last_object_mention: bool = True) -> None:
        self.knowledge_base = knowledge_base
        self.use_last_object_mention = use_last_object_mention

    def name(self) -> str:
        """Tell the name; override it to have more than one."""
        return "action_query_knowledge_base"

    def utter_attribute_value(
        self, dispatcher: CollectingDispatcher, object_name: str, attribute_name: str, attribute_value: str
    ) -> Any:
        """Say what an attribute is; override it for words of your own (`async` too)."""
        if attribute_value:
            text = f"'{object_name}' has the value '{attribute_value}' for attribute '{attribute_name}'."
        else:
            text = f"Did not find a valid value for attribute '{attribute_name}' for object '{object_name}'."
        dispatcher.utter_message(text=text)

    async def utter_objects(
        self, dispatcher: CollectingDispatcher, object_type: str, objects: list[dict[str, Any]]
    ) -> Any:
        """Say which objects there are; override it for words of your own."""
        if not objects:
            dispatcher.utter_message(text=f"I could not find any objects of type '{object_type}'.")
            return
        dispatcher.utter_message(text=f"Found the following objects of type '{object_type}':")
        word = await _call(self.knowledge_base.get_representation_function_of_object, object_type)
        for number, found in enumerate(objects, 1):
            dispatcher.utter_message(text=f"{number}: {word(found)}")

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: "DomainDict"
    ) -> list[dict[str, Any]]:
        """Answer the latest message."""
        object_type = tracker.get_slot(SLOT_OBJECT_TYPE)
        last_type = tracker.get_slot(SLOT_LAST_OBJECT_TYPE)
        attribute = tracker.get_slot(SLOT_ATTRIBUTE)
        has_mention = tracker.get_slot(SLOT_MENTION) is not None
        entities = tracker.latest_message.get("entities") or []
        asks_for_attribute = any(entity.get("entity") == "attribute" for entity in entities)
        if not object_type:
            types = self.knowledge_base.get_object_types()
            object_type = match_extracted_entities_to_object_type(tracker, types)
            # For what follows in this action only; it is not among the events.
            tracker.add_slots([SlotSet(SLOT_OBJECT_TYPE, object_type)])
        if object_type and not asks_for_attribute:
            return await self._query_objects(dispatcher, object_type, tracker)
        if object_type and attribute:
            return await self._query_attribute(dispatcher, object_type, attribute, tracker)
        if last_type and has_mention and attribute:
            return await self._query_attribute(dispatcher, last_type, attribute, tracker)
        dispatcher.utter_message(response="utter_ask_rephrase")
        return []

    async def _query_objects(
        self, dispatcher: CollectingDispatcher, object_type: str, tracker: Tracker
    ) -> list[dict]:
        base = self.knowledge_base
        names = await _call(base.get_attributes_of_object, object_type)
        objects = await _call(base.get_objects, object_type, get_attribute_slots(tracker, names))
        await _call(self.utter_objects, dispatcher, object_type, objects)
        if not objects:
            return reset_attribute_slots(tracker, names)
        key = await _call(base.get_key_attribute_of_object, object_type)
        return [
            # The type, too: the next question is read from its own message.
            SlotSet(SLOT_OBJECT_TYPE, None),
            SlotSet(SLOT_MENTION, None),
            SlotSet(SLOT_ATTRIBUTE, None),
            SlotSet(SLOT_LAST_OBJECT, objects[0][key] if len(objects) == 1 else None),
            SlotSet(SLOT_LAST_OBJECT_TYPE, object_type),
            SlotSet(SLOT_LISTED_OBJECTS, [found[key] for found in objects]),
            *reset_attribute_slots(tracker, names),
        ]

    async def _query_attribute(
        self, dispatcher: CollectingDispatcher, object_type: str, attribute: str, tracker: Tracker
    ) -> list[dict]:
        base = self.knowledge_base
        name = get_object_name(tracker, base.ordinal_mention_mapping, self.use_last_object_mention)
        found = None
        if name is not None and attribute:
            found = await _call(base.get_object, object_type, name)
        if not found or attribute not in found:
            dispatcher.utter_message(response="utter_ask_rephrase")
            return [SlotSet(SLOT_MENTION, None)]
        word = await _call(base.get_representation_function_of_object, object_type)
        key = await _call(base.get_key_attribute_of_object, object_type)
        await _call(self.utter_attribute_value, dispatcher, word(found), attribute, found[attribute])
        return [
            SlotSet(SLOT_OBJECT_TYPE, None),
            SlotSet(SLOT_ATTRIBUTE, None),
            SlotSet(SLOT_MENTION, None),
            SlotSet(SLOT_LAST_OBJECT, found[key]),
            SlotSet(SLOT_LAST_OBJECT_TYPE, object_type),
        ]


async def _call(method: Any, *args: Any) -> Any:
    # Inside our own server plain methods run on its threads; elsewhere they run where they are called.
    if has_workers():
        return await call_author(method, *args)
    return await utils.call_potential_coroutine(method(*args))
