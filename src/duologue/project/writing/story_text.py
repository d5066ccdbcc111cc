"""Stories and rules as YAML, step by step in the spelling of today."""

from collections.abc import Iterable, Sequence
from typing import Any

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
from duologue.core.values import OpenData
from duologue.project.entity_marks import write_marks
from duologue.project.writing.yaml_text import VERSION, write_yaml


def write_stories(stories: Iterable[Story]) -> str:
    """The text of a file with these stories and rules."""
    return write_yaml(describe_stories(stories))


def describe_stories(stories: Iterable[Story]) -> dict[str, Any]:
    """The content of such a file: `version`, `stories` and `rules`."""
    described: dict[str, Any] = {"version": VERSION}
    for story in stories:
        described.setdefault("rules" if story.is_rule else "stories", []).append(describe_story(story))
    return described


def describe_story(story: Story) -> dict[str, Any]:
    """One entry of `stories` or `rules`."""
    described: dict[str, Any] = {"rule" if story.is_rule else "story": story.name}
    if story.metadata:
        described["metadata"] = story.metadata
    if story.is_conversation_start:
        described["conversation_start"] = True
    if story.condition:
        described["condition"] = describe_steps(story.condition)
    described["steps"] = describe_steps(story.steps)
    if not story.waits_for_user_input:
        described["wait_for_user_input"] = False
    return described


def describe_steps(steps: Sequence[StoryStep]) -> list[dict[str, Any]]:
    """The entries of `steps`; slots that were set one after the other share one."""
    described: list[dict[str, Any]] = []
    for step in steps:
        entry = describe_step(step)
        last = described[-1] if described else {}
        for key in ("slot_was_set", "slot_was_not_set"):
            if key in entry and last.keys() == {key}:
                last[key].extend(entry[key])
                break
        else:
            described.append(entry)
    return described


def describe_step(step: StoryStep) -> dict[str, Any]:
    """One entry of `steps`."""
    match step:
        case UserStep():
            return _describe_message(step)
        case ActionStep(name=name):
            return {"action": name}
        case BotStep(text=text):
            return {"bot": text}
        case SlotStep():
            return {"slot_was_not_set" if step.is_negated else "slot_was_set": [_describe_slot(step)]}
        case LoopStep(name=name):
            return {"active_loop": name}
        case CheckpointStep(name=name, slots=()):
            return {"checkpoint": name}
        case CheckpointStep(name=name, slots=slots):
            return {"checkpoint": name, "slot_was_set": [_describe_slot(slot) for slot in slots]}
        case OrStep(alternatives=alternatives):
            return {"or": [describe_step(alternative) for alternative in alternatives]}


def _describe_slot(step: SlotStep) -> str | dict[str, Any]:
    return {step.name: step.value} if step.has_value else step.name


def _describe_message(step: UserStep) -> dict[str, Any]:
    described: dict[str, Any] = {}
    if step.intent is not None:
        described["intent"] = step.intent
    if step.text is not None:
        described["user"] = write_marks(step.text, [_describe_mark(entity) for entity in _list_marked(step)])
    unmarked = [entity for entity in step.entities if entity.start is None or step.text is None]
    # Entities of a payload stand in the text already.
    if unmarked and not (step.text or "").startswith("/"):
        described["entities"] = [_describe_entity(entity) for entity in unmarked]
    if step.metadata:
        described["metadata"] = step.metadata
    return described


def _list_marked(step: UserStep) -> list[StoryEntity]:
    return [entity for entity in step.entities if entity.start is not None and entity.end is not None]


def _describe_mark(entity: StoryEntity) -> OpenData:
    return {
        "start": entity.start,
        "end": entity.end,
        "entity": entity.entity,
        "value": entity.value,
        "role": entity.role,
        "group": entity.group,
    }


def _describe_entity(entity: StoryEntity) -> str | dict[str, Any]:
    beside = {
        key: value for key, value in (("role", entity.role), ("group", entity.group)) if value is not None
    }
    if entity.value is None and not beside:
        return entity.entity
    return {entity.entity: entity.value, **beside}
