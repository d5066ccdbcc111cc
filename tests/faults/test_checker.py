"""The checker of the fault rig is not blind: whatever is planted in a store is found and counted."""

from collections.abc import Callable, Sequence

import pytest
from msgspec.structs import replace

from duologue.adapters.tracker_store.memory import InMemoryTrackerStore
from duologue.core.events import BotSpoke, Event, SlotWasSet, TurnFailed, UserSpoke
from duologue.core.ids import ConversationId
from duologue.core.messages import BotMessage
from duologue.core.state import State
from duologue.core.tracker import fold
from duologue.testing.journal import Journal
from torture.checker import Verdict, check
from torture.ledger import Effect
from torture.options import RigOptions
from torture.report import make_report
from torture.served_project import Noted, make_text
from torture.tally import Tally

ANNA = ConversationId("anna")
LENGTH = 6


class Run:
    """What a run without any fault leaves: messages 1 to 6 of Anna, of which the fifth's action failed."""

    def __init__(self) -> None:
        self.journal = Journal()
        self.effects: list[Effect] = []
        self.turns: list[list[Event]] = []
        noted = Noted()
        for number in range(1, LENGTH + 1):
            if number != 5:
                noted = noted.add(number)
            self._add_turn(number, noted)

    def _add_turn(self, number: int, noted: Noted) -> None:
        message_id, has_failed = str(number), number == 5
        reply = "Something went wrong." if has_failed else noted.format_reply(number)
        self.journal.note_sent(ANNA, message_id, make_text(number))
        self.journal.note_acknowledged(ANNA, message_id, [reply])
        slots = [SlotWasSet(name=name, value=getattr(noted, name)) for name in ("count", "total", "chain")]
        outcome = [TurnFailed(error_type="ActionError")] if has_failed else slots
        spoken = UserSpoke(text=make_text(number), message_id=message_id)
        self.turns.append([spoken, *outcome, BotSpoke(message=BotMessage(text=reply))])
        if not has_failed:
            self.effects.append(Effect(key=f"anna/{message_id}/1", conversation_id=ANNA, number=number))

    @property
    def events(self) -> list[Event]:
        return [event for turn in self.turns for event in turn]

    async def check(
        self,
        *,
        shown: Sequence[Event] | None = None,
        snapshot: Callable[[State], State] = lambda state: state,
    ) -> Verdict:
        """Check what a store holds; `shown` is what it says when it is asked for the events."""
        store = _LyingStore(shown)
        state = fold(State(conversation_id=ANNA), self.events)
        # A store refuses a second message with the same id, so that this one is never told of them.
        events = [
            replace(event, message_id=None) if isinstance(event, UserSpoke) else event
            for event in self.events
        ]
        await store.append(ANNA, events, expected=0, snapshot=snapshot(state))
        if shown is None:
            store.shown = self.events
        return await check(store, self.journal, self.effects)


class _LyingStore(InMemoryTrackerStore):
    def __init__(self, shown: Sequence[Event] | None) -> None:
        super().__init__()
        self.shown = shown

    async def load_events(
        self, conversation_id: ConversationId, *, start: int = 0, stop: int | None = None
    ) -> list[Event]:
        return [*(self.shown or ())][start:stop]


@pytest.fixture
def run() -> Run:
    return Run()


def found(verdict: Verdict) -> set[str]:
    return {kind for kind, count in verdict.count().items() if count}


async def test_a_run_without_faults_is_clean(run: Run) -> None:
    verdict = await run.check()
    assert verdict.findings == ()
    assert (verdict.messages, verdict.failed_turns, verdict.conversations) == (LENGTH, 1, 1)


@pytest.mark.parametrize("place", range(LENGTH))
async def test_a_message_that_is_missing_is_lost(run: Run, place: int) -> None:
    del run.turns[place]
    verdict = await run.check()
    assert verdict.count()["lost"] == 1


async def test_a_conversation_that_is_missing_is_lost_as_a_whole(run: Run) -> None:
    verdict = await check(InMemoryTrackerStore(), run.journal, run.effects)
    assert verdict.count()["lost"] == LENGTH


@pytest.mark.parametrize("place", range(LENGTH))
async def test_a_message_that_is_stored_twice_is_doubled(run: Run, place: int) -> None:
    run.turns.insert(place + 1, run.turns[place])
    verdict = await run.check()
    assert verdict.count()["doubled"] == 1


@pytest.mark.parametrize("place", range(LENGTH - 1))
async def test_messages_that_changed_places_are_reordered(run: Run, place: int) -> None:
    run.turns[place], run.turns[place + 1] = run.turns[place + 1], run.turns[place]
    verdict = await run.check()
    assert verdict.count()["reordered"] == 1


async def test_a_message_that_nobody_sent_is_strange(run: Run) -> None:
    run.turns.append([UserSpoke(text=make_text(7), message_id="7")])
    assert "strange" in found(await run.check())


async def test_a_second_answer_that_differs_from_the_first_is_counted(run: Run) -> None:
    run.journal.note_acknowledged(ANNA, "2", ["Something else."])
    assert found(await run.check()) == {"answered in two ways"}


async def test_a_reply_that_is_stored_otherwise_than_it_was_told_is_counted(run: Run) -> None:
    run.turns[4][-1] = BotSpoke(message=BotMessage(text="Something else."))
    assert found(await run.check()) == {"reply differs"}


async def test_a_snapshot_that_is_not_what_the_events_come_to_is_a_wrong_state(run: Run) -> None:
    verdict = await run.check(snapshot=lambda state: replace(state, slots={**state.slots, "more": 1}))
    assert found(verdict) == {"wrong state"}


async def test_a_sum_that_forgets_a_number_is_a_wrong_state(run: Run) -> None:
    """As when a turn was run on a state that was out of date."""
    forgetful = Noted().add(1).add(3)
    run.turns[2][1:4] = [
        SlotWasSet(name=name, value=getattr(forgetful, name)) for name in ("count", "total", "chain")
    ]
    run.turns[3:] = []
    run.journal = Journal()
    for number in (1, 2, 3):
        run.journal.note_sent(ANNA, str(number), make_text(number))
    assert "wrong state" in found(await run.check())


async def test_events_that_are_missing_below_the_length_are_a_gap(run: Run) -> None:
    verdict = await run.check(shown=[*run.events[:3], *run.events[4:]])
    assert "gap" in found(verdict)


@pytest.mark.parametrize(
    ("effect", "kind"),
    [
        (Effect(key="anna/1/1", conversation_id=ANNA, number=9), "effect changed"),
        (Effect(key="anna/1/2", conversation_id=ANNA, number=1), "effect doubled"),
        (Effect(key="anna/9/1", conversation_id=ANNA, number=9), "effect strange"),
    ],
)
async def test_an_effect_that_nobody_asked_for_is_counted(run: Run, effect: Effect, kind: str) -> None:
    run.effects.append(effect)
    assert kind in found(await run.check())


async def test_a_turn_without_its_effect_is_counted(run: Run) -> None:
    del run.effects[0]
    assert found(await run.check()) == {"effect missing"}


@pytest.mark.parametrize(
    ("is_lost", "row"), [(False, "| **lost** | **0** |"), (True, "| **lost** | **1** |")]
)
async def test_a_report_is_good_if_nothing_was_found(run: Run, is_lost: bool, row: str) -> None:
    if is_lost:
        del run.turns[-1]
    verdict = await run.check()
    options = RigOptions(seed=7)
    report = make_report(options, Tally(), run.journal, verdict, seconds=1, problem=None)
    assert report.is_good is not is_lost
    assert row in report.format_markdown()
