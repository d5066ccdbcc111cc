"""One file of training data opened on its own: YAML, or the Markdown and JSON of Rasa 1."""

from pathlib import Path

from duologue.project.fields import Fields, is_mapping, with_text_keys
from duologue.project.places import Place
from duologue.project.problems import Problems
from duologue.project.project_files import OLD_SUFFIXES
from duologue.project.rasa1.old_file import read_old_file
from duologue.project.yaml_reader import UnreadableFileError, YamlFile, read_yaml


def open_data_file(path: Path, *, root: Path, problems: Problems) -> Fields | None:
    """The mapping of a file; None if there is none, which is noted."""
    try:
        source = _read(path, root, problems)
    except UnreadableFileError as error:
        problems.add(error.problem)
        return None
    if source is None:
        return None
    problems.extend(source.problems)
    if not is_mapping(source.value):
        return None
    return Fields(with_text_keys(source.value), Place(source), problems)


def _read(path: Path, root: Path, problems: Problems) -> YamlFile | None:
    if path.suffix in OLD_SUFFIXES:
        return read_old_file(path, root=root, problems=problems)
    return read_yaml(path, root=root)
