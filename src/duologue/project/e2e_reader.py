"""End-to-end tests are read: one file or a folder, with the fixtures that `conftest.yml` files add."""

from pathlib import Path
from typing import Any

import msgspec

from duologue.core.values import OpenData, SlotValue
from duologue.project.e2e_assertions import read_assertions
from duologue.project.e2e_tests import (
    BotSays,
    BotUtters,
    CaseKind,
    ConversationStep,
    JudgeModel,
    SlotExpectation,
    SlotsAreNotSet,
    SlotsAreSet,
    StubbedAction,
    TestCase,
    UserSays,
)
from duologue.project.fields import Fields, is_mapping, is_scalar, text_of, with_text_keys
from duologue.project.places import Place
from duologue.project.problems import Problems, suggest_name
from duologue.project.project_files import find_yaml_files
from duologue.project.yaml_reader import UnreadableFileError, read_yaml

CONFTEST_NAMES = ("conftest.yml", "conftest.yaml")
PASSED_FILE = "e2e_results_passed.yml"
FAILED_FILE = "e2e_results_failed.yml"
"""What a run writes; in a folder of tests they are passed over, or each test would be run again."""
_CASE_KEYS = ("test_case", "fixtures", "metadata", "steps", "kind", "stub_custom_actions")
_USER_KEYS = ("user", "metadata", "assertions", "assertion_order_enabled", "commands")
_STEP_KINDS = ("user", "bot", "utter", "slot_was_set", "slot_was_not_set")
_STUB_SEPARATOR = "::"


class E2eReading(msgspec.Struct, frozen=True, kw_only=True):
    """The test cases in the order of the files, and what is wrong with them."""

    test_cases: tuple[TestCase, ...]
    problems: Problems


class _Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """What a test case may refer to."""

    fixtures: dict[str, dict[str, SlotValue]] = {}
    metadata: dict[str, OpenData] = {}
    stubs: dict[str, StubbedAction] = {}
    judge: JudgeModel | None = None


def parse_target(target: str) -> tuple[Path, str | None]:
    """`path::test name` names one test of a file; a plain path names all."""
    path, separator, name = target.partition(_STUB_SEPARATOR)
    return Path(path), name if separator else None


def read_e2e_tests(target: Path, *, root: Path, only: str | None = None) -> E2eReading:
    """Read the tests of a file, or of all files below a folder that hold `test_cases`.

    Args:
        root: `conftest.yml` files count from here down to the test; messages name files relative to it.
        only: the name of the one test case wanted.
    """
    reader = _TestsReader(root.absolute())
    target = target.absolute()
    for path in find_yaml_files(target, reader.problems):
        if path == target or path.name not in (*CONFTEST_NAMES, PASSED_FILE, FAILED_FILE):
            reader.read_file(path, is_asked_for=path == target)
    cases = tuple(case for case in reader.test_cases if only is None or case.name == only)
    return E2eReading(test_cases=cases, problems=reader.problems)


