"""The assistants in `evals/assistants/dev`: written as people write, with what users would say to each."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from duologue.flows.flow import Flows
from duologue.project.project_reader import read_project
from duologue.understanding.flow_texts import describe_flows
from training.assistants import Assistant, Case

DEV = Path(__file__).parent.parent / "evals/assistants/dev"
"""`held_out` beside it is for judging alone: nothing here may read it."""


def read_authored(folder: Path = DEV) -> Iterator[Assistant]:
    """Each assistant with the messages of its dialogue understanding tests."""
    for project in sorted(path for path in folder.iterdir() if path.is_dir()):
        definition = read_project(project, environment=dict(os.environ)).require_definition()
        sentences = [(example.intent, example.text) for example in definition.training_data.examples]
        yield Assistant(
            source=project.name,
            flows=tuple(describe_flows(Flows(definition.flows), sentences, definition.domain.slots)),
            cases=tuple(_read_cases(project / "dialogue_understanding_tests")),
            languages=(definition.config.language, *definition.config.additional_languages),
        )


def _read_cases(folder: Path) -> Iterator[Case]:
    for path in sorted(folder.glob("*.yml")):
        for test in yaml.safe_load(path.read_text(encoding="utf-8"))["test_cases"]:
            yield from (_read_step(step) for step in test["steps"] if "user" in step)


def _read_step(step: dict[str, Any]) -> Case:
    """A step that starts one flow is a wish; one that offers several shares a topic; anything else asks for none."""
    commands = [str(command).lower().split() for command in step.get("commands") or ()]
    started = [words[-1] for words in commands if words[:2] == ["start", "flow"]]
    offered = next(
        (words[1:] for words in commands if words[0] == "clarify" or "disambiguate" in words[0]), None
    )
    if len(started) == 1:
        return Case(step["user"], started[0], "wish")
    if offered:
        return Case(step["user"], None, "topic", tuple(offered))
    return Case(step["user"], None, "answer")
