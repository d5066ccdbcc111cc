"""Write a small project into a folder and read it back."""

from pathlib import Path
from textwrap import dedent

from duologue.project.checks import validate_project
from duologue.project.definition import AssistantDefinition
from duologue.project.problems import Problems
from duologue.project.project_reader import ProjectReading, read_project

CONFIG = "assistant_id: test\n"


def write_project(folder: Path, files: dict[str, str]) -> Path:
    """Write the files, and a configuration unless one of them is it."""
    for name, text in {"config.yml": CONFIG, **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
    return folder


def read_written(folder: Path, files: dict[str, str]) -> ProjectReading:
    return read_project(write_project(folder, files), environment={})


def read_definition(folder: Path, files: dict[str, str]) -> AssistantDefinition:
    """The definition of a project that must have no problem at all."""
    reading = read_written(folder, files)
    assert reading.problems.format() == ""
    assert reading.definition is not None
    return reading.definition


def validate_written(folder: Path, files: dict[str, str]) -> Problems:
    return validate_project(read_written(folder, files))
