"""Stories in Markdown: `## name`, `* what the user means`, `- what the assistant does`, `> checkpoint`."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from duologue.project.fields import is_items
from duologue.project.problems import Problem, Problems, Severity
from duologue.project.rasa1.markdown_lines import Line, list_lines
from duologue.project.rasa1.placed import place_list, place_mapping, place_scalar, place_value
from duologue.project.yaml_tree import Node

_OR = re.compile(r"\s+OR\s+")
_CALL = re.compile(r"(?P<name>[^{\s]+)\s*(?P<arguments>\{.*\})?\s*$")
_WITH_WORDS = re.compile(r"(?P<intent>[^:{\s]+)\s*(?P<arguments>\{.*?\})?\s*:\s*(?P<words>\S.*)")
_EVENTS_OF_LOOPS = frozenset(("form", "active_loop"))
_UNSAID_EVENTS = frozenset(
    ("pause", "resume", "reset_slots", "export", "reminder", "cancel_reminder", "undo", "agent")
)


def is_story_markdown(text: str) -> bool:
    """Whether there is a headline with a message of the user, or an action, below it."""
    lines = [line.text for line in list_lines(text)]
    return any(line.startswith("##") for line in lines) and any(
        line.startswith(("* ", "> ")) or line.startswith("- ") for line in lines
    )


def read_story_markdown(text: str, shown: str, problems: Problems) -> Node:
    """The tree of `stories:`, as the YAML of today writes it."""
    reader = _StoryReader(shown, problems)
    stories: list[Node] = []
    head: Line | None = None
    steps: list[Node] = []
    for line in (*list_lines(text), None):
        if line is not None and not line.text.startswith("#"):
            if head is not None:
                steps.extend(reader.read_step(line))
            continue
        if head is not None and steps:
            stories.append(_close_story(head, steps))
        head, steps = line, []
    return place_mapping({"stories": place_list(stories, 1)}, 1)


def _close_story(head: Line, steps: list[Node]) -> Node:
    name = head.text.lstrip("#").strip()
    return place_mapping(
        {"story": place_scalar(name, head.number), "steps": place_list(steps, head.number)}, head.number
    )


class _StoryReader:
    """Turns one line of a story into a step."""

    def __init__(self, shown: str, problems: Problems) -> None:
        self._shown = shown
        self._problems = problems

    def read_step(self, line: Line) -> Iterator[Node]:
        mark, rest = line.text[0], line.text[1:].strip()
        if not rest:
            return
        if mark == "*":
            yield self._read_message(rest, line)
        elif mark == "-":
            yield from self._read_action(rest, line)
        elif mark == ">":
            yield self._read_checkpoint(rest.lstrip("> "), line)
        else:
            self._warn(line, f"`{line.text[:60]}` is no step of a story; it is ignored.")

    def _read_message(self, text: str, line: Line) -> Node:
        """`intent{"entity": "value"}`, several joined by OR, or `intent: the words`."""
        words = _WITH_WORDS.match(text)
        if words is not None:
            members = {"intent": place_scalar(words["intent"], line.number)}
            members["user"] = place_scalar(words["words"].strip(), line.number)
            return place_mapping(members, line.number)
        messages = [self._read_intent(part, line) for part in _OR.split(text)]
        if len(messages) == 1:
            return messages[0]
        return place_mapping({"or": place_list(messages, line.number)}, line.number)

    def _read_intent(self, text: str, line: Line) -> Node:
        name, arguments = self._read_call(text, line)
        members = {"intent": place_scalar(name, line.number)}
        if arguments:
            entities = [
                place_value({entity: single}, line.number)
                for entity, value in arguments.items()
                for single in (value if is_items(value) else [value])
            ]
            members["entities"] = place_list(entities, line.number)
        return place_mapping(members, line.number)

    def _read_action(self, text: str, line: Line) -> Iterator[Node]:
        name, arguments = self._read_call(text, line)
        if name == "slot":
            # Markdown wrote one event for one slot; several in one are taken apart.
            for slot, value in arguments.items():
                slots = place_list([place_value({slot: value}, line.number)], line.number)
                yield place_mapping({"slot_was_set": slots}, line.number)
        elif name in _EVENTS_OF_LOOPS:
            yield place_mapping({"active_loop": place_value(arguments.get("name"), line.number)}, line.number)
        elif name in _UNSAID_EVENTS:
            self._warn(line, f"The event `{name}` in a story has no meaning today; it is ignored.")
        else:
            yield place_mapping({"action": place_scalar(name, line.number)}, line.number)

    def _read_checkpoint(self, text: str, line: Line) -> Node:
        name, arguments = self._read_call(text, line)
        members = {"checkpoint": place_scalar(name, line.number)}
        if arguments:
            members["slot_was_set"] = place_list(
                [place_value({slot: value}, line.number) for slot, value in arguments.items()], line.number
            )
        return place_mapping(members, line.number)

    def _read_call(self, text: str, line: Line) -> tuple[str, dict[str, Any]]:
        """A name and the JSON behind it. Any, because it holds whatever an author wrote."""
        match = _CALL.match(text)
        if match is None:
            return text, {}
        if not match["arguments"]:
            return match["name"], {}
        try:
            return match["name"], msgspec.json.decode(match["arguments"], type=dict[str, Any])
        except msgspec.DecodeError:
            self._warn(line, f"`{match['arguments'][:60]}` is not JSON; it is ignored.")
            return match["name"], {}

    def _warn(self, line: Line, message: str) -> None:
        self._problems.add(
            Problem(severity=Severity.WARNING, file=self._shown, line=line.number, message=message)
        )