class _TestsReader:
    """Holds what was read while the files go by."""

    def __init__(self, root: Path) -> None:
        self.problems = Problems()
        self.test_cases: list[TestCase] = []
        self._root = root
        self._surroundings: dict[Path, _Surroundings] = {}
        self._names: dict[str, Place] = {}

    def read_file(self, path: Path, *, is_asked_for: bool) -> None:
        """Take the test cases of one file; a file without any is passed over unless it was asked for."""
        fields = self._open(path)
        if fields is None:
            return
        if "test_cases" not in fields.data:
            if is_asked_for:
                self.problems.error(fields.place, "The file has no `test_cases`.")
            return
        fields.warn_unknown(
            ("test_cases", "fixtures", "metadata", "stub_custom_actions", "llm_judge", "version"),
            "The test file",
        )
        around = _add(self._look_around(path.parent), fields)
        for entry in fields.entries("test_cases"):
            case = self._read_case(entry, around)
            if case is not None:
                self.test_cases.append(case)

    def _open(self, path: Path) -> Fields | None:
        try:
            source = read_yaml(path, root=self._root)
        except UnreadableFileError as error:
            self.problems.add(error.problem)
            return None
        self.problems.extend(source.problems)
        if not is_mapping(source.value):
            return None
        return Fields(with_text_keys(source.value), Place(source), self.problems)

    def _look_around(self, folder: Path) -> _Surroundings:
        """What the `conftest.yml` files from the root down to this folder say; the nearer one wins."""
        known = self._surroundings.get(folder)
        if known is not None:
            return known
        is_inside = folder != self._root and folder.is_relative_to(self._root)
        around = self._look_around(folder.parent) if is_inside else _Surroundings()
        for name in CONFTEST_NAMES:
            if (folder / name).is_file() and (fields := self._open(folder / name)) is not None:
                around = _add(around, fields)
        self._surroundings[folder] = around
        return around

    def _read_case(self, fields: Fields, around: _Surroundings) -> TestCase | None:
        name = fields.text("test_case")
        if name is None:
            self.problems.error(fields.place, "A test case has no `test_case:` with its name.")
            return None
        fields.warn_unknown(_CASE_KEYS, f"The test case `{name}`")
        self._check_unique(name, fields.place)
        fixtures = fields.texts("fixtures")
        return TestCase(
            name=name,
            file=fields.place.file,
            line=fields.place.line,
            fixtures=fixtures,
            slots=self._collect_slots(fixtures, fields, around),
            metadata=_find_metadata(fields, around),
            stubs={**_choose_stubs(name, around), **_read_stubs(fields)},
            kind=_read_kind(fields),
            judge=around.judge,
            steps=tuple(self._read_steps(fields, around)),
        )

    def _check_unique(self, name: str, place: Place) -> None:
        first = self._names.setdefault(name, place)
        if first is not place and first.file == place.file:
            self.problems.warn(place, f"The test case `{name}` is already at {first}.", "Rename one of them.")

    def _collect_slots(
        self, names: tuple[str, ...], fields: Fields, around: _Surroundings
    ) -> dict[str, SlotValue]:
        slots: dict[str, SlotValue] = {}
        for name in names:
            if name not in around.fixtures:
                self.problems.error(
                    fields.place.at("fixtures"),
                    f"There is no fixture `{name}`.",
                    suggest_name(name, around.fixtures),
                )
            slots.update(around.fixtures.get(name, {}))
        return slots

    def _read_steps(self, fields: Fields, around: _Surroundings) -> list[ConversationStep]:
        steps: list[ConversationStep] = []
        for entry in fields.entries("steps"):
            kinds = [kind for kind in _STEP_KINDS if kind in entry.data]
            if len(kinds) != 1:
                self._refuse_step(entry, kinds)
                continue
            step = _read_step(kinds[0], entry, around)
            if step is not None:
                steps.append(step)
        if not steps:
            self.problems.error(fields.place, "The test case has no steps.")
        return steps

    def _refuse_step(self, fields: Fields, kinds: list[str]) -> None:
        unknown = next((key for key in fields.data if key not in _STEP_KINDS), "")
        self.problems.error(
            fields.place,
            f"A step of a test must be {'only ' if kinds else ''}one of {', '.join(_STEP_KINDS)}.",
            suggest_name(unknown, _STEP_KINDS),
        )


def _read_step(kind: str, fields: Fields, around: _Surroundings) -> ConversationStep | None:
    line = fields.place.line
    match kind:
        case "slot_was_set":
            return SlotsAreSet(slots=tuple(read_slot_expectations(fields, kind)), line=line)
        case "slot_was_not_set":
            return SlotsAreNotSet(slots=tuple(read_slot_expectations(fields, kind)), line=line)
        case _:
            pass
    # A message may be empty, which YAML reads as null.
    text = "" if kind == "user" and fields.data[kind] is None else fields.text(kind)
    if text is None:
        fields.problems.error(fields.place, f"The step `{kind}` is empty.")
        return None
    match kind:
        case "user":
            fields.warn_unknown(_USER_KEYS, "The `user` step")
            return UserSays(
                text=text,
                metadata=_find_metadata(fields, around),
                assertions=read_assertions(fields) if fields.has("assertions") else None,
                is_ordered=fields.flag("assertion_order_enabled", default=False),
                line=line,
            )
        case "bot":
            return BotSays(text=text.strip(), line=line)
        case _:
            return BotUtters(response=text, line=line)


