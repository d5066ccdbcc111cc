"""Performing what was chosen: a response, an action of the project, or one that the platform brings along."""

import logging
import uuid
from collections.abc import Awaitable, Callable, Sequence

from msgspec.structs import replace

from duologue.core.commands import StartFlow
from duologue.core.domain import Domain
from duologue.core.errors import FlowError
from duologue.core.events import (
    ACTION_SESSION_START,
    ActionExecuted,
    BotSpoke,
    Event,
    ReminderScheduled,
    SessionStarted,
    SlotWasSet,
    StackChanged,
)
from duologue.core.ids import ConversationId
from duologue.core.messages import BotMessage, Button
from duologue.core.reminders import parse_due_time
from duologue.core.slots import DoesNotFitError, SlotType, fit_value
from duologue.core.state import State
from duologue.core.values import OpenData
from duologue.dialogue.action_message import is_empty, parse_action_message
from duologue.dialogue.default_actions import DEFAULT_ACTION_TABLE, ActionScene
from duologue.dialogue.interpret import interpret
from duologue.dialogue.session import new_session_id, start_session
from duologue.dialogue.streamed_replies import StreamedReplies
from duologue.dialogue.turn import Turn
from duologue.flows.flow import Flows
from duologue.flows.refusals import find_refusals
from duologue.ports.action_runner import ActionCall, ActionResult, ActionRunner
from duologue.ports.knowledge_source import KnowledgeSource
from duologue.ports.response_generator import ResponseGenerator

LoadEvents = Callable[[ConversationId, int], Awaitable[Sequence[Event]]]
"""Stored events of a conversation before the given sequence number, as many as actions are to see."""

_MESSAGE_KEYS = frozenset(
    {"text", "buttons", "elements", "custom", "template", "response", "image", "attachment", "quick_replies"}
)
_TRIGGER_PREFIX = "flow_"
_BEGINNINGS = frozenset({"pattern_restart", "pattern_session_start"})

_log = logging.getLogger(__name__)


