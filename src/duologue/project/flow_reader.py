"""Flows: their properties; the steps are read next door."""

import re
from typing import Any

from duologue.flows.flow import Flow, NluTrigger
from duologue.project.fields import Fields, describe, is_mapping, is_scalar, text_of, with_text_keys
from duologue.project.places import Places
from duologue.project.problems import Problems
from duologue.project.step_reader import StepReader

_FLOW_KEYS = frozenset(
    (
        "always_include_in_prompt",
        "description",
        "if",
        "metadata",
        "name",
        "nlu_trigger",
        "persisted_slots",
        "run_pattern_completed",
        "steps",
        "translation",
    )
)
_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*")


class FlowsReader:
    """Reads the `flows` of one file after the other."""

    def __init__(self, places: Places, problems: Problems) -> None:
        self._places = places
        self._problems = problems
        self.flows: dict[str, Flow] = {}

    def read(self, fields: Fields) -> None:
        """Take the flows of one file."""
        place = fields.place.at("flows")
        for flow_id, value in fields.mapping("flows").items():
            self._read_flow(flow_id, value, Fields({}, place.at(flow_id), self._problems))

    def _read_flow(self, flow_id: str, value: Any, empty: Fields) -> None:
        place = empty.place
        first = self._places.find("flow", flow_id)
        if first is not None:
            self._problems.error(
                place, f"The flow `{flow_id}` is already defined at {first}.", "Give one of them another id."
            )
            return
        self._places.note(place, "flow", flow_id)
        if not _ID.fullmatch(flow_id):
            self._problems.error(
                place,
                f"`{flow_id}` cannot be a flow id.",
                "Use letters, digits, `_` and `-`, and do not begin with `-`.",
            )
        if not is_mapping(value):
            self._problems.error(
                place, f"The flow `{flow_id}` must be a mapping with `description` and `steps`."
            )
            return
        fields = Fields(with_text_keys(value), place, self._problems)
        fields.warn_unknown(_FLOW_KEYS, f"The flow `{flow_id}`")
        self.flows[flow_id] = self._build_flow(flow_id, fields)

    def _build_flow(self, flow_id: str, fields: Fields) -> Flow:
        return Flow(
            id=flow_id,
            name=fields.text("name") or flow_id.replace("_", " ").replace("-", " ").strip(),
            description=(fields.text("description") or "").strip(),
            guard=_read_guard(fields),
            always_include_in_prompt=fields.flag("always_include_in_prompt", default=False),
            run_pattern_completed=fields.flag("run_pattern_completed", default=True),
            nlu_triggers=tuple(_read_triggers(fields)),
            persisted_slots=fields.texts("persisted_slots"),
            translations=_read_translations(fields),
            steps=StepReader(flow_id, self._places, self._problems).read(fields),
        )


def _read_guard(fields: Fields) -> str | bool | None:
    value = fields.data.get("if")
    if value is None or isinstance(value, str | bool):
        return value
    fields.refuse("if", "must be a condition")
    return None


def _read_triggers(fields: Fields) -> list[NluTrigger]:
    value = fields.data.get("nlu_trigger")
    if is_scalar(value):
        return [NluTrigger(intent=text_of(value))]
    if is_mapping(value):
        entries = [(fields.place.at("nlu_trigger"), value)]
    else:
        entries = list(fields.items("nlu_trigger"))
    triggers: list[NluTrigger] = []
    for place, item in entries:
        trigger = _read_trigger(item, Fields({}, place, fields.problems))
        if trigger is None:
            fields.refuse_at(place, f"An NLU trigger must name an `intent`, not {describe(item)}.")
        else:
            triggers.append(trigger)
    return triggers


def _read_trigger(item: Any, empty: Fields) -> NluTrigger | None:
    if is_scalar(item):
        return NluTrigger(intent=text_of(item))
    if not is_mapping(item):
        return None
    intent = item.get("intent")
    if is_scalar(intent):
        return NluTrigger(intent=text_of(intent), confidence_threshold=_read_threshold(item, empty))
    if is_mapping(intent) and is_scalar(intent.get("name")):
        return NluTrigger(intent=text_of(intent["name"]), confidence_threshold=_read_threshold(intent, empty))
    return None


def _read_threshold(data: dict[Any, Any], empty: Fields) -> float:
    fields = Fields(with_text_keys(data), empty.place, empty.problems)
    threshold = fields.number("confidence_threshold", 0.0)
    if not 0.0 <= threshold <= 1.0:
        fields.refuse("confidence_threshold", "must lie between 0 and 1")
        return 0.0
    return threshold


def _read_translations(fields: Fields) -> dict[str, str]:
    inner = fields.child("translation")
    names: dict[str, str] = {}
    for language in inner.data:
        name = inner.child(language).text("name")
        if name is not None:
            names[language] = name
    return names
