"""The steps and assertions of a test, each checked against what happened in a turn."""

import re
from collections.abc import Iterator, Sequence
from typing import assert_never

import msgspec

from duologue.core import events as ev
from duologue.core.messages import BotMessage
from duologue.core.stack import PatternFrame
from duologue.project.e2e_tests import (
    ActionExecutedAssertion,
    Assertion,
    BotDidNotUtterAssertion,
    BotSays,
    BotUtteredAssertion,
    BotUtters,
    ClarificationAssertion,
    ConversationStep,
    FlowCancelledAssertion,
    FlowCompletedAssertion,
    FlowStartedAssertion,
    JudgedAssertion,
    SlotExpectation,
    SlotsAreNotSet,
    SlotsAreSet,
    SlotsNotSetAssertion,
    SlotsSetAssertion,
    UserSays,
)
from duologue.testing.e2e.turn_record import TurnRecord, format_value

_CLARIFICATION = "pattern_clarification"
_UNTOLD = frozenset({"pattern_collect_information", ev.ACTION_LISTEN, "action_run_slot_rejections"})
"""What happens around every question; named in a message it would only distract."""


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was expected and did not happen."""

    line: int
    """In the test's file; 0 if not known."""
    expected: str
    happened: str


def check_steps(steps: Sequence[ConversationStep], turn: TurnRecord) -> list[Failure]:
    """What the steps after a message expect; in any order, and whatever else happened is no matter."""
    spoken = list(turn.replies)
    uttered = list(turn.replies)
    failures: list[Failure] = []
    for step in steps:
        match step:
            case BotSays():
                failures += _take_reply(spoken, [r for r in spoken if _has_text(r, step.text)], step, turn)
            case BotUtters():
                fitting = [r for r in uttered if r.response == step.response]
                failures += _take_reply(uttered, fitting, step, turn)
            case SlotsAreSet():
                failures += _check_slots_set(step.slots, step.line, turn)
            case SlotsAreNotSet():
                failures += _check_slots_not_set(step.slots, step.line, turn)
            case UserSays():
                raise ValueError("A message of the user begins a turn of its own.")
            case _:
                assert_never(step)
    return failures


def _has_text(reply: BotMessage, text: str) -> bool:
    return reply.text is not None and _even(reply.text) == _even(text)


def _even(text: str) -> list[str]:
    """The lines without the spaces around them, which YAML blocks add or take away."""
    return [line.strip() for line in text.strip().splitlines()]


def _take_reply(
    replies: list[BotMessage], fitting: list[BotMessage], step: BotSays | BotUtters, turn: TurnRecord
) -> Iterator[Failure]:
    """Each reply answers one expectation only."""
    if fitting:
        replies.remove(fitting[0])
        return
    is_text = isinstance(step, BotSays)
    expected = f"the reply {format_value(step.text)}" if is_text else f"the response {step.response}"
    yield Failure(line=step.line, expected=expected, happened=tell_replies(turn))


def tell_replies(turn: TurnRecord) -> str:
    """What the assistant said, and why it gave up if it did."""
    told = [_name_reply(reply) for reply in turn.replies]
    said = f"the assistant said {', '.join(told)}" if told else "the assistant said nothing"
    return f"{said}; the turn failed: {turn.failure}" if turn.failure else said


def _name_reply(reply: BotMessage) -> str:
    text = format_value(reply.text or "")
    return f"{reply.response} {text}" if reply.response else text


def _check_slots_set(
    expectations: Sequence[SlotExpectation], line: int, turn: TurnRecord
) -> Iterator[Failure]:
    for slot in expectations:
        if not turn.has_slot(slot.name, slot.value, is_any_value=slot.is_any_value):
            expected = f"the slot {_name_slot(slot)} to be set"
            yield Failure(line=line, expected=expected, happened=_tell_slot(slot.name, turn))


def _check_slots_not_set(
    expectations: Sequence[SlotExpectation], line: int, turn: TurnRecord
) -> Iterator[Failure]:
    for slot in expectations:
        if turn.has_slot(slot.name, slot.value, is_any_value=slot.is_any_value):
            expected = f"the slot {_name_slot(slot)} not to be set"
            yield Failure(line=line, expected=expected, happened=_tell_slot(slot.name, turn))


def _name_slot(slot: SlotExpectation) -> str:
    return slot.name if slot.is_any_value else f"{slot.name} = {format_value(slot.value)}"


