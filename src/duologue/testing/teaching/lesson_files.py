"""What a lesson taught, written beside the project's own data: stories, NLU data, and what the domain lacks."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from duologue.core.domain import Domain
from duologue.core.events import (
    ACTION_LISTEN,
    ActionExecuted,
    Event,
    LoopActivated,
    SlotWasSet,
    UserSpoke,
)
from duologue.core.stories import (
    ActionStep,
    BotStep,
    LoopStep,
    SlotStep,
    Story,
    StoryEntity,
    StoryStep,
    UserStep,
)
from duologue.project.definition import IntentExample
from duologue.project.nlu_files import read_nlu_data
from duologue.project.story_tests_reader import read_test_stories
from duologue.project.writing.nlu_text import write_nlu
from duologue.project.writing.story_text import write_stories
from duologue.project.writing.yaml_text import VERSION, write_yaml
from duologue.testing.teaching.lesson import Taught

STORIES_FILE = "learned_stories.yml"
NLU_FILE = "learned_nlu.yml"
DOMAIN_FILE = "learned_domain{}.yml"


def write_lesson(taught: Taught, folder: Path, domain: Domain, *, has_texts: bool = False) -> list[Path]:
    """Write what is new into files of the folder; what earlier lessons left in them stays.

    Args:
        has_texts: write the words of messages into the stories, as test stories have them.
    """
    written: list[Path] = []
    if taught.conversations:
        written.append(_add_stories(taught.conversations, folder / STORIES_FILE, domain, has_texts=has_texts))
    examples = list(_list_examples(taught.conversations))
    if examples:
        written.append(_add_examples(examples, folder / NLU_FILE))
    if taught.intents or taught.actions:
        written.append(_add_names(taught, _find_free(folder)))
    return written


def _add_stories(
    conversations: Sequence[tuple[Event, ...]], path: Path, domain: Domain, *, has_texts: bool
) -> Path:
    known = read_test_stories(path, root=path.parent).stories if path.exists() else ()
    stories = [
        Story(name=f"lesson {number}", steps=tuple(list_steps(events, domain, has_texts=has_texts)))
        for number, events in enumerate(conversations, start=len(known) + 1)
    ]
    return _write(path, write_stories([*known, *stories]))


def list_steps(events: Iterable[Event], domain: Domain, *, has_texts: bool = False) -> Iterator[StoryStep]:
    """The steps of a story that tells these events; only slots that policies look at are told."""
    for event in events:
        match event:
            case UserSpoke(understanding=understanding):
                yield UserStep(
                    intent=understanding.intent.name if understanding.intent else None,
                    text=event.text if has_texts else None,
                    entities=tuple(
                        StoryEntity(
                            entity=entity.entity,
                            value=entity.value,
                            role=entity.role,
                            group=entity.group,
                            start=entity.start if has_texts else None,
                            end=entity.end if has_texts else None,
                        )
                        for entity in understanding.entities
                    ),
                )
            case ActionExecuted(action_text=text) if text is not None:
                yield BotStep(text=text)
            case ActionExecuted() if event.name != ACTION_LISTEN:
                yield ActionStep(name=event.name)
            case SlotWasSet() if _is_looked_at(event.name, domain):
                yield SlotStep(name=event.name, value=event.value)
            case LoopActivated():
                yield LoopStep(name=event.name)
            case _:
                pass


def _is_looked_at(name: str, domain: Domain) -> bool:
    slot = domain.slots.get(name)
    return slot is not None and slot.influence_conversation and name != "requested_slot"


def _list_examples(conversations: Iterable[tuple[Event, ...]]) -> Iterator[IntentExample]:
    for events in conversations:
        for event in events:
            if isinstance(event, UserSpoke) and event.text and not event.text.startswith("/"):
                yield _make_example(event)


def _make_example(event: UserSpoke) -> IntentExample:
    intent = event.understanding.intent
    marks: list[dict[str, Any]] = [
        {
            key: value
            for key, value in (
                ("start", entity.start),
                ("end", entity.end),
                ("entity", entity.entity),
                ("value", entity.value),
                ("role", entity.role),
                ("group", entity.group),
            )
            if value is not None
        }
        for entity in event.understanding.entities
        if entity.start is not None
    ]
    return IntentExample(intent=intent.name if intent else "", text=event.text, entities=tuple(marks))


def _add_examples(examples: Sequence[IntentExample], path: Path) -> Path:
    known = read_nlu_data([path], root=path.parent).examples if path.exists() else ()
    unique = {(one.intent, one.text): one for one in (*known, *examples)}
    return _write(path, write_nlu(unique.values()))


def _add_names(taught: Taught, path: Path) -> Path:
    """Names that the domain lacks; the file counts as a part of the domain."""
    content: dict[str, Any] = {"version": VERSION}
    if taught.intents:
        content["intents"] = list(taught.intents)
    responses = [name for name in taught.actions if name.startswith("utter_")]
    actions = [name for name in taught.actions if name not in responses]
    if actions:
        content["actions"] = actions
    if responses:
        content["responses"] = {name: [{"text": name}] for name in responses}
    return _write(path, write_yaml(content))


def _find_free(folder: Path) -> Path:
    """A file for the names of this lesson alone: those of earlier ones belong to the domain by now."""
    names = [DOMAIN_FILE.format(f"_{number}" if number else "") for number in range(1000)]
    return next(folder / name for name in names if not (folder / name).exists())


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path
