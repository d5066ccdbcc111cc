"""Steps of a flow: nested lists are laid flat, unnamed steps get their ids, earlier spellings are understood."""

from collections.abc import Iterator
from typing import Any, Final, Literal

from duologue.flows.steps import (
    ActionStep,
    Branch,
    CallStep,
    CollectStep,
    LinkStep,
    Next,
    NoopStep,
    SetSlotsStep,
    Step,
)
from duologue.project.fields import (
    Fields,
    describe,
    is_mapping,
    is_scalar,
    number_of,
    text_of,
    with_text_keys,
)
from duologue.project.places import Place, Places
from duologue.project.problems import Problems, suggest_name
from duologue.project.slot_reader import read_rejections

END = "END"

StepKind = Literal["action", "collect", "set_slots", "link", "call", "noop"]
STEP_KINDS: Final[tuple[StepKind, ...]] = ("action", "collect", "set_slots", "link", "call", "noop")

_SHARED_KEYS = frozenset(("id", "next", "description", "metadata"))
_COLLECT_KEYS = frozenset(
    (
        "ask_before_filling",
        "dtmf",
        "force_slot_filling",
        "rejections",
        "reset_after_flow_ends",
        "silence_timeout",
        "utter",
    )
)
_OWN_KEYS: dict[StepKind, frozenset[str]] = {
    "action": frozenset(("action",)),
    "collect": _COLLECT_KEYS | {"collect"},
    "set_slots": frozenset(("set_slots",)),
    "link": frozenset(("link",)),
    "call": frozenset(("call",)),
    "noop": frozenset(("noop",)),
}
_WITHDRAWN_KEYS = frozenset(("ask_confirm_digressions", "block_digressions"))
_UNSUPPORTED_KEYS = {
    "mcp_server": "Calling a tool of an MCP server",
    "mapping": "Calling a tool of an MCP server",
    "result_key": "Calling a tool of an MCP server",
    "exit_if": "Calling a sub agent",
    "generation_prompt": "The experimental step `generation_prompt`",
}