def _tell_slot(name: str, turn: TurnRecord) -> str:
    values = [format_value(event.value) for event in turn.slots_set if event.name == name]
    if values:
        return f"{name} was set to {', then '.join(values)}"
    others = list(dict.fromkeys(event.name for event in turn.slots_set))
    set_instead = f"; set were {', '.join(others)}" if others else "; no slot was set"
    failed = f"; the turn failed: {turn.failure}" if turn.failure else ""
    return f"{name} was not set{set_instead}{failed}"


def check_in_order(assertions: Sequence[Assertion], turn: TurnRecord) -> list[Failure]:
    """Each assertion holds after what made the one before it true; what must not happen may nowhere."""
    failures: list[Failure] = []
    passed = 0
    for assertion in assertions:
        if isinstance(assertion, _DENYING):
            failures += check_assertion(assertion, turn)
            continue
        reached = _find_first(assertion, turn, passed)
        if reached is not None:
            passed = reached - 1  # one event may make two assertions true
        elif missed := check_assertion(assertion, turn):
            failures += missed
        else:
            expected = f"{_name_kind(assertion)} after what the assertions above it name"
            failures.append(
                Failure(line=assertion.line, expected=expected, happened="it happened before them")
            )
    return failures


_DENYING = (SlotsNotSetAssertion, BotDidNotUtterAssertion, JudgedAssertion)


def _find_first(assertion: Assertion, turn: TurnRecord, start: int) -> int | None:
    """After how many events of the turn the assertion first holds, if only those from `start` count."""
    for stop in range(start + 1, len(turn.events) + 1):
        before = next(
            (e.stack for e in reversed(turn.events[:start]) if isinstance(e, ev.StackChanged)), turn.stack
        )
        part = msgspec.structs.replace(turn, events=turn.events[start:stop], stack=before)
        if not check_assertion(assertion, part):
            return stop
    return None


def _name_kind(assertion: Assertion) -> str:
    return str(msgspec.to_builtins(assertion)["kind"])


def check_assertion(assertion: Assertion, turn: TurnRecord) -> list[Failure]:
    """One assertion; those that need a judge are not checked here."""
    match assertion:
        case FlowStartedAssertion():
            return list(_check_flows_started(assertion, turn))
        case FlowCompletedAssertion():
            return list(_check_flow_end(assertion, turn.flows_completed, "completed"))
        case FlowCancelledAssertion():
            ended = [event for event in turn.events if isinstance(event, ev.FlowCancelled)]
            return list(_check_flow_end(assertion, ended, "cancelled"))
        case ClarificationAssertion():
            return list(_check_clarification(assertion, turn))
        case SlotsSetAssertion():
            return list(_check_slots_set(assertion.slots, assertion.line, turn))
        case SlotsNotSetAssertion():
            return list(_check_slots_not_set(assertion.slots, assertion.line, turn))
        case ActionExecutedAssertion():
            return list(_check_action(assertion, turn))
        case BotUtteredAssertion():
            return list(_check_uttered(assertion, turn))
        case BotDidNotUtterAssertion():
            return list(_check_not_uttered(assertion, turn))
        case JudgedAssertion():
            return []
        case _:
            assert_never(assertion)


def _check_flows_started(assertion: FlowStartedAssertion, turn: TurnRecord) -> Iterator[Failure]:
    started = [
        flow_id for flow_id in turn.flows_started if flow_id not in _UNTOLD or flow_id in assertion.flow_ids
    ]
    yield from _check_choice(assertion, started, "to start", "started")


def _check_clarification(assertion: ClarificationAssertion, turn: TurnRecord) -> Iterator[Failure]:
    yield from _check_choice(assertion, _list_clarified(turn), "to be offered to choose from", "were offered")


def _check_choice(
    assertion: FlowStartedAssertion | ClarificationAssertion, found: Sequence[str], wish: str, verb: str
) -> Iterator[Failure]:
    wanted = assertion.flow_ids
    fits = (any if assertion.operator == "any" else all)(flow_id in found for flow_id in wanted)
    if not fits:
        joined = f" {'or' if assertion.operator == 'any' else 'and'} ".join(wanted)
        happened = f"{', '.join(found)} {verb}" if found else f"none {verb}"
        yield Failure(line=assertion.line, expected=f"the flow {joined} {wish}", happened=happened)