def read_slot_expectations(fields: Fields, key: str) -> list[SlotExpectation]:
    """Slots by name alone, or with the value they must have."""
    value = fields.data.get(key)
    if is_scalar(value):
        return [SlotExpectation(name=text_of(value), is_any_value=True)]
    if is_mapping(value):
        return [SlotExpectation(name=name, value=given) for name, given in with_text_keys(value).items()]
    expectations: list[SlotExpectation] = []
    for place, item in fields.items(key):
        if is_scalar(item):
            expectations.append(SlotExpectation(name=text_of(item), is_any_value=True))
        elif is_mapping(item):
            expectations += [
                SlotExpectation(name=name, value=given) for name, given in with_text_keys(item).items()
            ]
        else:
            fields.refuse_at(place, f"An entry of `{key}` must be a slot name, or a slot with a value.")
    return expectations


def _find_metadata(fields: Fields, around: _Surroundings) -> OpenData:
    if not fields.has("metadata"):
        return {}
    if is_mapping(fields.data["metadata"]):
        return fields.mapping("metadata")
    found: OpenData = {}
    for name in fields.texts("metadata"):
        if name not in around.metadata:
            fields.problems.error(
                fields.place.at("metadata"),
                f"There is no metadata `{name}`.",
                suggest_name(name, around.metadata),
            )
        found = {**found, **around.metadata.get(name, {})}
    return found


def _choose_stubs(case: str, around: _Surroundings) -> dict[str, StubbedAction]:
    """Stubs for every test, and over them those written as `test case::action`."""
    stubs = {name: stub for name, stub in around.stubs.items() if _STUB_SEPARATOR not in name}
    for name, stub in around.stubs.items():
        owner, separator, action = name.rpartition(_STUB_SEPARATOR)
        if separator and owner == case:
            stubs[action] = stub
    return stubs


def _add(around: _Surroundings, fields: Fields) -> _Surroundings:
    """The surroundings with what this file adds to them."""
    return _Surroundings(
        fixtures={**around.fixtures, **_read_named(fields, "fixtures")},
        metadata={**around.metadata, **_read_named(fields, "metadata")},
        stubs={**around.stubs, **_read_stubs(fields)},
        judge=_read_judge(fields) or around.judge,
    )


def _read_judge(fields: Fields) -> JudgeModel | None:
    """`llm_judge: {llm: {…}}`; the model's options may also stand right below `llm_judge`."""
    judge = fields.child("llm_judge")
    model = judge.child("llm") if judge.has("llm") else judge
    # Our judges compare no vectors, so the embeddings that may be named beside the model are not needed.
    options = {key: value for key, value in model.data.items() if key != "embeddings"}
    if not options:
        return None
    place = str(fields.place.at("llm_judge"))
    group = model.text("model_group")
    if group is not None:
        return JudgeModel(place=place, model_group=group)
    if not model.has("model") and not model.has("deployment"):
        model.problems.error(
            model.place,
            "`llm_judge` names no model.",
            "Write `llm: {provider: …, model: …}` or `llm: {model_group: …}` below it.",
        )
    return JudgeModel(place=place, options=options)


def _read_kind(fields: Fields) -> CaseKind | None:
    """A kind that is none is only warned of: it sorts a summary and changes no result."""
    written = fields.text("kind")
    if written is None:
        return None
    try:
        return CaseKind(written.strip().casefold().replace("_", " "))
    except ValueError:
        fields.problems.warn(
            fields.place.at("kind"),
            f"There is no kind of test `{written}`; it is ignored.",
            suggest_name(written, list(CaseKind)) or f"Write one of {', '.join(CaseKind)}.",
        )
        return None


def _read_named(fields: Fields, key: str) -> dict[str, dict[str, Any]]:
    """`- name: [ {a: 1}, {b: 2} ]` or `- name: {a: 1, b: 2}`."""
    named: dict[str, dict[str, Any]] = {}
    for entry in fields.entries(key):
        for name in entry.data:
            named[name] = {inner: value for part in entry.entries(name) for inner, value in part.data.items()}
    return named


def _read_stubs(fields: Fields) -> dict[str, StubbedAction]:
    inner = fields.child("stub_custom_actions")
    stubs: dict[str, StubbedAction] = {}
    for name in inner.data:
        stub = inner.child(name)
        stub.warn_unknown(("events", "responses"), f"The stub `{name}`")
        stubs[name] = StubbedAction(
            events=tuple(event.data for event in stub.entries("events")),
            responses=tuple(response.data for response in stub.entries("responses")),
        )
    return stubs
