"""End-to-end tests as values: what the user says, and what must have happened then."""

from typing import ClassVar, Literal, TypeAlias

import msgspec

from duologue.core.values import OpenData, SlotValue

AnyOrAll: TypeAlias = Literal["any", "all"]


class SlotExpectation(msgspec.Struct, frozen=True, kw_only=True):
    """A slot that was set, or was not; without a value any value counts."""

    name: str
    value: SlotValue = None
    is_any_value: bool = False


class ExpectedButton(msgspec.Struct, frozen=True, kw_only=True):
    """A button that must be among those offered."""

    title: str
    payload: str | None = None


class _Assertion(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    line: int = 0


class FlowStartedAssertion(_Assertion, tag="flow_started", frozen=True, kw_only=True):
    """One of the flows, or all of them, started."""

    flow_ids: tuple[str, ...]
    operator: AnyOrAll = "all"


class FlowCompletedAssertion(_Assertion, tag="flow_completed", frozen=True, kw_only=True):
    """The flow ended, at this step if one is named."""

    flow_id: str
    step_id: str | None = None


class FlowCancelledAssertion(_Assertion, tag="flow_cancelled", frozen=True, kw_only=True):
    """The flow was cancelled, at this step if one is named."""

    flow_id: str
    step_id: str | None = None


class ClarificationAssertion(_Assertion, tag="pattern_clarification_contains", frozen=True, kw_only=True):
    """The user was asked to choose between flows, these among them."""

    flow_ids: tuple[str, ...]
    operator: AnyOrAll = "all"


class SlotsSetAssertion(_Assertion, tag="slot_was_set", frozen=True, kw_only=True):
    slots: tuple[SlotExpectation, ...]


class SlotsNotSetAssertion(_Assertion, tag="slot_was_not_set", frozen=True, kw_only=True):
    slots: tuple[SlotExpectation, ...]


class ActionExecutedAssertion(_Assertion, tag="action_executed", frozen=True, kw_only=True):
    action: str


class BotUtteredAssertion(_Assertion, tag="bot_uttered", frozen=True, kw_only=True):
    """One message fits all that is given."""

    utter_name: str | None = None
    text_matches: str | None = None
    """A text or a regular expression found in the message."""
    buttons: tuple[ExpectedButton, ...] = ()


class BotDidNotUtterAssertion(_Assertion, tag="bot_did_not_utter", frozen=True, kw_only=True):
    """No message fits all that is given."""

    utter_name: str | None = None
    text_matches: str | None = None
    buttons: tuple[ExpectedButton, ...] = ()


class JudgedAssertion(_Assertion, tag="judged", frozen=True, kw_only=True):
    """A language model judges the generated reply; needs one."""

    question: Literal["relevant", "grounded"]
    threshold: float = 0.5
    ground_truth: str | None = None
    utter_name: str | None = None
    utter_source: str | None = None


Assertion: TypeAlias = (
    FlowStartedAssertion
    | FlowCompletedAssertion
    | FlowCancelledAssertion
    | ClarificationAssertion
    | SlotsSetAssertion
    | SlotsNotSetAssertion
    | ActionExecutedAssertion
    | BotUtteredAssertion
    | BotDidNotUtterAssertion
    | JudgedAssertion
)


class _Step(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    line: int = 0


class UserSays(_Step, tag="user", frozen=True, kw_only=True):
    """The user sends a message."""

    text: str
    metadata: OpenData = {}
    assertions: tuple[Assertion, ...] | None = None
    """None if the step has none: the bot, utter and slot steps after it count instead."""


class BotSays(_Step, tag="bot", frozen=True, kw_only=True):
    """The assistant sends exactly this text."""

    text: str


class BotUtters(_Step, tag="utter", frozen=True, kw_only=True):
    """The assistant sends this response."""

    response: str


class SlotsAreSet(_Step, tag="slot_was_set", frozen=True, kw_only=True):
    slots: tuple[SlotExpectation, ...]


class SlotsAreNotSet(_Step, tag="slot_was_not_set", frozen=True, kw_only=True):
    slots: tuple[SlotExpectation, ...]


ConversationStep: TypeAlias = UserSays | BotSays | BotUtters | SlotsAreSet | SlotsAreNotSet


class StubbedAction(msgspec.Struct, frozen=True, kw_only=True):
    """What a custom action answers in a test instead of being run."""

    events: tuple[OpenData, ...] = ()
    responses: tuple[OpenData, ...] = ()


class TestCase(msgspec.Struct, frozen=True, kw_only=True):
    """One conversation; what it takes from fixtures, metadata and stubs is already in it."""

    __test__: ClassVar[bool] = False
    """Its name must not make pytest collect it."""

    name: str
    file: str
    line: int = 0
    fixtures: tuple[str, ...] = ()
    slots: dict[str, SlotValue] = {}
    """Slots of the fixtures, set after the session has started."""
    metadata: OpenData = {}
    """Goes with every message of the user; that of a step wins."""
    stubs: dict[str, StubbedAction] = {}
    steps: tuple[ConversationStep, ...] = ()
