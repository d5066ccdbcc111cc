"""Real classic projects of other people converse: the real runtime, with an action server beside it."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from duologue.adapters.tracker_store.memory import InMemoryTrackerStore
from duologue.core.ids import ConversationId
from duologue.core.messages import UserMessage
from duologue.project.project_reader import read_project
from duologue.runtime.assistant import Assistant
from duologue.runtime.opening import ProjectPlaces, open_assistant
from duologue.runtime.settings import Settings
from duologue.testing.stories.project_stories import find_test_stories, list_test_paths
from tests.acceptance.story_replay import VALIDATION, ToldActions, hold
from tests.unit.adapters.action_runner.played_server import PlayedServer

pytestmark = [pytest.mark.acceptance, pytest.mark.slow]

STORIES = {
    "conversational-ai-course-3.x/video-08-actions": 7,
    "conversational-ai-course-3.x/video-09-1-basic-forms": 7,
    "conversational-ai-course-3.x/video-09-2-custom-forms": 7,
    "elearning-gcm-ua/rasa1": 7,
    "envirocar-rasa-bot": 7,
    "financial-demo": 48,
    "financial-demo-calm": 48,
    "helpdesk-assistant": 12,
    "rasa-action-examples/retreival-jina": 7,
    "rasa-action-examples/retreival-lunr": 7,
    "rasa-examples-e2ebot": 4,
    "rasa-examples-formbot": 3,
    "robocorp-example-rasa-chatbot": 7,
}
"""How many test stories each project has."""

_OF_FINANCE = {
    # The amount that the user names fills a slot of the running form, so the form goes on; the story lets it decline.
    "transfer money, while in form ask balance"
}
WRONG_TESTS = {
    # The rule `affirm` -> `action_followup` of data/rules.yml says otherwise.
    "envirocar-rasa-bot": {"sad path 1"},
    "financial-demo": _OF_FINANCE,
    "financial-demo-calm": _OF_FINANCE,
}
"""Stories that cannot hold as they are written, and why."""

WALKS = {
    "rasa-examples-moodbot": [
        ("hello", ["utter_greet"]),
        ("not good", ["utter_cheer_up", "utter_did_that_help"]),
        ("yes", ["utter_happy"]),
        ("are you a bot?", ["utter_iamabot"]),
        ("bye", ["utter_goodbye"]),
    ],
    "rasa-examples-rules": [
        ("hi", ["utter_greet"]),
        ("/ask_possibilities", ["utter_list_possibilities"]),
        ("/activate_q_form", ["utter_ask_some_slot"]),
        ("/explain", ["utter_explain_some_slot", "utter_ask_some_slot"]),
        ('/inform{"some_slot": "x"}', ["utter_stop"]),
        ("hi", ["utter_default"]),  # the rule holds for the beginning only
    ],
    "rasa-examples-responseselectorbot": [
        ("hi", ["utter_greet"]),
        ("what's your name?", ["utter_chitchat/ask_name"]),
        ("how is the weather?", ["utter_chitchat/ask_weather"]),
        ("bye", ["utter_goodbye"]),
    ],
    "rasa-action-examples/fallback-button": [
        ("hello", ["utter_greet"]),
        ("gnarf blub quux", []),  # what its action says to it is not part of the data
        ("bye", ["utter_goodbye"]),
    ],
    "rasa-examples-concertbot": [
        ("hi", ["utter_greet"]),
        ("find me some good concerts", []),
        ("thanks", ["utter_youarewelcome"]),
        ("/how_to_get_started", ["utter_get_started"]),
        ("/bot_challenge", ["utter_iamabot"]),
    ],
    "rasa-masterclass/episode2": [("hello", ["utter_greet"]), ("bye", ["utter_goodbye"])],
}
"""Projects without test stories: what is said to them, and the responses that come back."""


@asynccontextmanager
async def open_project(source: Path, folder: Path) -> AsyncIterator[tuple[Assistant, ToldActions]]:
    """A copy of the project, its forms validated by an action server that a test tells what to do."""
    shutil.copytree(source, folder)
    actions = ToldActions()
    async with PlayedServer(actions.answer).run() as server:
        endpoints = folder / "replay_endpoints.yml"
        endpoints.write_text(f"action_endpoint:\n  url: {server.url}\n", encoding="utf-8")
        definition = read_project(folder, environment={}).require_definition()
        validations = folder / "replay_domain.yml"
        names = [f"{VALIDATION}{form}" for form in definition.domain.forms]
        validations.write_text(f'version: "3.1"\nactions: {names}\n', encoding="utf-8")
        domain = next(folder / name for name in ("domain.yml", "domain") if (folder / name).exists())
        assistant = await open_assistant(
            folder,
            Settings(use_language_models=False),
            places=ProjectPlaces(endpoints=endpoints, domain=(domain, validations)),
            tracker_store=InMemoryTrackerStore(),
        )
        try:
            yield assistant, actions
        finally:
            await assistant.close()


@pytest.mark.parametrize("name", sorted(STORIES))
async def test_the_test_stories_of_a_project_are_held_as_conversations(
    acceptance_data: Path, tmp_path: Path, name: str
) -> None:
    async with open_project(acceptance_data / "projects" / name, tmp_path / "project") as (
        assistant,
        actions,
    ):
        stories = find_test_stories(read_project(tmp_path / "project", environment={})).stories
        paths, _ = list_test_paths(stories, assistant.domain)
        differences = [
            difference
            for number, path in enumerate(paths)
            for difference in await hold(assistant, actions, path, f"story-{number}")
            if path.name not in WRONG_TESTS.get(name, ())
        ]
    assert differences == []
    assert len(paths) == STORIES[name]


@pytest.mark.parametrize("name", sorted(WALKS))
async def test_a_project_without_test_stories_converses(
    acceptance_data: Path, tmp_path: Path, name: str
) -> None:
    async with open_project(acceptance_data / "projects" / name, tmp_path / "project") as (assistant, _):
        said: list[tuple[str, list[str | None]]] = []
        for text, _ in WALKS[name]:
            message = UserMessage(conversation_id=ConversationId("user"), text=text)
            report = await assistant.handle(message)
            said.append((text, [reply.response for reply in report.replies]))
    assert said == WALKS[name]
