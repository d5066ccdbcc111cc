"""When a session begins, and what it takes over."""

from duologue.core.domain import Domain, SessionConfig
from duologue.core.events import (
    ActionExecuted,
    ConversationInactive,
    SessionStarted,
    SlotWasSet,
    UserSpoke,
)
from duologue.core.ids import ConversationId
from duologue.core.state import State
from duologue.core.tracker import fold
from duologue.dialogue.session import expire, is_expired, needs_session, start_session
from tests.flow_writing import slot

BLANK = State(conversation_id=ConversationId("c"))
BEGUN = fold(BLANK, [SessionStarted(session_id="s", timestamp=100.0)])
SPOKEN = fold(BEGUN, [UserSpoke(text="hi", timestamp=200.0)])
DOMAIN = Domain(slots={"name": slot("name"), "tier": slot("tier", initial_value="silver")})


def test_a_conversation_needs_a_session_until_it_has_one() -> None:
    assert needs_session(BLANK)
    assert not needs_session(BEGUN)


def test_a_session_expires_an_hour_after_the_user_last_spoke() -> None:
    assert not is_expired(SPOKEN, DOMAIN, 200.0 + 3600)
    assert is_expired(SPOKEN, DOMAIN, 200.1 + 3600)


def test_a_session_in_which_nobody_spoke_expires_an_hour_after_its_start() -> None:
    assert not is_expired(BEGUN, DOMAIN, 100.0 + 3600)
    assert is_expired(BEGUN, DOMAIN, 100.1 + 3600)


def test_what_has_not_begun_does_not_expire() -> None:
    assert not is_expired(BLANK, DOMAIN, 1e10)


def test_a_session_lives_as_long_as_the_domain_says() -> None:
    short = Domain(session=SessionConfig(session_expiration_minutes=0.5))
    assert is_expired(SPOKEN, short, 231.0)
    endless = Domain(session=SessionConfig(session_expiration_minutes=0))
    assert not is_expired(SPOKEN, endless, 1e10)


def test_an_expiry_is_an_inactive_conversation() -> None:
    assert expire() == (ConversationInactive(),)


def test_the_slots_that_differ_from_their_initial_value_are_carried_over() -> None:
    state = fold(SPOKEN, [SlotWasSet(name="name", value="Jo"), SlotWasSet(name="tier", value="silver")])
    started, session, *carried, listen = start_session(state, DOMAIN)
    assert started == ActionExecuted(name="action_session_start", confidence=1.0)
    assert isinstance(session, SessionStarted)
    assert carried == [SlotWasSet(name="name", value="Jo", filled_by="action_session_start")]
    assert listen == ActionExecuted(name="action_listen")
    assert fold(state, start_session(state, DOMAIN)).slots == {"name": "Jo"}


def test_a_slot_that_was_emptied_stays_empty_though_it_has_an_initial_value() -> None:
    state = fold(SPOKEN, [SlotWasSet(name="tier", value=None)])
    after = fold(state, start_session(state, DOMAIN))
    assert DOMAIN.get_slot_value(after.slots, "tier") is None


def test_nothing_is_carried_over_where_the_domain_says_so() -> None:
    forgetful = Domain(slots=DOMAIN.slots, session=SessionConfig(carry_over_slots=False))
    state = fold(SPOKEN, [SlotWasSet(name="name", value="Jo")])
    assert fold(state, start_session(state, forgetful)).slots == {}


def test_no_two_sessions_share_an_id() -> None:
    first, second = (
        next(event for event in start_session(BLANK, DOMAIN) if isinstance(event, SessionStarted))
        for _ in range(2)
    )
    assert first.session_id != second.session_id
