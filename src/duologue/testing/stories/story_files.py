"""Results written as story files that can be read and run again; comments say what came out in a step's place."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, assert_never

import msgspec

from duologue.core.events import ACTION_LISTEN, SlotWasSet
from duologue.core.understanding import Entity
from duologue.dialogue.policies.view import UNLIKELY_INTENT
from duologue.project.entity_marks import write_marks
from duologue.testing.label_report import NONE
from duologue.testing.stories.story_result import (
    ActionResult,
    GivenResult,
    MessageResult,
    StepResult,
    StoryResult,
)

_PLAIN = re.compile(r"[A-Za-z_][\w/.-]*")
_NOT_PLAIN = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})


def write_results(results: Sequence[StoryResult], if_none: str) -> str:
    """The text of a file with these stories; with none, a comment that says so."""
    if not results:
        return f"# {if_none}\n"
    lines = ['version: "3.1"', "stories:"]
    for result in results:
        lines += _write_story(result)
    return "\n".join(lines) + "\n"


def _write_story(result: StoryResult) -> Iterator[str]:
    yield f"  # {result.source}"
    yield f"  - story: {_write(result.name)}"
    yield "    steps:"
    for step in result.steps:
        yield from (f"      {line}" for line in write_step(step))


def write_step(step: StepResult) -> Iterator[str]:
    """A step as lines of YAML, with a comment if it came out otherwise; listening is not written."""
    match step:
        case MessageResult():
            yield from _write_message(step)
        case ActionResult():
            yield from _write_action(step)
        case GivenResult(event=SlotWasSet(name=name, value=value)):
            yield "- slot_was_set:"
            yield f"    - {_write(name)}: {_write(value)}"
        case GivenResult(event=loop):
            yield f"- active_loop: {_write(loop.name)}"
        case _:
            assert_never(step)


def _write_message(step: MessageResult) -> Iterator[str]:
    lines: list[str] = []
    if step.text:
        lines.append(f"user: {_write(mark_text(step.text, step.entities))}")
    if step.intent is not None:
        lines.append(f"intent: {_write(step.intent)}")
    unmarked = [entity for entity in step.entities if entity.start is None]
    if unmarked or not step.text:
        lines += _write_entities(step.entities if not step.text else unmarked)
    if not step.is_right:
        said = mark_text(step.text, step.predicted_entities)
        lines[0] += f"  # predicted: {step.predicted_intent or NONE}: {_write_comment(said)}"
    yield f"- {lines[0]}"
    yield from (f"  {line}" for line in lines[1:])


def _write_entities(entities: Iterable[Entity]) -> Iterator[str]:
    entities = list(entities)
    if not entities:
        return
    yield "entities:"
    for entity in entities:
        described: dict[str, Any] = {entity.entity: entity.value}
        described |= {
            key: value for key, value in (("role", entity.role), ("group", entity.group)) if value is not None
        }
        yield f"  - {_write(described)}"


def _write_action(step: ActionResult) -> Iterator[str]:
    if step.expected == ACTION_LISTEN and step.is_right:
        return
    kind = "bot" if step.is_text else "action"
    line = f"- {kind}: {_write(step.expected)}"
    if not step.is_right:
        after = f" after {UNLIKELY_INTENT}" if step.was_surprised else ""
        line += f"  # predicted: {_write_comment(step.predicted)}{after}"
    elif step.was_surprised:
        line += f"  # predicted: {UNLIKELY_INTENT}"
    yield line


def mark_text(text: str, entities: Iterable[Entity]) -> str:
    """A message with its entities marked, as training data has it."""
    marked = [
        {
            "start": entity.start,
            "end": entity.end,
            "entity": entity.entity,
            "value": entity.value,
            "role": entity.role,
            "group": entity.group,
        }
        for entity in entities
        if entity.start is not None and entity.end is not None and entity.end <= len(text)
    ]
    return write_marks(text, marked)


def _write(value: object) -> str:
    """Values are written as JSON, which is YAML as well; a name stands as it is."""
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.casefold() not in _NOT_PLAIN:
        return value
    return msgspec.json.encode(value).decode()


def _write_comment(text: str) -> str:
    return " ".join(text.split())
