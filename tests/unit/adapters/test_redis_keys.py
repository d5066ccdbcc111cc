"""Keys in Redis: no two things share one, and a conversation's keys share a slot."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.crc import key_slot

from duologue.adapters.redis_keys import make_key, make_root
from duologue.core.errors import StorageRefusedError

NAMES = st.text(st.sampled_from("ab{}%:7BD \n"), max_size=6)


@given(NAMES, NAMES)
def test_two_conversations_never_share_a_key(one: str, other: str) -> None:
    root = make_root(None)
    assert (make_key(root, "events", one) == make_key(root, "events", other)) == (one == other)


@given(NAMES, st.sampled_from([None, "acme", "acme:test"]))
def test_the_keys_of_a_conversation_share_a_slot(name: str, prefix: str | None) -> None:
    root = make_root(prefix)
    assert key_slot(make_key(root, "events", name)) == key_slot(make_key(root, "conversation", name))


@given(NAMES)
def test_conversations_of_different_prefixes_never_share_a_key(name: str) -> None:
    assert make_key(make_root("events"), "events", name) != make_key(make_root(None), "events", name)


@pytest.mark.parametrize("prefix", ["a b", "{a}", "a\n"])
def test_a_prefix_that_would_tear_keys_apart_is_refused(prefix: str) -> None:
    with pytest.raises(StorageRefusedError, match="key_prefix"):
        make_root(prefix)
