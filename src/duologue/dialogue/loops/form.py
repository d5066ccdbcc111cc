"""A form: it asks for its slots one by one, validates what it hears, and ends when nothing is missing."""

import logging
from collections.abc import Sequence

from duologue.core.domain import Form
from duologue.core.errors import ActionRejectedError
from duologue.core.events import (
    ACTION_LISTEN,
    ActionExecuted,
    ActionRejected,
    Event,
    LoopActivated,
    SlotWasSet,
    UserSpoke,
)
from duologue.core.state import State
from duologue.core.tracker import fold
from duologue.core.values import SlotValue
from duologue.dialogue.loops.action_host import ActionHost
from duologue.dialogue.slot_extraction import REQUESTED_SLOT, extract_slots
from duologue.dialogue.turn import Turn

_log = logging.getLogger(__name__)


class FormRun:
    """One round of a form."""

    def __init__(self, form: Form, turn: Turn, host: ActionHost) -> None:
        self._form = form
        self._turn = turn
        self._host = host
        self._state = turn.state
        self._validation = f"validate_{form.name}"

    async def run(self) -> tuple[Event, ...]:
        """What the round gives, in order.

        Raises:
            ActionRejectedError: a slot was asked for, and the message fills none.
        """
        try:
            events = () if self._is_running(self._state) else await self._activate()
            if not _is_done(events):
                events = (*events, *await self._go_on(events))
        except ActionRejectedError as error:  # the validation may decline too, and then the form does
            raise ActionRejectedError(str(error), action_name=self._form.name) from error
        return (*events, LoopActivated(name=None)) if _is_done(events) else events

    def _is_running(self, state: State) -> bool:
        return state.active_loop == self._form.name

    async def _activate(self) -> tuple[Event, ...]:
        """Begin: read the message once more, now that mappings of this form apply, and validate what is known."""
        opened = (LoopActivated(name=self._form.name),)
        state = fold(self._state, opened)
        extracted = await extract_slots(self._turn, self._host, state=state, recorded=opened)
        found = tuple(event for event in extracted if isinstance(event, SlotWasSet))
        if not self._has_validation():
            return (*opened, *found)
        state = fold(state, extracted)
        known = {
            name: value
            for name in self._form.required_slots
            if (value := self._get_slot(state, name)) is not None
        }
        validated = await self._validate(known, state, (*opened, *extracted))
        named = {event.name for event in validated if isinstance(event, SlotWasSet)}
        return (*opened, *validated, *(event for event in found if event.name not in named))

    async def _go_on(self, events: Sequence[Event]) -> tuple[Event, ...]:
        heard: tuple[Event, ...] = ()
        if all(isinstance(event, LoopActivated) for event in events):
            heard = await self._hear()
        if _is_refused(heard):
            return heard
        return (*heard, *await self._request_next((*events, *heard)))

    async def _hear(self) -> tuple[Event, ...]:
        """Validate what the message filled, unless the form comes back from something else."""
        state = self._state
        is_answer = state.last_action == ACTION_LISTEN and not state.is_loop_interrupted
        if state.active_loop and not is_answer:
            # Asked all the same: the validation says which slots are required.
            return await self._validate({}, state)
        filled = self._list_filled()
        validated = await self._validate(filled, state)
        has_validated = any(
            isinstance(event, SlotWasSet) and event.name != REQUESTED_SLOT for event in validated
        )
        requested = self._get_requested(state)
        if requested and not filled and not has_validated and not _is_refused(validated):
            message = f"the message has nothing for the slot {requested!r}, which the form asked for"
            raise ActionRejectedError(message, action_name=self._form.name)
        return validated

    def _list_filled(self) -> dict[str, SlotValue]:
        """Slots of the form that were set since the user spoke."""
        wanted = {*self._form.required_slots, self._get_requested(self._state)}
        filled: dict[str, SlotValue] = {}
        for event in self._turn.tracker.new_events:
            if isinstance(event, UserSpoke):
                filled.clear()
            elif isinstance(event, SlotWasSet) and event.name in wanted:
                filled[event.name] = event.value
        return filled

    def _has_validation(self) -> bool:
        return self._validation in self._host.domain.custom_actions

    async def _validate(
        self, values: dict[str, SlotValue], state: State, recorded: Sequence[Event] = ()
    ) -> tuple[Event, ...]:
        if not self._has_validation():
            return ()
        candidates = [SlotWasSet(name=name, value=value) for name, value in values.items()]
        path = self._mark_round(state, candidates)
        return await self._host.compute(self._validation, self._turn, fold(state, path), (*recorded, *path))

    def _mark_round(self, state: State, events: Sequence[Event]) -> tuple[Event, ...]:
        """The events behind the form's own: the SDK takes the slots set since the last action for candidates."""
        requested = SlotWasSet(name=REQUESTED_SLOT, value=self._get_requested(state))
        return (requested, ActionExecuted(name=self._form.name), *events)

    async def _request_next(self, events: Sequence[Event]) -> tuple[Event, ...]:
        if _is_done(events):  # the validation decided to end the form
            return (SlotWasSet(name=REQUESTED_SLOT, value=None),)
        path = self._mark_round(self._state, events)
        state = fold(self._state, path)
        named = next(iter(_list_requests(events)), None)
        if named:
            return await self._ask(str(named), state, path)
        missing = next(
            (name for name in self._form.required_slots if self._get_slot(state, name) is None), None
        )
        requested = SlotWasSet(name=REQUESTED_SLOT, value=missing)
        return (requested, *await self._ask(missing, state, path)) if missing else (requested,)

    async def _ask(self, slot: str, state: State, path: Sequence[Event]) -> tuple[Event, ...]:
        form = self._form.name
        names = (
            f"action_ask_{form}_{slot}",
            f"utter_ask_{form}_{slot}",
            f"action_ask_{slot}",
            f"utter_ask_{slot}",
        )
        question = next((name for name in names if self._host.can_perform(name)), None)
        if question is None:  # the project may have asked in its validation
            _log.debug("form.no_question", extra={"form": form, "slot": slot})
            return ()
        return await self._host.compute(question, self._turn, state, path)

    def _get_requested(self, state: State) -> str | None:
        """The slot that this form asked for; another form's question is none of its own."""
        return self._get_slot(state, REQUESTED_SLOT) if self._is_running(state) else None

    def _get_slot(self, state: State, name: str) -> SlotValue:
        return self._host.domain.get_slot_value(state.slots, name)


def _list_requests(events: Sequence[Event]) -> list[SlotValue]:
    return [event.value for event in events if isinstance(event, SlotWasSet) and event.name == REQUESTED_SLOT]


def _is_refused(events: Sequence[Event]) -> bool:
    return any(isinstance(event, ActionRejected) for event in events)


def _is_done(events: Sequence[Event]) -> bool:
    """Whether the form ends: the last word on what is requested, or on the loop itself, is none."""
    if _is_refused(events):
        return False
    requests = _list_requests(events)
    loops = [event.name for event in events if isinstance(event, LoopActivated)]
    return (bool(requests) and requests[-1] is None) or (bool(loops) and loops[-1] is None)
