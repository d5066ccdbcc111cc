"""A snapshot gives the state back, or nothing at all."""

from hypothesis import given, settings

from duologue.core.ids import ConversationId
from duologue.core.state import SNAPSHOT_VERSION, State
from duologue.wire.snapshot import decode_snapshot, encode_snapshot
from tests.unit.wire.generated_values import structs_of


@given(structs_of(State))
@settings(max_examples=30, deadline=None)
def test_any_state_comes_back_as_it_went(state: State) -> None:
    assert decode_snapshot(encode_snapshot(state)) == state


def test_a_snapshot_of_another_version_is_not_used() -> None:
    encoded = encode_snapshot(State(conversation_id=ConversationId("a")))
    digits = str(SNAPSHOT_VERSION).encode()
    assert encoded.startswith(digits)
    assert decode_snapshot(encoded.replace(digits, str(SNAPSHOT_VERSION + 1).encode(), 1)) is None
    assert decode_snapshot(encoded.replace(digits, digits + b"0", 1)) is None


def test_a_damaged_snapshot_is_not_used() -> None:
    encoded = encode_snapshot(State(conversation_id=ConversationId("a")))
    assert decode_snapshot(encoded[:-3]) is None
    assert decode_snapshot(encoded.replace(b"a", b"\xff")) is None
    assert decode_snapshot(b"") is None


def test_half_a_surrogate_pair_does_not_stop_a_snapshot() -> None:
    state = decode_snapshot(
        encode_snapshot(State(conversation_id=ConversationId("a"), slots={"s": "\ud83d"}))
    )
    assert state is not None
    assert state.slots == {"s": "\ufffd"}
