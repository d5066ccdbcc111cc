"""What has to change so that a project of Rasa 1 or 2 is one of today; nothing is written here."""

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from duologue.core.stories import ActionStep, Story, UserStep
from duologue.project.domain_reader import DOMAIN_KEYS
from duologue.project.fields import is_items, is_mapping, with_text_keys
from duologue.project.migration.config_text import migrate_config_text, uses_two_stage_fallback
from duologue.project.migration.domain_text import migrate_domain_text
from duologue.project.migration.old_files import convert_old_file
from duologue.project.migration.text_blocks import TextBlocks
from duologue.project.problems import Problems
from duologue.project.project_files import ProjectFiles, find_project_files
from duologue.project.project_reader import ProjectReading, read_project
from duologue.project.writing.story_text import write_stories
from duologue.project.writing.yaml_text import VERSION, write_yaml
from duologue.project.yaml_reader import UnreadableFileError, read_text, read_yaml, show_path
from duologue.project.yaml_tree import Node, YamlSyntaxError, compose_tree

_VERSION_LINE = re.compile(r"(?m)^version:.*$")
_OLD_VERSION = re.compile(r"(?m)^version:\s*[\"']?[12](?:\.|\s|[\"']|$)")
_RULES_FILE = "migrated_rules.yml"
_FALLBACK_INTENT, _FALLBACK_LOOP = "nlu_fallback", "action_two_stage_fallback"


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One file that is to be written, or to go."""

    path: Path
    text: str | None
    """None if another file takes its place."""


class Migration(msgspec.Struct, frozen=True, kw_only=True):
    """All changes of a project, and what its author should look at."""

    changes: tuple[Change, ...]
    unchanged: tuple[Path, ...]
    notes: tuple[str, ...]
    problems: Problems


def plan_migration(root: Path) -> Migration:
    """Look what of the project is written in an earlier format."""
    planner = _Planner(root.absolute())
    planner.plan()
    changed = {change.path for change in planner.changes}
    files = planner.files
    known = (*([files.config] if files.config else []), *files.domain, *files.data)
    return Migration(
        changes=tuple(planner.changes),
        unchanged=tuple(dict.fromkeys(path for path in known if path not in changed)),
        notes=tuple(planner.notes),
        problems=planner.problems,
    )


class _Planner:
    """Gathers the changes file by file."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.problems = Problems()
        self.files: ProjectFiles = find_project_files(root, self.problems)
        self.changes: list[Change] = []
        self.notes: list[str] = []

    def plan(self) -> None:
        reading = read_project(self._root, environment={})
        if reading.problems.has_errors:
            # What cannot be read would be lost.
            self.problems.extend(reading.problems.errors)
            return
        is_old = self._is_old()
        if self.files.config is not None and is_old:
            self._plan_config(self.files.config)
        for path in dict.fromkeys((*self.files.domain, *self.files.data)):
            self._plan_yaml(path, reading, is_old=is_old)
        for path in self.files.old_data:
            self._plan_old_file(path)

    def _is_old(self) -> bool:
        """Whether some file says so, or is of a kind that only Rasa 1 had."""
        if any(self._convert(path) for path in self.files.old_data):
            return True
        texts = (self._read(path) for path in (*self.files.domain, *self.files.data))
        return any(_OLD_VERSION.search(text) for text in texts)

    def _plan_config(self, path: Path) -> None:
        text, tree = self._open(path)
        if tree is None:
            return
        blocks = TextBlocks(text, tree)
        data = with_text_keys(tree.value)
        self._note(path, migrate_config_text(blocks, tree, self._root.name))
        self._change(path, text, blocks.write())
        rules = tuple(_list_rules(read_triggers(self.files), is_two_stage=uses_two_stage_fallback(data)))
        if rules:
            self.changes.append(Change(path=self._root / "data" / _RULES_FILE, text=write_stories(rules)))

    def _plan_yaml(self, path: Path, reading: ProjectReading, *, is_old: bool) -> None:
        text, tree = self._open(path)
        if tree is None or not is_old or "test_cases" in tree.value:
            return
        new = text
        if tree.value.keys() & DOMAIN_KEYS - {"responses"}:
            blocks = TextBlocks(text, tree)
            declared = frozenset(reading.places.list_names("slot"))
            self._note(path, migrate_domain_text(blocks, tree, reading.own_domain, declared))
            new = blocks.write()
        self._change(path, text, _with_version(new))

    def _plan_old_file(self, path: Path) -> None:
        converted = self._convert(path)
        if converted is not None:
            self.changes += [
                Change(path=path, text=None),
                Change(path=path.parent / converted[0], text=converted[1]),
            ]

    def _convert(self, path: Path) -> tuple[str, str] | None:
        try:
            converted = convert_old_file(path, root=self._root, problems=self.problems)
        except UnreadableFileError as error:
            self.problems.add(error.problem)
            return None
        return (converted.name, converted.text) if converted else None

    def _open(self, path: Path) -> tuple[str, Node | None]:
        """The text of a file and its tree; one written in braces as a whole is written in lines first."""
        text = self._read(path)
        tree = _compose(text)
        if tree is not None and text.lstrip().startswith("{"):
            text = write_yaml(tree.value)
            tree = _compose(text)
        return text, tree

    def _read(self, path: Path) -> str:
        return read_text(path, show_path(path, self._root))

    def _change(self, path: Path, old: str, new: str) -> None:
        if new.rstrip("\n") != old.rstrip("\n"):
            self.changes.append(Change(path=path, text=new))

    def _note(self, path: Path, notes: list[str]) -> None:
        self.notes += [f"{show_path(path, self._root)}: {note}" for note in notes]


def _compose(text: str) -> Node | None:
    """The tree of a file that is a mapping and not empty; None of any other."""
    try:
        tree = compose_tree(text)
    except YamlSyntaxError:
        return None
    return tree if is_mapping(tree.value) and tree.value else None


def _with_version(text: str) -> str:
    """The text with today's version in it."""
    line = f'version: "{VERSION}"'
    if _VERSION_LINE.search(text):
        return _VERSION_LINE.sub(line, text, count=1) if _OLD_VERSION.search(text) else text
    return f"{line}\n\n{text.lstrip()}"


def read_triggers(files: ProjectFiles) -> dict[str, str]:
    """Which action an intent triggers without a story, as Rasa 1 wrote it into the domain."""
    triggers: dict[str, str] = {}
    for path in files.domain:
        content = read_yaml(path).value
        intents = content.get("intents") if is_mapping(content) else None
        for item in intents if is_items(intents) else ():
            if is_mapping(item):
                triggers |= {
                    str(name): str(options["triggers"])
                    for name, options in item.items()
                    if is_mapping(options) and options.get("triggers")
                }
    return triggers


def _list_rules(triggers: dict[str, str], *, is_two_stage: bool) -> Iterator[Story]:
    """The rules that take the place of policies of Rasa 1."""
    if is_two_stage:
        triggers = {**triggers, _FALLBACK_INTENT: _FALLBACK_LOOP}
    for intent, action in triggers.items():
        yield Story(
            name=f"{action} whenever the intent is {intent}",
            is_rule=True,
            steps=(UserStep(intent=intent), ActionStep(name=action)),
        )
