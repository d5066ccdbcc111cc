"""The action that answers questions about objects."""

from typing import Any

from duologue.sdk.actions import Action
from duologue.sdk.calling import call_author
from duologue.sdk.dispatcher import CollectingDispatcher
from duologue.sdk.events import SlotSet
from duologue.sdk.knowledge_base.mentions import (
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
from duologue.sdk.knowledge_base.storage import KnowledgeBase, KnowledgeObject, Representation
from duologue.sdk.payloads import DomainDict, EventType
from duologue.sdk.tracker import Tracker


class ActionQueryKnowledgeBase(Action):
    """Lists objects of a type, or tells one attribute of one object.

    Subclass it with a knowledge base of your own. The domain needs the slots `object_type`, `attribute` and
    `mention`, and `knowledge_base_last_object`, `knowledge_base_last_object_type`, `knowledge_base_listed_objects`.
    """

    def __init__(self, knowledge_base: KnowledgeBase, use_last_object_mention: bool = True) -> None:
        self.knowledge_base = knowledge_base
        self.use_last_object_mention = use_last_object_mention

    def name(self) -> str:
        """Tell the name; override it to have more than one."""
        return "action_query_knowledge_base"

    def utter_attribute_value(
        self, dispatcher: CollectingDispatcher, object_name: str, attribute_name: str, attribute_value: Any
    ) -> Any:
        """Say what an attribute is; override it for words of your own (`async` too)."""
        if attribute_value:
            text = f"The {attribute_name} of {object_name} is {attribute_value}."
        else:
            text = f"I do not know the {attribute_name} of {object_name}."
        dispatcher.utter_message(text=text)

    async def utter_objects(
        self, dispatcher: CollectingDispatcher, object_type: str, objects: list[KnowledgeObject]
    ) -> Any:
        """Say which objects there are; override it for words of your own."""
        if not objects:
            dispatcher.utter_message(text=f"I found nothing of the kind: {object_type}.")
            return
        dispatcher.utter_message(text=f"This is what I found ({object_type}):")
        word: Representation = await call_author(
            self.knowledge_base.get_representation_function_of_object, object_type
        )
        for number, found in enumerate(objects, 1):
            dispatcher.utter_message(text=f"{number}: {word(found)}")

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        """Answer the latest message."""
        object_type = self._object_type(tracker)
        attribute = tracker.get_slot(SLOT_ATTRIBUTE)
        if object_type and not _asks_for_attribute(tracker):
            return await self._query_objects(dispatcher, object_type, tracker)
        if attribute and object_type:
            return await self._query_attribute(dispatcher, object_type, attribute, tracker)
        last_type = tracker.get_slot(SLOT_LAST_OBJECT_TYPE)
        if attribute and last_type and tracker.get_slot(SLOT_MENTION) is not None:
            return await self._query_attribute(dispatcher, last_type, attribute, tracker)
        dispatcher.utter_message(response="utter_ask_rephrase")
        return []

    def _object_type(self, tracker: Tracker) -> str | None:
        if object_type := tracker.get_slot(SLOT_OBJECT_TYPE):
            return str(object_type)
        found = match_extracted_entities_to_object_type(tracker, self.knowledge_base.get_object_types())
        tracker.add_slots([SlotSet(SLOT_OBJECT_TYPE, found)])
        return found

    async def _query_objects(
        self, dispatcher: CollectingDispatcher, object_type: str, tracker: Tracker
    ) -> list[EventType]:
        base = self.knowledge_base
        names: list[str] = await call_author(base.get_attributes_of_object, object_type)
        wanted = get_attribute_slots(tracker, names)
        objects: list[KnowledgeObject] = await call_author(base.get_objects, object_type, wanted)
        await call_author(self.utter_objects, dispatcher, object_type, objects)
        if not objects:
            return reset_attribute_slots(tracker, names)
        key: str = await call_author(base.get_key_attribute_of_object, object_type)
        return [
            # The type, too: the next question is read from its own message.
            SlotSet(SLOT_OBJECT_TYPE),
            SlotSet(SLOT_MENTION),
            SlotSet(SLOT_ATTRIBUTE),
            SlotSet(SLOT_LAST_OBJECT, objects[0][key] if len(objects) == 1 else None),
            SlotSet(SLOT_LAST_OBJECT_TYPE, object_type),
            SlotSet(SLOT_LISTED_OBJECTS, [found[key] for found in objects]),
            *reset_attribute_slots(tracker, names),
        ]

    async def _query_attribute(
        self, dispatcher: CollectingDispatcher, object_type: str, attribute: str, tracker: Tracker
    ) -> list[EventType]:
        base = self.knowledge_base
        name = get_object_name(tracker, base.ordinal_mention_mapping, self.use_last_object_mention)
        found: KnowledgeObject | None = None
        if name is not None:
            found = await call_author(base.get_object, object_type, name)
        if not found or attribute not in found:
            dispatcher.utter_message(response="utter_ask_rephrase")
            return [SlotSet(SLOT_MENTION)]
        word: Representation = await call_author(base.get_representation_function_of_object, object_type)
        key: str = await call_author(base.get_key_attribute_of_object, object_type)
        await call_author(self.utter_attribute_value, dispatcher, word(found), attribute, found[attribute])
        return [
            SlotSet(SLOT_OBJECT_TYPE),
            SlotSet(SLOT_ATTRIBUTE),
            SlotSet(SLOT_MENTION),
            SlotSet(SLOT_LAST_OBJECT, found[key]),
            SlotSet(SLOT_LAST_OBJECT_TYPE, object_type),
        ]


def _asks_for_attribute(tracker: Tracker) -> bool:
    entities: list[dict[str, Any]] = tracker.latest_message.get("entities") or []
    return any(entity.get("entity") == SLOT_ATTRIBUTE for entity in entities)