class StepReader:
    """Reads the steps of one flow."""

    def __init__(self, flow_id: str, places: Places, problems: Problems) -> None:
        self._flow_id = flow_id
        self._places = places
        self._problems = problems
        self._count = 0

    def read(self, fields: Fields) -> tuple[Step, ...]:
        """All steps in document order, nested ones after the step that holds them."""
        return tuple(self._read_list(list(fields.entries("steps")), is_nested=False))

    def _read_list(self, entries: list[Fields], *, is_nested: bool) -> list[Step]:
        steps: list[Step] = []
        for position, entry in enumerate(entries):
            is_last = position == len(entries) - 1
            steps.extend(self._read_step(entry, ends_here=is_nested and is_last))
        return steps

    def _read_step(self, fields: Fields, *, ends_here: bool) -> list[Step]:
        """The step and the steps nested in it; a nested list's last step leads to the end by itself."""
        kind = self._find_kind(fields)
        if kind is None:
            return []
        fields = _spread_collect(fields)
        index = self._count
        self._count += 1
        step_id = fields.text("id") or _make_id(index, kind, fields)
        first = self._places.find("step", self._flow_id, step_id)
        if first is not None:
            self._problems.error(
                fields.place, f"The step id `{step_id}` is already taken at {first}.", "Choose another id."
            )
        self._places.note(fields.place, "step", self._flow_id, step_id)
        self._check_keys(kind, fields)
        following, nested = self._read_next(fields)
        if following is None and ends_here and kind != "link":
            following = END
        step = self._build(kind, step_id, fields, following)
        return ([step] if step else []) + nested

    def _find_kind(self, fields: Fields) -> StepKind | None:
        kinds: list[StepKind] = [kind for kind in STEP_KINDS if kind in fields.data]
        if len(kinds) == 1:
            return kinds[0]
        if kinds:
            self._problems.error(
                fields.place,
                f"A step is {' and '.join(f'`{kind}`' for kind in kinds)} at once.",
                "Make two steps of it.",
            )
            return None
        self._refuse_unknown_kind(fields)
        return None

    def _refuse_unknown_kind(self, fields: Fields) -> None:
        for key, what in _UNSUPPORTED_KEYS.items():
            if key in fields.data:
                self._problems.error(fields.place.at(key), f"{what} is not supported yet (`{key}`).")
                return
        if set(fields.data) <= _SHARED_KEYS and "next" in fields.data:
            self._problems.error(
                fields.place, "A step that only branches needs `noop: true`.", "Add `noop: true` to it."
            )
            return
        unknown = next((key for key in fields.data if key not in _SHARED_KEYS), "")
        self._problems.error(
            fields.place,
            f"A step must be one of {', '.join(STEP_KINDS)}.",
            suggest_name(unknown, STEP_KINDS),
        )

    def _check_keys(self, kind: StepKind, fields: Fields) -> None:
        for key in fields.data:
            if key in _UNSUPPORTED_KEYS:
                self._problems.error(
                    fields.place.at(key), f"{_UNSUPPORTED_KEYS[key]} is not supported yet (`{key}`)."
                )
            elif key in _WITHDRAWN_KEYS:
                self._problems.warn(
                    fields.place.at(key), f"`{key}` no longer exists; it is ignored.", "Remove it."
                )
        known = _SHARED_KEYS | _OWN_KEYS[kind] | _WITHDRAWN_KEYS | frozenset(_UNSUPPORTED_KEYS)
        fields.warn_unknown(known, f"The `{kind}` step")
        if kind == "link" and "next" in fields.data:
            self._problems.error(
                fields.place.at("next"),
                "A `link` ends the flow, so it takes no `next`.",
                "Use `call` to come back.",
            )
        if kind == "noop" and not fields.has("next"):
            self._problems.error(fields.place, "A `noop` step needs `next`.")

    def _build(self, kind: StepKind, step_id: str, fields: Fields, following: Next) -> Step | None:
        name = "" if kind in ("noop", "set_slots") else fields.text(kind)
        if not name and kind not in ("noop", "set_slots"):
            self._problems.error(fields.place, f"The `{kind}` step names nothing.")
            return None
        name, description = name or "", fields.text("description")
        shared: dict[str, Any] = {
            "id": step_id,
            "next": following,
            "description": description,
            "metadata": fields.mapping("metadata"),
        }
        match kind:
            case "action":
                return ActionStep(action=name, **shared)
            case "collect":
                return _build_collect(name, fields, shared)
            case "set_slots":
                return SetSlotsStep(slots=tuple(_read_slot_values(fields)), **shared)
            case "link":
                shared["next"] = None
                return LinkStep(flow_id=name, **shared)
            case "call":
                return CallStep(flow_id=name, **shared)
            case "noop":
                return NoopStep(**shared)

    def _read_next(self, fields: Fields) -> tuple[Next, list[Step]]:
        value = fields.data.get("next")
        place = fields.place.at("next")
        if value is None:
            return None, []
        if is_scalar(value):
            return text_of(value), []
        if is_mapping(value):
            self._warn_lone(place, "next")
            value = [value]
        if not value:
            self._problems.warn(place, "`next` is an empty list; the flow ends here.", "Write `next: END`.")
            return END, []
        if not any(is_mapping(item) and ("if" in item or "else" in item) for item in value):
            return self._read_target(value, place)
        return self._read_branches(value, place)

    def _read_branches(self, items: list[Any], place: Place) -> tuple[Next, list[Step]]:
        branches: list[Branch] = []
        nested: list[Step] = []
        for position, item in enumerate(items):
            spot = place.at(position)
            branch = _Arm.of(item)
            if branch is None:
                self._problems.error(spot, "A branch needs `if` and `then`, or `else`.")
                continue
            self._check_arm(branch, spot, is_last=position == len(items) - 1)
            target, steps = self._read_target(branch.target, spot.at(branch.key))
            nested.extend(steps)
            branches.append(Branch(target=target, condition=branch.condition))
        return tuple(branches), nested

    def _check_arm(self, branch: "_Arm", spot: Place, *, is_last: bool) -> None:
        if branch.key == "then" and branch.condition is None:
            self._problems.error(spot.at("if"), "The condition of a branch is empty.")
        if branch.key == "else" and not is_last:
            self._problems.error(
                spot, "`else` must be the last branch.", "Branches below it are never taken."
            )
        for key in branch.extra:
            self._problems.warn(
                spot.at(key),
                f"`{key}` beside `{branch.key}` is ignored.",
                "Put it into a step of the branch.",
            )

    def _read_target(self, value: Any, place: Place) -> tuple[str, list[Step]]:
        """Where a branch leads: a step id, `END`, or the first of steps written in place."""
        if is_scalar(value):
            return text_of(value), []
        if is_mapping(value):
            self._warn_lone(place, "a branch")
            value = [value]
        if not value:
            self._problems.warn(place, "The branch is empty; the flow ends here.", "Write `END`.")
            return END, []
        entries = list(self._list_steps(value, place))
        steps = self._read_list(entries, is_nested=True)
        return (steps[0].id if steps else END), steps

    def _list_steps(self, items: list[Any], place: Place) -> Iterator[Fields]:
        for position, item in enumerate(items):
            spot = place.at(position)
            if is_mapping(item):
                yield Fields(with_text_keys(item), spot, self._problems)
            else:
                self._problems.error(spot, f"A step must be a mapping, not {describe(item)}.")

    def _warn_lone(self, place: Place, what: str) -> None:
        self._problems.warn(place, f"The steps of {what} are not a list.", "Begin each with `- `.")


