"""Stories, rules and test stories name only what exists, and no two of them have the same name and steps."""

from collections.abc import Iterator

from duologue.core.stories import (
    ActionStep,
    BotStep,
    CheckpointStep,
    LoopStep,
    OrStep,
    SlotStep,
    Story,
    StoryEntity,
    StoryStep,
    UserStep,
)
from duologue.flows.patterns import DEFAULT_ACTIONS
from duologue.project.checks.subject import Subject
from duologue.project.places import Kind
from duologue.project.problems import Spot, suggest_name

_ANYTHING = "..."


def check_stories(subject: Subject) -> None:
    """Check every story, and how checkpoints join them."""
    data = subject.definition.training_data
    collections: tuple[tuple[Kind, tuple[Story, ...]], ...] = (
        ("story", data.stories),
        ("rule", data.rules),
        ("test", subject.reading.test_stories),
    )
    for kind, stories in collections:
        for number, story in enumerate(stories):
            _StoryCheck(subject, kind, number).check(story)
        _check_names_once(subject, kind, stories)
    _check_checkpoints(subject, data.stories)


class _StoryCheck:
    """Looks through one story, rule or test story; what a test asserts may be doubtful, but harms nobody."""

    def __init__(self, subject: Subject, kind: Kind, number: int) -> None:
        self._subject = subject
        self._kind = kind
        self._number = str(number)
        self._is_test = kind == "test"

    def check(self, story: Story) -> None:
        for position, step in enumerate((*story.steps, *story.condition)):
            spot = self._subject.place_of("story_step", self._kind, self._number, str(position))
            self._check_step(step, spot)

    def _check_step(self, step: StoryStep, spot: Spot) -> None:
        match step:
            case UserStep(intent=intent, entities=entities):
                if intent:
                    self._check_intent(intent, spot)
                for entity in entities:
                    self._check_entity(entity, spot)
            case ActionStep(name=name):
                self._check_action(name, spot)
            case SlotStep(name=name):
                self._check_slot(name, spot)
            case LoopStep(name=name):
                if name is not None:
                    self._check_loop(name, spot)
            case CheckpointStep(slots=slots):
                for slot in slots:
                    self._check_slot(slot.name, spot)
            case OrStep(alternatives=alternatives):
                for alternative in alternatives:
                    self._check_step(alternative, spot)
            case BotStep():
                pass

    def _check_intent(self, name: str, spot: Spot) -> None:
        subject = self._subject
        subject.used_intents.add(name.partition("/")[0])
        if name not in subject.known_intents and name.partition("/")[0] not in subject.known_intents:
            # An intent that never comes only makes the story useless.
            subject.problems.warn(
                spot,
                f"The intent `{name}` is not declared in the domain.",
                suggest_name(name, subject.known_intents),
            )
        elif "/" in name and subject.known_examples and name not in subject.known_examples:
            subject.problems.warn(
                spot,
                f"The intent `{name}` has no examples.",
                suggest_name(name, subject.known_examples)
                or "Add some, or leave out what stands behind the slash.",
            )

    def _check_action(self, action: str, spot: Spot) -> None:
        subject = self._subject
        subject.used_actions.add(action)
        subject.used_responses.add(action)
        if (
            action in subject.known_actions
            or subject.has_response(action)
            or action in subject.domain.e2e_actions
            or action.startswith("respond_")
            or action == _ANYTHING
        ):
            return
        kind = "response" if action.startswith("utter_") else "action"
        self._note(
            spot,
            f"The {kind} `{action}` is not declared in the domain.",
            suggest_name(action, (*subject.known_actions, *subject.domain.responses)),
        )

    def _check_loop(self, name: str, spot: Spot) -> None:
        self._subject.used_actions.add(name)
        if name not in self._subject.domain.forms and name not in DEFAULT_ACTIONS:
            self._note(
                spot,
                f"The form `{name}` is not declared in the domain.",
                suggest_name(name, self._subject.domain.forms),
            )

    def _check_slot(self, name: str, spot: Spot) -> None:
        self._subject.used_slots.add(name)
        if name not in self._subject.domain.slots:
            self._note(
                spot,
                f"The slot `{name}` is not declared in the domain.",
                suggest_name(name, self._subject.domain.slots),
            )

    def _check_entity(self, entity: StoryEntity, spot: Spot) -> None:
        subject = self._subject
        declared = subject.domain.entities.get(entity.entity)
        if declared is None:
            subject.problems.warn(
                spot,
                f"The entity `{entity.entity}` is not declared in the domain.",
                suggest_name(entity.entity, subject.domain.entities),
            )
            return
        for what, name, known in (
            ("role", entity.role, declared.roles),
            ("group", entity.group, declared.groups),
        ):
            if name is not None and name not in known:
                subject.problems.warn(
                    spot,
                    f"The entity `{entity.entity}` has no {what} `{name}` in the domain.",
                    suggest_name(name, known) or f"Add it under `{what}s` of the entity.",
                )

    def _note(self, spot: Spot, message: str, hint: str) -> None:
        note = self._subject.problems.warn if self._is_test else self._subject.problems.error
        note(spot, message, hint)


def _check_names_once(subject: Subject, kind: Kind, stories: tuple[Story, ...]) -> None:
    """Two of the same name are hard to tell apart in messages; two of the same steps teach nothing."""
    word = "rule" if kind == "rule" else "story"
    names: dict[str, Story] = {}
    contents: dict[object, Story] = {}
    for number, story in enumerate(stories):
        first = names.setdefault(story.name, story)
        spot = subject.place_of(kind, str(number))
        same = contents.setdefault(_content(story), story)
        if same is not story and kind != "test":
            subject.problems.warn(
                spot,
                f"The {word} `{story.name}` says the same as `{same.name}` at {same.source}.",
                "Remove one of the two.",
            )
        elif first is not story and story.name:
            subject.problems.warn(
                spot,
                f"There is another {word} `{story.name}` at {first.source}.",
                "Give one of them another name.",
            )


def _content(story: Story) -> str:
    return repr((story.steps, story.condition, story.is_conversation_start, story.waits_for_user_input))


def _check_checkpoints(subject: Subject, stories: tuple[Story, ...]) -> None:
    """A story that begins at a checkpoint needs one that ends there, and the other way round."""
    begins: dict[str, list[Spot]] = {}
    ends: dict[str, list[Spot]] = {}
    for number, story in enumerate(stories):
        for position, name, is_first in _list_checkpoints(story):
            spot = subject.place_of("story_step", "story", str(number), str(position))
            (begins if is_first else ends).setdefault(name, []).append(spot)
            if not is_first and position + 1 < len(story.steps):
                begins.setdefault(name, []).append(spot)
    for name in begins.keys() - ends.keys():
        for spot in begins[name]:
            subject.problems.warn(
                spot,
                f"No story ends at the checkpoint `{name}`, so that this story never begins.",
                suggest_name(name, ends),
            )
    for name in ends.keys() - begins.keys():
        for spot in ends[name]:
            subject.problems.warn(
                spot, f"No story goes on from the checkpoint `{name}`.", suggest_name(name, begins)
            )


def _list_checkpoints(story: Story) -> Iterator[tuple[int, str, bool]]:
    """Position, name, and whether nothing but checkpoints stands before it."""
    is_first = True
    for position, step in enumerate(story.steps):
        if isinstance(step, CheckpointStep):
            yield position, step.name, is_first
        else:
            is_first = False