def _list_clarified(turn: TurnRecord) -> list[str]:
    """Ids of the flows that clarifications of this turn offered, by id or by name."""
    offered: dict[str, None] = {}
    for event in turn.events:
        for frame in event.stack if isinstance(event, ev.StackChanged) else ():
            if isinstance(frame, PatternFrame) and frame.flow_id == _CLARIFICATION:
                offered.update(dict.fromkeys(map(str, frame.context.get("names") or ())))
    names = set(offered)
    return [
        flow.id
        for flow in turn.flows.user_flows.values()
        if not names.isdisjoint((flow.id, flow.name, *flow.translations.values()))
    ]


def _check_flow_end(
    assertion: FlowCompletedAssertion | FlowCancelledAssertion,
    ended: Sequence[ev.FlowCompleted | ev.FlowCancelled],
    verb: str,
) -> Iterator[Failure]:
    fitting = [event for event in ended if event.flow_id == assertion.flow_id]
    if any(assertion.step_id in (None, event.step_id) for event in fitting):
        return
    at_step = f" at the step {assertion.step_id}" if assertion.step_id else ""
    told = [f"{event.flow_id} was {verb} at {event.step_id}" for event in ended]
    yield Failure(
        line=assertion.line,
        expected=f"the flow {assertion.flow_id} to be {verb}{at_step}",
        happened=", ".join(told) or f"no flow was {verb}",
    )


def _check_action(assertion: ActionExecutedAssertion, turn: TurnRecord) -> Iterator[Failure]:
    names = [event.name for event in turn.events if isinstance(event, ev.ActionExecuted)]
    if assertion.action in names:
        return
    told = [name for name in dict.fromkeys(names) if name not in _UNTOLD]
    happened = f"executed were {', '.join(told)}" if told else "no action was executed"
    failed = f"; the turn failed: {turn.failure}" if turn.failure else ""
    yield Failure(
        line=assertion.line,
        expected=f"the action {assertion.action} to be executed",
        happened=happened + failed,
    )


def _check_uttered(assertion: BotUtteredAssertion, turn: TurnRecord) -> Iterator[Failure]:
    if not any(_fits(reply, assertion) for reply in turn.replies):
        expected = f"a reply {_describe_wish(assertion)}"
        yield Failure(
            line=assertion.line,
            expected=expected,
            happened=tell_replies(turn) + _tell_buttons(assertion, turn),
        )


def _check_not_uttered(assertion: BotDidNotUtterAssertion, turn: TurnRecord) -> Iterator[Failure]:
    if any(_fits(reply, assertion) for reply in turn.replies):
        expected = f"no reply {_describe_wish(assertion)}"
        yield Failure(line=assertion.line, expected=expected, happened=tell_replies(turn))


def _fits(reply: BotMessage, assertion: BotUtteredAssertion | BotDidNotUtterAssertion) -> bool:
    """Whether one reply has all that is named."""
    if assertion.utter_name is not None and reply.response != assertion.utter_name:
        return False
    if assertion.text_matches is not None and not matches_text(assertion.text_matches, reply.text or ""):
        return False
    offered = [(button.title, button.payload) for button in reply.buttons]
    return all(
        any(button.title == title and button.payload in (None, payload) for title, payload in offered)
        for button in assertion.buttons
    )


def matches_text(pattern: str, text: str) -> bool:
    """Whether the text holds the pattern, read as plain text or as a regular expression."""
    if pattern.strip() in text:
        return True
    try:
        return re.search(pattern, text) is not None
    except re.error:
        return False


def _describe_wish(assertion: BotUtteredAssertion | BotDidNotUtterAssertion) -> str:
    parts: list[str] = []
    if assertion.utter_name is not None:
        parts.append(f"made of {assertion.utter_name}")
    if assertion.text_matches is not None:
        parts.append(f"whose text matches {format_value(assertion.text_matches)}")
    if assertion.buttons:
        named = [f"{b.title} ({b.payload})" if b.payload else b.title for b in assertion.buttons]
        parts.append(f"with the buttons {', '.join(named)}")
    return " and ".join(parts)


def _tell_buttons(assertion: BotUtteredAssertion, turn: TurnRecord) -> str:
    if not assertion.buttons:
        return ""
    offered = [f"{button.title} ({button.payload})" for reply in turn.replies for button in reply.buttons]
    return f"; its buttons were {', '.join(offered)}" if offered else "; there were no buttons"
