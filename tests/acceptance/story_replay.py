"""Test stories said to a running assistant: what users say goes in, what its actions do is what the stories tell."""

import json
from asyncio import StreamWriter
from collections.abc import Collection

import msgspec

from duologue.core.events import (
    ACTION_LISTEN,
    ACTION_SESSION_START,
    ActionExecuted,
    LoopActivated,
    SlotWasSet,
    TurnFailed,
    UserSpoke,
)
from duologue.core.ids import ConversationId
from duologue.core.messages import UserMessage
from duologue.core.values import OpenData
from duologue.dialogue.policies.story_paths import StoryPath
from duologue.runtime.assistant import Assistant
from tests.unit.adapters.action_runner.played_server import PlayedRequest, format_answer

VALIDATION = "validate_"
_SILENT = (ACTION_LISTEN, ACTION_SESSION_START)


class StoryTurn(msgspec.Struct):
    """What a user says, and what the story has happen then."""

    text: str
    actions: list[str]
    effects: list[list[OpenData]]
    """For each of the actions, the events that it brings about."""


class ToldActions:
    """An action server that does what the story at hand says. A form's slots come from its validation."""

    def __init__(self) -> None:
        self.turn = StoryTurn("", [], [])

    async def answer(self, request: PlayedRequest, writer: StreamWriter) -> None:
        if request.method != "POST":  # nobody is told which actions there are
            writer.write(format_answer(status=404))
            return
        body = request.body
        name: str = body["next_action"]
        done = _list_done(body["tracker"]["events"])
        action = name.removeprefix(VALIDATION)
        if name.startswith(VALIDATION) and done[-1:] == [action]:
            done.pop()  # the round of the form that is being validated
        place = len(done)
        is_told = self.turn.actions[:place] == done and self.turn.actions[place : place + 1] == [action]
        writer.write(format_answer({"events": self.turn.effects[place] if is_told else [], "responses": []}))


def _list_done(events: list[OpenData]) -> list[str]:
    done: list[str] = []
    for event in events:
        if event["event"] == "user":
            done.clear()
        elif event["event"] == "action" and event["name"] not in _SILENT:
            done.append(event["name"])
    return done


def list_turns(path: StoryPath, forms: Collection[str]) -> list[StoryTurn]:
    """The turns of a story. A form of which it says no more than that it ends asks for nothing more."""
    turns: list[StoryTurn] = []
    for event in path.events:
        if isinstance(event, UserSpoke):
            turns.append(StoryTurn(_find_words(event), [], []))
        elif not turns:
            continue
        elif isinstance(event, ActionExecuted) and event.name not in _SILENT:
            turns[-1].actions.append(event.action_text or event.name)
            turns[-1].effects.append([])
        elif turns[-1].effects and isinstance(event, SlotWasSet):
            turns[-1].effects[-1].append({"event": "slot", "name": event.name, "value": event.value})
        elif isinstance(event, LoopActivated) and event.name is None and turns[-1].actions[-1] in forms:
            turns[-1].effects[-1].append({"event": "slot", "name": "requested_slot", "value": None})
    return turns


def _find_words(event: UserSpoke) -> str:
    intent = event.understanding.intent
    if event.text or intent is None:
        return event.text
    entities = {entity.entity: entity.value for entity in event.understanding.entities}
    return f"/{intent.name}{json.dumps(entities) if entities else ''}"


async def hold(assistant: Assistant, actions: ToldActions, path: StoryPath, name: str) -> list[str]:
    """Say everything that the story has the user say; every turn that came out otherwise."""
    conversation_id = ConversationId(name)
    differences: list[str] = []
    for turn in list_turns(path, assistant.domain.forms):
        actions.turn = turn
        state = await assistant.load_state(conversation_id)
        await assistant.handle(UserMessage(conversation_id=conversation_id, text=turn.text))
        events = await assistant.load_events(conversation_id, state.length if state else 0)
        performed = [
            event.action_text or event.name
            for event in events
            if isinstance(event, ActionExecuted) and event.name not in _SILENT
        ]
        failures = [event.reason for event in events if isinstance(event, TurnFailed)]
        if performed != turn.actions or failures:
            differences.append(f"{path.name}: {turn.text!r}: {turn.actions} was {performed} {failures or ''}")
    return differences