class _Arm:
    """One arm of a `next` as written."""

    def __init__(
        self, key: Literal["then", "else"], target: Any, condition: str | bool | None, extra: list[str]
    ) -> None:
        self.key: Literal["then", "else"] = key
        self.target = target
        self.condition = condition
        self.extra = extra

    @classmethod
    def of(cls, item: Any) -> "_Arm | None":
        if not is_mapping(item):
            return None
        data = with_text_keys(item)
        if "if" in data and "then" in data:
            condition = data["if"]
            readable = condition if isinstance(condition, str | bool) else None
            return cls("then", data["then"], readable, [key for key in data if key not in ("if", "then")])
        if "else" in data and "if" not in data:
            return cls("else", data["else"], None, [key for key in data if key != "else"])
        return None


def _make_id(index: int, kind: StepKind, fields: Fields) -> str:
    name = fields.data.get(kind)
    if kind in ("noop", "set_slots") or not is_scalar(name):
        return f"{index}_{kind}"
    return f"{index}_{text_of(name)}" if kind == "action" else f"{index}_{kind}_{text_of(name)}"


def _spread_collect(fields: Fields) -> Fields:
    """`collect: {name: …, …}` says the same as `collect: …` with the rest beside it."""
    inner = fields.data.get("collect")
    if not is_mapping(inner):
        return fields
    options = dict(with_text_keys(inner))
    name = options.pop("name", None) or options.pop("slot", None)
    return Fields({**options, **fields.data, "collect": name}, fields.place, fields.problems)


def _build_collect(slot: str, fields: Fields, shared: dict[str, Any]) -> CollectStep:
    return CollectStep(
        slot=slot,
        utter=fields.text("utter"),
        ask_before_filling=fields.flag("ask_before_filling", default=False),
        reset_after_flow_ends=fields.flag("reset_after_flow_ends", default=True),
        force_slot_filling=fields.flag("force_slot_filling", default=False),
        rejections=read_rejections(fields),
        silence_timeout=_read_silence(fields),
        dtmf=fields.mapping("dtmf") if fields.has("dtmf") else None,
        **shared,
    )


def _read_silence(fields: Fields) -> float | dict[str, float] | None:
    value = fields.data.get("silence_timeout")
    if value is None:
        return None
    if is_mapping(value) or isinstance(value, list):
        pairs = [
            (channel, number_of(seconds))
            for entry in fields.entries("silence_timeout")
            for channel, seconds in entry.data.items()
        ]
        if all(seconds is not None and seconds > 0 for _, seconds in pairs):
            return {channel: seconds for channel, seconds in pairs if seconds is not None}
    elif (number := number_of(value)) is not None and number > 0:
        return number
    fields.refuse("silence_timeout", "must be a number of seconds above 0, or such a number for each channel")
    return None


def _read_slot_values(fields: Fields) -> Iterator[tuple[str, Any]]:
    if not fields.has("set_slots"):
        fields.problems.error(fields.place, "The `set_slots` step sets nothing.")
    for entry in fields.entries("set_slots"):
        yield from entry.data.items()
