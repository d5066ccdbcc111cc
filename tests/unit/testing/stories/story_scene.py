"""A parser that knows a few sentences, policies that say what they are told to, and a domain for both."""

from collections.abc import Mapping, Sequence

from duologue.core.domain import Domain, EntityType, Form, Variation
from duologue.core.domain import Intent as DomainIntent
from duologue.core.events import ACTION_LISTEN
from duologue.core.state import State
from duologue.core.stories import Story, StoryStep, UserStep
from duologue.core.understanding import Entity, Intent
from duologue.dialogue.policies.policy import Prediction
from duologue.testing.stories.project_stories import list_test_paths
from duologue.testing.stories.story_result import StoryResult
from duologue.testing.stories.story_runner import StoryRunner
from duologue.understanding.text_parser import ParsedText

DOMAIN = Domain(
    intents={name: DomainIntent(name=name) for name in ("greet", "order", "deny", "faq")},
    entities={"dish": EntityType(name="dish")},
    forms={"order_form": Form(name="order_form")},
    actions=("action_order",),
    responses={
        "utter_greet": (Variation(text="Hello!"),),
        "utter_sorry": (Variation(text="Sorry."),),
        "utter_faq/hours": (Variation(text="From nine to five."),),
    },
)


class KnownSentences:
    """Reads what it was told; anything else has the intent `deny`."""

    def __init__(self, known: Mapping[str, ParsedText]) -> None:
        self._known = known

    @property
    def can_block(self) -> bool:
        return False

    def parse(self, text: str, *, asked: Sequence[str] = ()) -> ParsedText:
        return self._known.get(text, reads("deny"))

    def warm_up(self) -> None: ...


class ToldPolicies:
    """Says one action after the other, then listens."""

    def __init__(self, *actions: str | Prediction) -> None:
        self._left = list(actions)
        self.states: list[State] = []
        self.rejected: list[str] = []

    def choose(self, state: State, *, rejected: str | None = None) -> Prediction:
        self.states.append(state)
        if rejected:
            self.rejected.append(rejected)
        told = self._left.pop(0) if self._left else ACTION_LISTEN
        return told if isinstance(told, Prediction) else Prediction(action=told, policy="MemoizationPolicy")


def reads(intent: str, *entities: Entity) -> ParsedText:
    return ParsedText(intents=(Intent(name=intent, confidence=0.9),), entities=entities)


def says(text: str, intent: str | None) -> UserStep:
    return UserStep(text=text, intent=intent)


def run_story(
    steps: Sequence[StoryStep],
    policies: ToldPolicies,
    known: Mapping[str, ParsedText] | None = None,
) -> StoryResult:
    story = Story(name="a story", steps=tuple(steps), source="tests/test_stories.yml:3")
    ((path,), _) = list_test_paths([story], DOMAIN)
    return StoryRunner(DOMAIN, policies, KnownSentences(known or {})).run(path)
