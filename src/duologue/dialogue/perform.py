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
    ActionRejected,
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
from duologue.dialogue.loops.loop import is_loop, run_loop
from duologue.dialogue.retrieval_actions import find_retrieval_response, is_retrieval_action
from duologue.dialogue.session import new_session_id, start_session
from duologue.dialogue.slot_extraction import extract_slots
from duologue.dialogue.streamed_replies import StreamedReplies
from duologue.dialogue.turn import BY_FLOWS, Choice, Turn
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

    async def perform(self, name: str, turn: Turn, choice: Choice = BY_FLOWS) -> None:
        """Perform an action by name: the project's own first, then a response, a form, a default action.

        Raises:
            ActionRejectedError: the action, or form, does not want to run now.
            ActionError: the project's action failed.
            FlowError: there is no such action.
        """
        if name == ACTION_SESSION_START and _has_just_begun(turn):
            self._pass_over(name, turn)
            return
        running = turn.state.stack[-1:]
        await self._perform_by_name(name, turn, choice)
        if running and not turn.state.stack and running[0].flow_id in _BEGINNINGS:
            # The beginning took everything off the stack; what its pattern still has to say belongs to it.
            turn.record(StackChanged(stack=running))

    async def _perform_by_name(self, name: str, turn: Turn, choice: Choice) -> None:
        if name in self._domain.custom_actions:
            await self._run_custom(name, turn, choice)
        elif self._is_flow_trigger(name):
            await self._trigger_flow(name, turn)
        else:
            events = await self._compute_own(name, turn, turn.state)
            # The session's start says its `action` event itself, before `session_started`.
            if name != ACTION_SESSION_START and not _is_rejected(events):
                turn.record(_executed(name, choice))
            await self._record_all(events, turn)

    async def say(self, text: str, turn: Turn, choice: Choice) -> None:
        """Say words that were chosen as they are, without the name of an action."""
        turn.record(replace(_executed(text, choice), action_text=text))
        await self._speak(BotMessage(text=text), turn)

    # ---------------------------------------------------------------- inside another action: see `ActionHost`

    @property
    def domain(self) -> Domain:
        return self._domain

    @property
    def responses(self) -> ResponseGenerator:
        return self._responses

    def can_perform(self, name: str) -> bool:
        """See `ActionHost`."""
        return (
            name in self._domain.custom_actions
            or self._responses.has_response(name)
            or name in DEFAULT_ACTION_TABLE
        )

    async def compute(
        self, name: str, turn: Turn, state: State, recorded: Sequence[Event] = ()
    ) -> tuple[Event, ...]:
        """See `ActionHost`."""
        if name not in self._domain.custom_actions:
            return await self._compute_own(name, turn, state)
        result = await self._require_actions(name).run(self._make_call(name, turn, state, recorded))
        said = [await self._make_message(response, state) for response in result.responses]
        return (
            *(BotSpoke(message=message) for message in said if not is_empty(message)),
            *(self._fit(event) for event in result.events if not isinstance(event, StackChanged)),
        )

    async def _compute_own(self, name: str, turn: Turn, state: State) -> tuple[Event, ...]:
        """What a response, a form or a default action does."""
        if is_retrieval_action(name, self._domain):
            found = find_retrieval_response(name, self._domain, state)
            return await self._compute_response(found, state) if found else ()
        if self._responses.has_response(name):
            return await self._compute_response(name, state)
        if name == "action_extract_slots":
            return await extract_slots(turn, self, state=state)
        if is_loop(name, self._domain):
            return await run_loop(name, turn, self)
        if name in DEFAULT_ACTION_TABLE:
            scene = ActionScene(
                state=state,
                flows=self._flows,
                domain=self._domain,
                responses=self._responses,
                knowledge=self._knowledge,
            )
            return await DEFAULT_ACTION_TABLE[name](scene)
        if name.startswith("utter_") and not self._flows.user_flows:
            _log.warning(
                "response.missing", extra={"response": name}
            )  # as Rasa does: the conversation goes on
            return ()
        raise FlowError(f"there is no action or response {name!r}")

    async def _compute_response(self, name: str, state: State) -> tuple[Event, ...]:
        message = await self._responses.generate(name, state, {})
        if message is None:
            _log.error("response.nothing_fits", extra={"response": name, "channel": state.channel})
            message = await self._responses.generate("utter_internal_error_rasa", state, {})
        return (BotSpoke(message=_with_choices(message, state)),) if message is not None else ()

    async def _speak(self, message: BotMessage, turn: Turn, origin: OpenData | None = None) -> None:
        """`origin` tells what made the words, where no response did."""
        if is_empty(message):
            return
        metadata: OpenData = {"utter_action": message.response} if message.response else origin or {}
        turn.record(BotSpoke(message=message, metadata=metadata))
        spoken = turn.tracker.new_events[-1]
        assert isinstance(spoken, BotSpoke), "it was recorded a line above"
        await turn.show(spoken)

    def _pass_over(self, name: str, turn: Turn) -> None:
        """The session of this turn has begun already; an action that was asked for is marked as done all the same."""
        if turn.state.followup_action == name:
            turn.record(ActionExecuted(name=name))

    def _is_flow_trigger(self, name: str) -> bool:
        return (
            not self._responses.has_response(name)
            and name not in DEFAULT_ACTION_TABLE
            and name.startswith(_TRIGGER_PREFIX)
            and name.removeprefix(_TRIGGER_PREFIX) in self._flows.user_flows
        )

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

    def _require_actions(self, name: str) -> ActionRunner:
        if self._actions is None:
            raise FlowError(
                f"the action {name!r} cannot run: endpoints.yml names no action_endpoint and"
                " there is no package `actions`"
            )
        return self._actions

    async def _run_custom(self, name: str, turn: Turn, choice: Choice) -> None:
        actions = self._require_actions(name)
        streamed = StreamedReplies(turn)
        try:
            result = await actions.run(replace(self._make_call(name, turn, turn.state), replies=streamed))
        except Exception:
            streamed.record()
            raise
        if name == ACTION_SESSION_START and not _has_session(result.events):
            turn.record(*start_session(turn.state, self._domain))
        elif not _is_rejected(result.events):
            turn.record(_executed(name, choice))
        await streamed.end()
        streamed.record()
        await self._take_over(result, turn)

    def _make_call(self, name: str, turn: Turn, state: State, recorded: Sequence[Event] = ()) -> ActionCall:
        async def load_events() -> Sequence[Event]:
            tracker = turn.tracker
            stored = await self._load_events(turn.message.conversation_id, tracker.base_length)
            return (*stored, *tracker.new_events, *recorded)

        return ActionCall(
            action_name=name,
            state=state,
            domain=self._domain,
            idempotency_key=turn.next_idempotency_key(),
            load_events=load_events,
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
        if slot.type is SlotType.FLOAT and type(event.value) is int:
            return event  # a number as well, which a response says as the action wrote it: 3, not 3.0
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


def _executed(name: str, choice: Choice) -> ActionExecuted:
    return ActionExecuted(
        name=name,
        policy=choice.policy,
        confidence=choice.confidence,
        hide_rule_turn=choice.hide_rule_turn,
    )


def _is_rejected(events: Sequence[Event]) -> bool:
    """Whether the project refused what was performed; what else it gave back still counts."""
    return any(isinstance(event, ActionRejected) for event in events)


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
