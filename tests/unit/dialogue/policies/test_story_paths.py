"""Checkpoints and alternatives become paths."""

from duologue.core.domain import Domain
from duologue.core.events import ActionExecuted, SlotWasSet, UserSpoke
from duologue.core.slots import MappingCondition, MappingType, Slot, SlotMapping, SlotType
from duologue.core.stories import Story, StoryEntity, UserStep
from duologue.dialogue.policies.story_paths import PathReading, StoryPath, list_story_paths
from tests.unit.dialogue.policies.made_stories import (
    DOMAIN,
    checkpoint,
    does,
    either,
    says,
    sets,
    story,
    user,
)


def read(*stories: Story, domain: Domain = DOMAIN) -> PathReading:
    return list_story_paths(stories, domain)


def show(path: StoryPath) -> list[str]:
    """Intents and actions of a path, listening left out."""
    shown: list[str] = []
    for event in path.events:
        match event:
            case UserSpoke():
                intent = event.understanding.intent
                shown.append(f"* {intent.name if intent else event.text}")
            case ActionExecuted(name="action_listen"):
                pass
            case ActionExecuted():
                shown.append(event.name)
            case _:
                pass
    return shown


def test_a_story_listens_before_each_message_and_at_its_end() -> None:
    (path,) = read(story("hello", user("greet"), does("utter_greet"), user("bye"), does("utter_bye"))).paths
    names = [event.name if isinstance(event, ActionExecuted) else "*" for event in path.events]
    assert names == ["action_listen", "*", "utter_greet", "action_listen", "*", "utter_bye", "action_listen"]


def test_a_checkpoint_leads_from_every_story_that_ends_with_it_to_every_one_that_begins_with_it() -> None:
    reading = read(
        story("hello", user("greet"), checkpoint("greeted")),
        story("hey", user("ask"), checkpoint("greeted")),
        story("warm", checkpoint("greeted"), does("utter_warm")),
        story("cold", checkpoint("greeted"), does("utter_cold")),
    )
    assert [path.name for path in reading.paths] == [
        "hello > warm",
        "hello > cold",
        "hey > warm",
        "hey > cold",
    ]
    assert show(reading.paths[0]) == ["* greet", "utter_warm"]
    assert reading.findings == ()


def test_a_checkpoint_in_the_middle_of_a_story_lets_others_go_on_there() -> None:
    reading = read(
        story("long", user("greet"), checkpoint("middle"), does("utter_greet")),
        story("short", checkpoint("middle"), does("utter_short")),
    )
    assert [show(path) for path in reading.paths] == [["* greet", "utter_greet"], ["* greet", "utter_short"]]


def test_a_checkpoint_with_slots_takes_only_stories_in_which_they_are_so() -> None:
    reading = read(
        story("rome", user("greet"), sets("city", "Rome"), checkpoint("there")),
        story("paris", user("ask"), sets("city", "Paris"), checkpoint("there")),
        story("in rome", checkpoint("there", sets("city", "Rome")), does("utter_rome")),
    )
    assert "rome > in rome" in [path.name for path in reading.paths]
    assert "paris > in rome" not in [path.name for path in reading.paths]


def test_checkpoints_in_a_circle_come_to_an_end() -> None:
    reading = read(
        story("begin", user("greet"), checkpoint("menu")),
        story("again", checkpoint("menu"), user("ask"), does("utter_answer"), checkpoint("menu")),
        story("end", checkpoint("menu"), user("bye"), does("utter_bye")),
    )
    shown = [show(path) for path in reading.paths]
    assert ["* greet", "* bye", "utter_bye"] in shown
    assert ["* greet", "* ask", "utter_answer", "* bye", "utter_bye"] in shown
    assert ["* greet", "* ask", "utter_answer", "* ask", "utter_answer", "* bye", "utter_bye"] in shown


def test_alternatives_multiply() -> None:
    reading = read(
        story(
            "any", either(user("greet"), user("ask")), does("utter_a"), either(user("affirm"), user("deny"))
        )
    )
    assert [show(path) for path in reading.paths] == [
        ["* greet", "utter_a", "* affirm"],
        ["* greet", "utter_a", "* deny"],
        ["* ask", "utter_a", "* affirm"],
        ["* ask", "utter_a", "* deny"],
    ]


def test_a_checkpoint_that_leads_nowhere_is_named_with_file_and_line() -> None:
    reading = read(
        story("lost", checkpoint("nobody"), user("greet"), does("utter_greet")),
        story("open", user("bye"), does("utter_bye"), checkpoint("nowhere")),
    )
    assert [finding.format() for finding in reading.findings] == [
        "data/lost.yml:1: warning: No story ends at the checkpoint `nobody`, so that this story never begins.",
        "data/open.yml:1: warning: No story goes on from the checkpoint `nowhere`.",
    ]
    assert [path.name for path in reading.paths] == ["open"]


def test_entities_of_a_story_fill_the_slots_that_take_them_anywhere() -> None:
    anywhere = SlotMapping(type=MappingType.FROM_ENTITY, entity="place")
    in_form = SlotMapping(
        type=MappingType.FROM_ENTITY,
        entity="place",
        conditions=(MappingCondition(active_loop="trip_form"),),
    )
    domain = Domain(
        slots={
            "city": Slot(name="city", type=SlotType.TEXT, mappings=(anywhere,)),
            "goal": Slot(name="goal", type=SlotType.TEXT, mappings=(in_form,)),
            "places": Slot(name="places", type=SlotType.LIST, mappings=(anywhere,)),
        }
    )
    step = UserStep(intent="inform", entities=(StoryEntity(entity="place", value="Rome"),))
    (path,) = read(story("told", step), domain=domain).paths
    filled = {event.name: event.value for event in path.events if isinstance(event, SlotWasSet)}
    assert filled == {"city": "Rome", "places": ["Rome"]}


def test_words_without_an_intent_are_kept_as_words() -> None:
    (path,) = read(story("words", says("where am I"), does("utter_place"))).paths
    assert show(path) == ["* where am I", "utter_place"]
