"""What the checks look at: a project's reading, with quick answers about names and places."""

import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from duologue.core.domain import Domain
from duologue.flows.flow import Flow, Flows
from duologue.flows.patterns import DEFAULT_ACTIONS, STOCK_RESPONSES, STOCK_SLOTS
from duologue.flows.steps import Step
from duologue.project.definition import AssistantDefinition
from duologue.project.places import Kind, WholeFile
from duologue.project.problems import Problems, Spot, suggest_name
from duologue.project.project_reader import ProjectReading

BUILTIN_INTENTS = frozenset(
    (
        "back",
        "nlu_fallback",
        "out_of_scope",
        "restart",
        "session_end",
        "session_start",
        "silence_timeout",
        "EXTERNAL",
    )
)
_WORD = re.compile(r"\w[\w-]*")
_LARGEST_CODE_FILE = 1_000_000


class Subject:
    """One project under examination; checks note what they find in `problems`, and which names are in use."""

    def __init__(self, reading: ProjectReading, definition: AssistantDefinition) -> None:
        self.reading = reading
        self.definition = definition
        self.domain: Domain = definition.domain
        self.flows = Flows(definition.flows)
        self.problems = Problems()
        self.used_slots: set[str] = set()
        self.used_responses: set[str] = set()
        self.used_actions: set[str] = set()
        self.used_intents: set[str] = set()

    @cached_property
    def own_flows(self) -> tuple[Flow, ...]:
        """The project's flows and patterns; stock ones need no check."""
        return tuple(flow for flow in self.flows if self.reading.places.find("flow", flow.id) is not None)

    @cached_property
    def known_actions(self) -> frozenset[str]:
        """Custom and default actions, and forms, which classic assistants run like actions."""
        return frozenset((*self.domain.actions, *self.domain.forms, *DEFAULT_ACTIONS))

    @cached_property
    def known_intents(self) -> frozenset[str]:
        """Intents of the domain, those that retrieval responses answer, and those that always exist."""
        return frozenset(self.domain.intents) | BUILTIN_INTENTS

    @cached_property
    def known_examples(self) -> frozenset[str]:
        """Intents, with their response keys, that sentences stand under."""
        return frozenset(example.intent for example in self.definition.training_data.examples)

    @cached_property
    def collected_slots(self) -> frozenset[str]:
        """Slots that some flow, stock ones included, asks for."""
        return frozenset(slot for flow in self.flows for slot in flow.collected_slots)

    @cached_property
    def words_of_code(self) -> frozenset[str]:
        """Every word in the project's action code and prompt templates, for names used only there."""
        return frozenset(word for text in self._read_code() for word in _WORD.findall(text))

    def _read_code(self) -> Iterator[str]:
        path = self.reading.actions_path
        if path is None:
            return
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            found = _read_small_file(file)
            if found is not None:
                yield found

    @cached_property
    def stock_names(self) -> frozenset[str]:
        """Slots and responses of the stock patterns, which a project overrides by using their names."""
        return frozenset((*STOCK_RESPONSES, *STOCK_SLOTS))

    @property
    def has_code(self) -> bool:
        return self.reading.actions_path is not None

    def place_of(self, kind: Kind, *names: str) -> Spot:
        """Where something stands; stock things stand nowhere, which should not be asked."""
        return self.reading.places.find(kind, *names) or WholeFile("(built in)")

    def place_of_step(self, flow: Flow, step: Step, *keys: object) -> Spot:
        place = self.reading.places.find("step", flow.id, step.id)
        return place.at(*keys) if place else self.place_of("flow", flow.id)

    def require_slot(self, name: str, spot: Spot, what: str) -> bool:
        """Note an error unless the slot exists; a slot asked for counts as used."""
        if name in self.domain.slots:
            self.used_slots.add(name)
            return True
        self.problems.error(
            spot,
            f"{what} the slot `{name}`, which the domain does not declare.",
            suggest_name(name, self.domain.slots) or "Declare it under `slots:`.",
        )
        return False

    def require_response(self, name: str, spot: Spot, what: str) -> bool:
        """Note an error unless the response exists."""
        self.used_responses.add(name)
        if self.has_response(name):
            return True
        self.problems.error(
            spot,
            f"{what} the response `{name}`, which does not exist.",
            suggest_name(name, self.domain.responses) or "Define it under `responses:`.",
        )
        return False

    def require_flow(self, flow_id: str, spot: Spot, what: str) -> Flow | None:
        """Note an error unless the flow exists."""
        flow = self.flows.find(flow_id)
        if flow is None:
            self.problems.error(
                spot,
                f"{what} the flow `{flow_id}`, which does not exist.",
                suggest_name(flow_id, (known.id for known in self.flows)),
            )
        return flow

    def require_action(self, name: str, spot: Spot, what: str) -> bool:
        """Note an error unless it is a response, a custom action or a default action."""
        self.used_actions.add(name)
        self.used_responses.add(name)
        if name in self.known_actions or self.has_response(name):
            return True
        if name.startswith("utter_"):
            return self.require_response(name, spot, what)
        self.problems.error(
            spot,
            f"{what} the action `{name}`, which the domain does not declare.",
            suggest_name(name, (*self.known_actions, *self.domain.responses))
            or "Declare it under `actions:`.",
        )
        return False

    def has_response(self, name: str) -> bool:
        """Whether there is such a response, or retrieval responses below it."""
        return name in self.domain.responses or name in self._retrieval_stems

    @cached_property
    def _retrieval_stems(self) -> frozenset[str]:
        return frozenset(name.partition("/")[0] for name in self.domain.responses if "/" in name)


def _read_small_file(file: Path) -> str | None:
    if file.suffix not in (".py", ".yml", ".yaml", ".jinja2", ".json"):
        return None
    try:
        if file.stat().st_size > _LARGEST_CODE_FILE:
            return None
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
