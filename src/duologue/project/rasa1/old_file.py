"""One file of Rasa 1, recognised by its content and read as if it were YAML of today."""

from pathlib import Path
from typing import Literal

from duologue.project.problems import Problem, Problems, Severity
from duologue.project.rasa1.json_nlu import is_nlu_json, read_nlu_json
from duologue.project.rasa1.markdown_nlu import is_nlu_markdown, read_nlu_markdown
from duologue.project.rasa1.markdown_responses import is_response_markdown, read_response_markdown
from duologue.project.rasa1.markdown_stories import is_story_markdown, read_story_markdown
from duologue.project.yaml_reader import UnreadableFileError, YamlFile, read_text, show_path
from duologue.project.yaml_tree import Node, YamlSyntaxError, compose_tree

OldKind = Literal["nlu", "responses", "stories"]
"""What a file of Rasa 1 can hold."""


def recognise_old_data(path: Path, text: str) -> OldKind | None:
    """What the file holds; None if it is something else, such as a page of documentation."""
    if path.suffix == ".json":
        return "nlu" if is_nlu_json(text) else None
    if is_nlu_markdown(text):
        return "nlu"
    if is_response_markdown(text):
        return "responses"
    return "stories" if is_story_markdown(text) else None


def read_old_file(path: Path, *, root: Path | None, problems: Problems) -> YamlFile | None:
    """The file in the shape of today's YAML, with its own lines; None if it is no training data.

    Raises:
        UnreadableFileError: the file cannot be read at all.
    """
    shown = show_path(path, root)
    text = read_text(path, shown)
    kind = recognise_old_data(path, text)
    if kind is None:
        return None
    tree = _read_tree(path, text, shown, kind, problems)
    return YamlFile(path, shown, text, tree.value, tree)


def _read_tree(path: Path, text: str, shown: str, kind: OldKind, problems: Problems) -> Node:
    match kind:
        case "nlu" if path.suffix == ".json":
            return read_nlu_json(_compose_json(text, shown), shown, problems)
        case "nlu":
            return read_nlu_markdown(text, shown, problems)
        case "responses":
            return read_response_markdown(text)
        case "stories":
            return read_story_markdown(text, shown, problems)


def _compose_json(text: str, shown: str) -> Node:
    """The tree of a JSON file, which is YAML too."""
    try:
        return compose_tree(text)
    except YamlSyntaxError as error:
        raise UnreadableFileError(
            Problem(
                severity=Severity.ERROR,
                file=shown,
                line=error.line,
                message=error.message,
                hint=error.hint,
            )
        ) from None
