"""Stories put behind each other are conversations as they might be."""

from itertools import pairwise

from duologue.core.events import ACTION_LISTEN, ActionExecuted
from duologue.dialogue.policies.augmentation import augment
from duologue.dialogue.policies.situation import Featurizer
from duologue.dialogue.policies.story_examples import list_examples
from duologue.dialogue.policies.story_paths import list_story_paths
from tests.unit.dialogue.policies.made_stories import DOMAIN, does, story, user

PATHS = list_story_paths(
    (
        story("greet", user("greet"), does("utter_greet")),
        story("tip", does("utter_tip"), user("affirm"), does("utter_glad")),
    ),
    DOMAIN,
).paths


def test_between_two_stories_the_assistant_listens_once() -> None:
    for path in augment(PATHS, 50):
        actions = [event.name for event in path.events if isinstance(event, ActionExecuted)]
        assert (ACTION_LISTEN, ACTION_LISTEN) not in pairwise(actions)
        assert all(
            before == ACTION_LISTEN
            for before, action in pairwise(actions)
            if action in ("utter_greet", "utter_tip")
        )


def test_an_action_that_nothing_leads_to_is_learned_of_no_joined_story() -> None:
    joined = [path for path in augment(PATHS, 50) if path.is_augmented]
    assert any("tip" in path.names[1:] for path in joined)
    assert {example.action for example in list_examples(joined, Featurizer(DOMAIN))} == {
        "action_listen",
        "utter_greet",
        "utter_glad",
    }