class Performer:
    """Performs actions; what they did comes back as events, already recorded and shown."""

    def __init__(
        self,
        *,
        flows: Flows,
        domain: Domain,
        responses: ResponseGenerator,
        actions: ActionRunner | None,
        load_events: LoadEvents,
        knowledge: KnowledgeSource | None = None,
    ) -> None:
        """`knowledge` answers questions, where the project has something to answer them from."""
        self._flows = flows
        self._domain = domain
        self._responses = responses
        self._actions = actions
        self._load_events = load_events
        self._knowledge = knowledge

    async def perform(self, name: str, turn: Turn) -> None:
        """Perform an action by name: the project's own first, then a response, then a default action.

        Raises:
            ActionError: the project's action failed.
            FlowError: there is no such action.
        """
        if name == ACTION_SESSION_START and _has_just_begun(turn):
            self._pass_over(name, turn)
            return
        running = turn.state.stack[-1:]
        await self._perform_by_name(name, turn)
        if running and not turn.state.stack and running[0].flow_id in _BEGINNINGS:
            # The beginning took everything off the stack; what its pattern still has to say belongs to it.
            turn.record(StackChanged(stack=running))

    async def _perform_by_name(self, name: str, turn: Turn) -> None:
        if name in self._domain.custom_actions:
            await self._run_custom(name, turn)
        elif self._responses.has_response(name):
            await self._say_response(name, turn)
        elif name in DEFAULT_ACTION_TABLE:
            await self._run_default(name, turn)
        elif (
            name.startswith(_TRIGGER_PREFIX) and name.removeprefix(_TRIGGER_PREFIX) in self._flows.user_flows
        ):
            await self._trigger_flow(name, turn)
        else:
            raise FlowError(f"there is no action or response {name!r}")

    async def _say_response(self, name: str, turn: Turn) -> None:
        message = await self._responses.generate(name, turn.state, {})
        turn.record(ActionExecuted(name=name, policy="FlowPolicy", confidence=1.0))
        if message is None:
            _log.error("response.nothing_fits", extra={"response": name, "channel": turn.state.channel})
            message = await self._responses.generate("utter_internal_error_rasa", turn.state, {})
        if message is not None:
            await self._speak(_with_choices(message, turn.state), turn)

    async def _speak(self, message: BotMessage, turn: Turn, origin: OpenData | None = None) -> None:
        """`origin` tells what made the words, where no response did."""
        if is_empty(message):
            return
        metadata: OpenData = {"utter_action": message.response} if message.response else origin or {}
        turn.record(BotSpoke(message=message, metadata=metadata))
        spoken = turn.tracker.new_events[-1]
        assert isinstance(spoken, BotSpoke), "it was recorded a line above"
        await turn.show(spoken)

    async def _run_default(self, name: str, turn: Turn) -> None:
        scene = ActionScene(
            state=turn.state,
            flows=self._flows,
            domain=self._domain,
            responses=self._responses,
            knowledge=self._knowledge,
        )
        events = await DEFAULT_ACTION_TABLE[name](scene)
        if name != ACTION_SESSION_START:  # that one says its `action` event itself, before `session_started`
            turn.record(ActionExecuted(name=name, policy="FlowPolicy", confidence=1.0))
        await self._record_all(events, turn)

    def _pass_over(self, name: str, turn: Turn) -> None:
        """The session of this turn has begun already; an action that was asked for is marked as done all the same."""
        if turn.state.followup_action == name:
            turn.record(ActionExecuted(name=name))

    async def _trigger_flow(self, name: str, turn: Turn) -> None:
        turn.record(ActionExecuted(name=name, confidence=1.0))
        start = StartFlow(flow=name.removeprefix(_TRIGGER_PREFIX), is_explicit=True)
        turn.record(*interpret((start,), turn.state, self._flows, self._domain))

    async def _record_all(self, events: Sequence[Event], turn: Turn) -> None:
        for event in events:
            if isinstance(event, BotSpoke):
                await self._speak(event.message, turn, event.metadata)
            else:
                turn.record(event)

    async def _run_custom(self, name: str, turn: Turn) -> None:
        if self._actions is None:
            raise FlowError(
                f"the action {name!r} cannot run: endpoints.yml names no action_endpoint and"
                " there is no package `actions`"
            )
        streamed = StreamedReplies(turn)
        try:
            result = await self._actions.run(self._make_call(name, turn, streamed))
        except Exception:
            streamed.record()
            raise
        if name == ACTION_SESSION_START and not _has_session(result.events):
            turn.record(*start_session(turn.state, self._domain))
        else:
            turn.record(ActionExecuted(name=name, policy="FlowPolicy", confidence=1.0))
        await streamed.end()
        streamed.record()
        await self._take_over(result, turn)

    def _make_call(self, name: str, turn: Turn, replies: StreamedReplies) -> ActionCall:
        async def load_events() -> Sequence[Event]:
            tracker = turn.tracker
            stored = await self._load_events(turn.message.conversation_id, tracker.base_length)
            return (*stored, *tracker.new_events)

        return ActionCall(
            action_name=name,
            state=turn.state,
            domain=self._domain,
            idempotency_key=turn.next_idempotency_key(),
            load_events=load_events,
            replies=replies,
        )

    async def _take_over(self, result: ActionResult, turn: Turn) -> None:
        for response in result.responses:
            await self._speak(await self._make_message(response, turn.state), turn)
        events = [self._fit(event) for event in result.events if not isinstance(event, StackChanged)]
        await self._record_all(events, turn)
        self._check_slots(events, turn)

    def _fit(self, event: Event) -> Event:
        """An event of an action: a slot's value in the slot's own type, where it has a reading there."""
        if isinstance(event, SessionStarted) and not event.session_id:
            return replace(event, session_id=new_session_id())
        if isinstance(event, ReminderScheduled):
            return _fit_reminder(event)
        if not isinstance(event, SlotWasSet):
            return event
        slot = self._domain.slots.get(event.name)
        if slot is None:
            _log.warning("action.unknown_slot", extra={"slot": event.name})
            return event
        if slot.type not in (SlotType.BOOL, SlotType.FLOAT, SlotType.CATEGORICAL):
            return event
        try:
            return replace(event, value=fit_value(slot, event.value))
        except DoesNotFitError:
            _log.warning("action.slot_does_not_fit", extra={"slot": event.name, "slot_type": str(slot.type)})
            return event

    def _check_slots(self, events: Sequence[Event], turn: Turn) -> None:
        slots = self._domain.get_slot_values(turn.state.slots)
        frames = find_refusals(events, slots, turn.state.stack, self._flows, self._domain)
        if frames:
            turn.record(StackChanged(stack=(*turn.state.stack, *frames)))

    async def _make_message(self, response: OpenData, state: State) -> BotMessage:
        """A message of the action protocol: its own parts win over those of the response that it names."""
        own = parse_action_message(response)
        name = response.get("response") or response.get("template")
        if not name:
            return own
        variables = {key: value for key, value in response.items() if key not in _MESSAGE_KEYS}
        made = await self._responses.generate(str(name), state, variables)
        if made is None:
            # What the action did is done; a name that is misspelt must not take it back.
            _log.warning("action.unknown_response", extra={"response": name})
            return own
        return replace(
            made,
            text=own.text or made.text,
            buttons=(*made.buttons, *own.buttons),
            image=own.image or made.image,
            attachment=own.attachment or made.attachment,
            elements=own.elements or made.elements,
            custom={**made.custom, **own.custom},
        )


def _fit_reminder(event: ReminderScheduled) -> ReminderScheduled:
    """A reminder by which others can name it; what they hear when it comes due is the name."""
    if parse_due_time(event.date_time) is None:
        _log.warning("action.reminder_without_time", extra={"date_time": event.date_time})
    return event if event.name else replace(event, name=uuid.uuid4().hex)


def _has_just_begun(turn: Turn) -> bool:
    return any(isinstance(event, SessionStarted) for event in turn.tracker.new_events)


def _has_session(events: Sequence[Event]) -> bool:
    return any(isinstance(event, SessionStarted) for event in events)


def _with_choices(message: BotMessage, state: State) -> BotMessage:
    """A clarification that the author gave no buttons gets one for each flow it offers."""
    if message.response != "utter_clarification_options_rasa" or message.buttons or not state.stack:
        return message
    context = getattr(state.stack[-1], "context", {})
    names: list[str] = list(context.get("names") or ())
    return replace(message, buttons=tuple(Button(title=name, payload=name) for name in names))
