"""A project folder is read, whatever its files are called, and merged with the stock patterns."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from duologue.core.domain import Domain
from duologue.core.errors import DefinitionError
from duologue.core.slots import Slot, SlotType
from duologue.core.stories import Story
from duologue.flows.patterns import STOCK_FLOWS, STOCK_RESPONSES, STOCK_SLOTS
from duologue.flows.patterns.pattern import CONTROLLED, builtin_slot
from duologue.project.config_reader import read_config
from duologue.project.definition import AssistantConfig, AssistantDefinition, TrainingData
from duologue.project.documents import read_documents
from duologue.project.domain_reader import DOMAIN_KEYS, DomainReader
from duologue.project.fields import Fields, is_mapping, with_text_keys
from duologue.project.flow_reader import FlowsReader
from duologue.project.interpolation import interpolate
from duologue.project.nlu_reader import NluReader
from duologue.project.places import Place, Places, WholeFile
from duologue.project.problems import Problems, Spot, suggest_name
from duologue.project.project_files import ProjectFiles, find_project_files
from duologue.project.prompt_templates import read_prompt_templates
from duologue.project.rasa1.old_file import read_old_file
from duologue.project.stories_reader import StoriesReader
from duologue.project.yaml_reader import UnreadableFileError, YamlFile, read_yaml

_DATA_KEYS = DOMAIN_KEYS | {"nlu", "stories", "rules", "flows"}
_OTHER_KEYS = frozenset(("version", "language", "test_cases", "fixtures", "metadata", "stub_custom_actions"))
_TEST_PREFIX = "test_"
_TRIGGER_POLICY = "MappingPolicy"
_ACTIONS_MODULE = "actions"


class ProjectReading(msgspec.Struct, frozen=True, kw_only=True):
    """What reading a folder gave: the definition, and everything that checks need to name a place."""

    root: Path
    definition: AssistantDefinition | None
    """None if there is no project; with errors it holds what could be read."""
    problems: Problems
    places: Places
    own_domain: Domain = Domain()
    """The domain without anything of ours."""
    test_stories: tuple[Story, ...] = ()
    example_spots: tuple[Spot, ...] = ()
    """Where each example of the NLU data stands, in their order."""
    actions_path: Path | None = None
    """The project's custom action code, `actions/` or `actions.py`, if it is there."""
    is_whole: bool = True
    """Every file could be read; otherwise names may seem to be missing that are not."""

    def require_definition(self) -> AssistantDefinition:
        """The definition.

        Raises:
            DefinitionError: there are errors; its text lists them, one a line.
        """
        errors = self.problems.errors
        if self.definition is None or errors:
            raise DefinitionError("\n".join(problem.format() for problem in errors))
        return self.definition


def read_project(
    folder: Path,
    *,
    config: Path | None = None,
    domain: Path | Sequence[Path] | None = None,
    data: Path | Sequence[Path] | None = None,
    environment: Mapping[str, str],
) -> ProjectReading:
    """Read a project; nothing is raised, all that is wrong becomes problems.

    Args:
        config, domain, data: places that differ from the usual ones; relative ones count from the folder.
        environment: variables for `${NAME}` in the configuration.
    """
    reader = _ProjectReader(folder.absolute(), environment)
    if not folder.is_dir():
        reader.problems.error(WholeFile(str(folder)), "There is no such folder.")
        return ProjectReading(
            root=reader.root, definition=None, problems=reader.problems, places=reader.places, is_whole=False
        )
    return reader.read(
        find_project_files(reader.root, reader.problems, config=config, domain=domain, data=data)
    )


