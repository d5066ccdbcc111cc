"""What the MySQL tracker store says to its server."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duologue.adapters.tracker_store import mysql_statements as statements
from duologue.adapters.tracker_store.pending_append import prepare_append
from duologue.core.events import SlotWasSet, UserSpoke
from duologue.core.ids import ConversationId

# Outside of hexadecimal literals there is nothing that an outsider could have written.
OWN_WORDS = re.compile(rb"[A-Za-z0-9_@ ,;=().<>-]*")
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=60)


@given(name=TEXTS, message_id=TEXTS, user_id=TEXTS, text=TEXTS, expected=st.sampled_from([0, 3]))
def test_nothing_that_an_outsider_wrote_is_read_as_sql(
    name: str, message_id: str, user_id: str, text: str, expected: int
) -> None:
    spoken = UserSpoke(text=text, message_id=message_id, user_id=user_id, timestamp=1.0)
    pending = prepare_append(ConversationId(name), [spoken], expected=expected, snapshot=None)
    written = [
        *statements.write_append(pending),
        statements.delete_conversation(name, expected),
        statements.mark_published(name, expected),
        statements.claim_run(name, 1.5),
    ]
    for statement in written:
        assert OWN_WORDS.fullmatch(re.sub(rb"x'[0-9a-f]*'", b"", statement))


def test_many_large_events_are_written_in_several_statements() -> None:
    events = [SlotWasSet(name="n", value="x" * 100_000) for _ in range(10)]
    written = statements.write_append(
        prepare_append(ConversationId("anna"), events, expected=0, snapshot=None)
    )
    assert len(written) > 3
    assert max(map(len, written)) < 500_000


@pytest.mark.parametrize("moment", [float("inf"), float("nan")])
def test_a_time_that_is_none_is_refused(moment: float) -> None:
    pending = prepare_append(
        ConversationId("anna"), [SlotWasSet(name="n", value=1)], expected=0, snapshot=None, wake_at=moment
    )
    with pytest.raises(ValueError, match="cannot be stored"):
        statements.write_append(pending)
