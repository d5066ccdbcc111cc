"""The reference actions of the conformance suite; they run on stock `rasa_sdk` and on ours, unchanged."""
# pyright: basic, reportMissingImports=false, reportMissingTypeStubs=false
# `rasa_sdk` is whichever package of that name is there when an action server loads this file.

import asyncio
from collections import Counter
from datetime import datetime, timezone
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk import events as happenings
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import ActionExecutionRejection

try:
    from duologue.sdk import current_call
    from duologue.sdk.errors import NoCurrentCallError
except ImportError:  # stock `rasa_sdk` alone: it knows no idempotency keys
    current_call = None

Events = list[dict[str, Any]]
Domain = dict[str, Any]

TICK_SECONDS = 0.05
MOST_TICKS = 200

_calls = Counter[str | None]()


def _find_key() -> str | None:
    if current_call is None:
        return None
    try:
        return current_call().idempotency_key or None
    except NoCurrentCallError:  # the server is not ours, though our package is installed
        return None


class Say(Action):
    def name(self) -> str:
        return "conformance_say"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        dispatcher.utter_message(text="Hello.")
        return []


class Rich(Action):
    def name(self) -> str:
        return "conformance_rich"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        dispatcher.utter_message(
            text="Look.",
            image="https://example.org/image.png",
            attachment="https://example.org/file.pdf",
            buttons=[
                {"title": "Yes", "payload": "/affirm"},
                {"title": "No", "payload": "/deny"},
            ],
            elements=[{"title": "Card", "subtitle": "One of one"}],
            json_message={"a": 1},
        )
        return []


class Response(Action):
    def name(self) -> str:
        return "conformance_response"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        dispatcher.utter_message(response="utter_greet", name="Ada")
        return []


class EchoSlots(Action):
    def name(self) -> str:
        return "conformance_echo_slots"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        return [SlotSet(f"echo_{name}", value) for name, value in sorted(tracker.slots.items())]


class CountEvents(Action):
    def name(self) -> str:
        return "conformance_count_events"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        return [SlotSet("event_count", len(tracker.events))]


class Latest(Action):
    def name(self) -> str:
        return "conformance_latest"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        dispatcher.utter_message(text=tracker.latest_message.get("text"))
        return []


class EveryEvent(Action):
    def name(self) -> str:
        return "conformance_events"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        understood = {"intent": {"name": "greet", "confidence": 1.0}, "entities": []}
        return [
            happenings.UserUttered("hi", understood, input_channel="rest"),
            happenings.BotUttered("Hello.", {"image": "https://example.org/image.png"}, {"mood": "good"}),
            happenings.SlotSet("color", "blue"),
            happenings.Restarted(),
            happenings.SessionStarted(),
            happenings.SessionEnded(),
            happenings.UserUtteranceReverted(),
            happenings.AllSlotsReset(),
            happenings.ReminderScheduled(
                "remind",
                datetime(2031, 1, 2, 3, 4, 5, tzinfo=timezone.utc),  # noqa: UP017 Python 3.10 reads this file too
                entities=[{"entity": "name", "value": "Ada"}],
                name="tea",
                kill_on_user_message=False,
            ),
            happenings.ReminderCancelled(name="tea", intent_name="remind"),
            happenings.ActionReverted(),
            happenings.StoryExported(),
            happenings.FollowupAction("action_next"),
            happenings.ConversationPaused(),
            happenings.ConversationResumed(),
            happenings.ActionExecuted("action_done", "RulePolicy", 0.5),
            happenings.AgentUttered("I am a person.", {"a": 1}),
            happenings.ActiveLoop("order_form"),
            happenings.LoopInterrupted(True),
            happenings.ActionExecutionRejected("action_no", "RulePolicy", 0.25),
        ]


class Nothing(Action):
    def name(self) -> str:
        return "conformance_nothing"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        return []


class Reject(Action):
    def name(self) -> str:
        return "conformance_reject"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        raise ActionExecutionRejection(self.name(), "Not today.")


class Fail(Action):
    def name(self) -> str:
        return "conformance_fail"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        raise ValueError("This action always fails.")


class CountIntents(Action):
    def name(self) -> str:
        return "conformance_domain"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        return [SlotSet("intent_count", len((domain or {}).get("intents", [])))]


class Slow(Action):
    def name(self) -> str:
        return "conformance_slow"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        await asyncio.sleep(1)
        dispatcher.utter_message(text="Done.")
        return []


class Stream(Action):
    def name(self) -> str:
        return "conformance_stream"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        await dispatcher.stream_start()
        for piece in ("one ", "two ", "three"):
            await dispatcher.stream_chunk(text=piece)
        await dispatcher.stream_end()
        return [SlotSet("streamed", True)]


class StreamLong(Action):
    def name(self) -> str:
        return "conformance_stream_long"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        ticks = 0
        await dispatcher.stream_start()
        while ticks < MOST_TICKS and not dispatcher.is_streaming_cancelled:
            await dispatcher.stream_chunk(text="tick ")
            ticks += 1
            await asyncio.sleep(TICK_SECONDS)
        await dispatcher.stream_end()
        return [SlotSet("ticks", ticks)]


class Key(Action):
    def name(self) -> str:
        return "conformance_key"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        return [SlotSet("key", _find_key())]


class CountCalls(Action):
    def name(self) -> str:
        return "conformance_count_calls"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        key = _find_key()
        _calls[key] += 1
        return [SlotSet("calls", _calls[key])]
