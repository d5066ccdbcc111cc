"""What a world must come to: what clients were told, what is stored and what was done outside agree."""

from collections.abc import Iterable, Sequence

from duologue.core.events import (
    ACTION_SESSION_START,
    ConversationInactive,
    ConversationResumed,
    Event,
    ReminderScheduled,
    SessionStarted,
    SlotWasSet,
    TurnFailed,
    UserSpoke,
)
from duologue.core.ids import ConversationId
from duologue.core.state import State
from duologue.core.tracker import fold
from duologue.testing.journal import Journal
from duologue.testing.simulation.simulated_project import write_note
from duologue.testing.simulation.world import Effects, World


async def find_faults(world: World, journal: Journal) -> list[str]:
    """Everything that is wrong, one line each; an empty list is what one wants."""
    faults = [f"one key, two effects: {key}" for key in world.effects.differing]
    for conversation_id in journal.conversations:
        events = await world.store.load_events(conversation_id)
        stored = await world.store.load(conversation_id)
        faults += journal.find_faults(conversation_id, events)
        if stored is None or stored.snapshot != fold(State(conversation_id=conversation_id), events):
            faults.append(f"{conversation_id}: the snapshot is not what the events come to")
        faults += [f"{conversation_id}: {fault}" for fault in _find_wrong_sums(events)]
        faults += _find_wrong_effects(conversation_id, events, world.effects)
        faults += [f"{conversation_id}: {fault}" for fault in _find_wrong_reminders(events)]
    return faults


def _find_wrong_sums(events: Iterable[Event]) -> Iterable[str]:
    """Each turn notes its own number after those that were noted before it."""
    noted: list[object] = []
    text = ""
    for event in events:
        match event:
            case UserSpoke(reminder=None):
                text = event.text
            case SlotWasSet(name="noted", filled_by=origin, value=value):
                if origin != ACTION_SESSION_START:
                    noted.append(value[-1] if value else None)
                    if write_note(int(value[-1])) != text:
                        yield f"{value[-1]} was noted for {text}"
                if value != noted:
                    yield f"{value} was noted, not {noted}"
                    noted = list(value)
            case _:
                pass


def _find_wrong_reminders(events: Iterable[Event]) -> Iterable[str]:
    """Each reminder comes due once, and a session ends once."""
    waiting: set[str] = set()
    is_over = False
    for event in events:
        match event:
            case ReminderScheduled(name=name):
                waiting.add(str(name))
            case UserSpoke(reminder=str(name)):
                if name not in waiting:
                    yield f"{name} came due, and was not waited for"
                waiting.discard(name)
            case ConversationInactive():
                if is_over:
                    yield "a session ended twice"
                is_over = True
            case UserSpoke() | SessionStarted() | ConversationResumed():
                is_over = False
            case _:
                pass
    if waiting:
        yield f"never came due: {', '.join(sorted(waiting))}"


def _find_wrong_effects(
    conversation_id: ConversationId, events: Sequence[Event], effects: Effects
) -> Iterable[str]:
    keys = [key.split("/") for key in effects.keys]
    done = [turn for conversation, turn, _ in keys if conversation == conversation_id]
    if len(set(done)) < len(done):
        yield f"{conversation_id}: a message had two effects"
    answered: list[str] = []
    for event in events:
        if isinstance(event, UserSpoke):
            answered.append(event.message_id or "")
        elif isinstance(event, TurnFailed):  # the turn is that of the message before it
            answered.pop()
    missing = {*answered} - {*done, ""}
    if missing:
        yield f"{conversation_id}: answered without an effect: {', '.join(sorted(missing))}"