class _ProjectReader:
    """Holds the readers of each kind of data while the files go by."""

    def __init__(self, root: Path, environment: Mapping[str, str]) -> None:
        self.root = root
        self.environment = environment
        self.problems = Problems()
        self.places = Places()
        self._domain = DomainReader(self.places, self.problems)
        self._flows = FlowsReader(self.places, self.problems)
        self._nlu = NluReader(self.places, root)
        self._stories = StoriesReader(self.places)
        self._is_whole = True

    def read(self, files: ProjectFiles) -> ProjectReading:
        self._is_whole = files.is_whole
        config = self._read_config(files.config)
        for path in dict.fromkeys(files.domain + files.data):
            self._read_file(path)
        old_files = [path for path in files.old_data if self._read_old_file(path)]
        if not (files.domain or files.data or old_files):
            self.problems.error(
                WholeFile("domain.yml"),
                "The project has neither a domain nor data.",
                "Add `domain.yml` and `data/`.",
            )
        if any(policy.name == _TRIGGER_POLICY for policy in config.policies or ()):
            for intent, (action, place) in self._domain.triggers.items():
                self._stories.add_trigger(intent, action, place)
        own_domain = self._domain.build(is_classic=not self._flows.flows)
        return ProjectReading(
            root=self.root,
            definition=self._build_definition(config, own_domain),
            problems=self.problems,
            places=self.places,
            own_domain=own_domain,
            test_stories=tuple(self._stories.tests),
            example_spots=tuple(self._nlu.example_spots),
            actions_path=_find_actions(self.root),
            is_whole=self._is_whole,
        )

    def _read_config(self, path: Path | None) -> AssistantConfig:
        fields = self._open(path) if path else None
        if fields is None:
            return AssistantConfig()
        self.places.note(fields.place, "config")
        data = interpolate(fields.data, self.environment, fields.place, self.problems)
        return read_config(Fields(data, fields.place, self.problems))

    def _read_file(self, path: Path) -> None:
        fields = self._open(path)
        if fields is None:
            return
        for key in fields.data.keys() - _DATA_KEYS - _OTHER_KEYS:
            self.problems.warn(
                fields.place.at(key),
                f"The key `{key}` belongs to no part of a project; it is ignored.",
                suggest_name(key, _DATA_KEYS),
            )
        self._read_data(fields, is_test=path.name.startswith(_TEST_PREFIX))

    def _read_data(self, fields: Fields, *, is_test: bool) -> None:
        known = fields.data.keys() & _DATA_KEYS
        if known & DOMAIN_KEYS:
            self._domain.read(fields)
        if "flows" in known:
            self._flows.read(fields)
        if "nlu" in known:
            self._nlu.read(fields)
        if known & {"stories", "rules"}:
            self._stories.read(fields, is_test=is_test)

    def _open(self, path: Path) -> Fields | None:
        """The mapping of a file; None if there is none, which is noted."""
        try:
            source = read_yaml(path, root=self.root)
        except UnreadableFileError as error:
            self.problems.add(error.problem)
            self._is_whole = False
            return None
        self.problems.extend(source.problems)
        return self._require_mapping(source)

    def _require_mapping(self, source: YamlFile) -> Fields | None:
        place = Place(source)
        if source.value is None:
            return None
        if not is_mapping(source.value):
            self.problems.error(place, "The file must be a mapping at its top level, such as `flows:`.")
            self._is_whole = False
            return None
        return Fields(with_text_keys(source.value), place, self.problems)

    def _read_old_file(self, path: Path) -> bool:
        """Whether it is Markdown or JSON of Rasa 1; others of these kinds, such as a page about the data, are left alone."""
        try:
            source = read_old_file(path, root=self.root, problems=self.problems)
        except UnreadableFileError as error:
            self.problems.add(error.problem)
            self._is_whole = False
            return True
        fields = self._require_mapping(source) if source else None
        if fields is not None:
            self._read_data(fields, is_test=path.name.startswith(_TEST_PREFIX))
        return fields is not None

    def _build_definition(self, config: AssistantConfig, own_domain: Domain) -> AssistantDefinition:
        flows = self._flows.flows
        domain = msgspec.structs.replace(
            own_domain,
            slots={**STOCK_SLOTS, **make_language_slot(config), **own_domain.slots},
            responses={**STOCK_RESPONSES, **own_domain.responses},
        )
        return AssistantDefinition(
            config=config,
            domain=domain,
            flows=(*flows.values(), *(flow for flow in STOCK_FLOWS if flow.id not in flows)),
            training_data=TrainingData(
                examples=tuple(self._nlu.examples),
                synonyms=self._nlu.synonyms,
                lookups=self._nlu.lookups,
                regexes=self._nlu.regexes,
                stories=tuple(self._stories.stories),
                rules=tuple(self._stories.rules),
            ),
            prompt_templates=read_prompt_templates(self.root, config),
            documents=read_documents(self.root, config, self.places, self.problems),
        )


def make_language_slot(config: AssistantConfig) -> dict[str, Slot]:
    """The built-in slot that holds the language being spoken; an assistant of one language has none."""
    if not config.additional_languages:
        return {}
    languages = (config.language, *config.additional_languages)
    slot = builtin_slot(
        "language",
        SlotType.CATEGORICAL,
        values=languages,
        initial_value=config.language,
        mappings=CONTROLLED,
    )
    return {slot.name: slot}


def _find_actions(root: Path) -> Path | None:
    for path in (root / _ACTIONS_MODULE, root / f"{_ACTIONS_MODULE}.py"):
        if path.suffix == ".py" and path.is_file():
            return path
        if path.is_dir() and any(path.rglob("*.py")):
            return path
    return None
