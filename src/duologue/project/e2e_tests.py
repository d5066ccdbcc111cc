"""End-to-end tests as values: what the user says, and what must have happened then."""

from enum import StrEnum
from typing import ClassVar, Literal, TypeAlias

import msgspec

from duologue.core.values import OpenData, SlotValue

AnyOrAll: TypeAlias = Literal["any", "all"]
Question: TypeAlias = Literal["relevant", "grounded"]
"""What a judge is asked about a generated reply."""


class CaseKind(StrEnum):
    """What a test case is about; a summary counts by it."""

    START = "start"
    SLOT = "slot"
    CORRECTION = "correction"
    CANCELLATION = "cancellation"
    DIGRESSION = "digression"
    CLARIFICATION = "clarification"
    SMALL_TALK = "small talk"
    KNOWLEDGE = "knowledge"
    OTHER = "other"


class JudgeModel(msgspec.Struct, frozen=True, kw_only=True):
    """The language model that `llm_judge` names."""

    place: str
    """`file:line`, for a message."""
    model_group: str | None = None
    """A group of the endpoints; else the options say which model."""
    options: OpenData = {}
    """`provider`, `model` and whatever else a model of a group may have."""


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
    """A judge says how well a generated reply does; below the threshold it fails."""

    question: Question
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
    is_ordered: bool = False
    """What the assertions name must have happened in their order."""


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
    kind: CaseKind | None = None
    """What the author says it is about; None leaves it to what the steps name."""
    judge: JudgeModel | None = None
    """None: replies are judged without a language model."""
    steps: tuple[ConversationStep, ...] = ()
