"""The assertions of a user step in an end-to-end test."""

from duologue.project.e2e_tests import (
    ActionExecutedAssertion,
    AnyOrAll,
    Assertion,
    BotDidNotUtterAssertion,
    BotUtteredAssertion,
    ClarificationAssertion,
    ExpectedButton,
    FlowCancelledAssertion,
    FlowCompletedAssertion,
    FlowStartedAssertion,
    JudgedAssertion,
    Question,
    SlotExpectation,
    SlotsNotSetAssertion,
    SlotsSetAssertion,
)
from duologue.project.fields import Fields, is_mapping, is_scalar
from duologue.project.problems import suggest_name

DEFAULT_THRESHOLD = 0.5

_KINDS = (
    "flow_started",
    "flow_completed",
    "flow_cancelled",
    "pattern_clarification_contains",
    "slot_was_set",
    "slot_was_not_set",
    "action_executed",
    "bot_uttered",
    "bot_did_not_utter",
    "generative_response_is_relevant",
    "generative_response_is_grounded",
)


def read_assertions(fields: Fields) -> tuple[Assertion, ...]:
    """All assertions of a step; one that cannot be read is noted and left out."""
    assertions: list[Assertion] = []
    for entry in fields.entries("assertions"):
        for kind in entry.data:
            if kind not in _KINDS:
                entry.problems.error(
                    entry.place.at(kind), f"There is no assertion `{kind}`.", suggest_name(kind, _KINDS)
                )
                continue
            assertion = _read_assertion(kind, entry)
            if assertion is not None:
                assertions.append(assertion)
    return tuple(assertions)


def _read_assertion(kind: str, fields: Fields) -> Assertion | None:
    line = fields.place.line
    match kind:
        case "flow_started" | "pattern_clarification_contains":
            return _read_flow_list(kind, fields, line)
        case "flow_completed" | "flow_cancelled":
            return _read_flow_end(kind, fields, line)
        case "slot_was_set":
            return SlotsSetAssertion(slots=tuple(_read_slots(fields, kind)), line=line)
        case "slot_was_not_set":
            return SlotsNotSetAssertion(slots=tuple(_read_slots(fields, kind)), line=line)
        case "action_executed":
            action = fields.text(kind)
            return ActionExecutedAssertion(action=action, line=line) if action else _refuse(kind, fields)
        case "bot_uttered" | "bot_did_not_utter":
            return _read_utterance(kind, fields, line)
        case _:
            return _read_judged(kind, fields, line)


def _read_flow_list(kind: str, fields: Fields, line: int) -> Assertion | None:
    operator: AnyOrAll = "all"
    if is_mapping(fields.data[kind]):
        inner = fields.child(kind)
        written = inner.text("operator")
        if written == "any":
            operator = "any"
        elif written not in (None, "all"):
            inner.refuse("operator", "must be `any` or `all`")
        flow_ids = inner.texts("flow_ids") or inner.texts("flow_id")
    else:
        flow_ids = fields.texts(kind)
    if not flow_ids:
        return _refuse(kind, fields)
    if kind == "flow_started":
        return FlowStartedAssertion(flow_ids=flow_ids, operator=operator, line=line)
    return ClarificationAssertion(flow_ids=flow_ids, operator=operator, line=line)


def _read_flow_end(kind: str, fields: Fields, line: int) -> Assertion | None:
    if is_scalar(fields.data[kind]):
        flow_id, step_id = fields.text(kind), None
    else:
        inner = fields.child(kind)
        flow_id, step_id = inner.text("flow_id"), inner.text("flow_step_id")
    if not flow_id:
        return _refuse(kind, fields)
    if kind == "flow_completed":
        return FlowCompletedAssertion(flow_id=flow_id, step_id=step_id, line=line)
    return FlowCancelledAssertion(flow_id=flow_id, step_id=step_id, line=line)


def _read_slots(fields: Fields, kind: str) -> list[SlotExpectation]:
    expectations: list[SlotExpectation] = []
    if is_scalar(fields.data[kind]):
        return [SlotExpectation(name=name, is_any_value=True) for name in fields.texts(kind)]
    for entry in fields.entries(kind):
        name = entry.text("name")
        if name is None:
            hint = "Write it as `{name: …, value: …}`; the shorter form belongs to steps."
            entry.problems.error(
                entry.place,
                f"An entry of `{kind}` has no `name`.",
                "" if "value" in entry.data else hint,
            )
            continue
        expectations.append(
            SlotExpectation(name=name, value=entry.data.get("value"), is_any_value="value" not in entry.data)
        )
    return expectations


def _read_utterance(kind: str, fields: Fields, line: int) -> Assertion | None:
    inner = fields.child(kind)
    inner.warn_unknown(("utter_name", "text_matches", "buttons"), f"`{kind}`")
    utter_name, text = inner.text("utter_name"), inner.text("text_matches")
    buttons = tuple(
        ExpectedButton(title=button.text("title") or "", payload=button.text("payload"))
        for button in inner.entries("buttons")
    )
    if utter_name is None and text is None and not buttons:
        return _refuse(kind, fields)
    if kind == "bot_uttered":
        return BotUtteredAssertion(utter_name=utter_name, text_matches=text, buttons=buttons, line=line)
    return BotDidNotUtterAssertion(utter_name=utter_name, text_matches=text, buttons=buttons, line=line)


def _read_judged(kind: str, fields: Fields, line: int) -> JudgedAssertion:
    inner = fields.child(kind)
    inner.warn_unknown(("threshold", "ground_truth", "utter_name", "utter_source"), f"`{kind}`")
    question: Question = "relevant" if kind.endswith("relevant") else "grounded"
    threshold = inner.number("threshold", DEFAULT_THRESHOLD)
    if not 0.0 <= threshold <= 1.0:
        inner.refuse("threshold", "must lie between 0 and 1")
    return JudgedAssertion(
        question=question,
        threshold=threshold,
        ground_truth=inner.text("ground_truth"),
        utter_name=inner.text("utter_name"),
        utter_source=inner.text("utter_source"),
        line=line,
    )


def _refuse(kind: str, fields: Fields) -> None:
    fields.problems.error(
        fields.place.at(kind), f"The assertion `{kind}` says nothing that could be checked."
    )
