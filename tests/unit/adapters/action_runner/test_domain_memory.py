"""When the domain goes with a call, without a server."""

import json

import pytest

from duologue.adapters.action_runner.domain_memory import DomainMemory
from duologue.core.domain import Domain, Intent

DOMAIN = Domain(
    intents={"greet": Intent(name="greet")}, actions=("look", "learn"), actions_with_domain=("learn",)
)
OTHER = Domain(actions=("look",))
KEEPS = frozenset({"domain-digest"})
OLD = frozenset[str]()


@pytest.fixture
def memory() -> DomainMemory:
    return DomainMemory(is_selective=False)


def test_a_domain_is_written_once_and_named_by_its_content(memory: DomainMemory) -> None:
    written = memory.write(DOMAIN)
    assert memory.write(DOMAIN) is written
    assert json.loads(written.encoded) == written.formatted
    assert written.formatted["intents"] == ["greet"]
    assert memory.write(OTHER).digest != written.digest
    assert memory.write(DOMAIN).digest == written.digest


def test_a_server_that_may_not_keep_domains_gets_it_with_every_call(memory: DomainMemory) -> None:
    memory.learn_kept(memory.write(DOMAIN).digest, was_sent=True)
    assert memory.must_send("look", DOMAIN, OLD)


def test_a_server_that_keeps_domains_gets_it_once(memory: DomainMemory) -> None:
    assert memory.must_send("look", DOMAIN, KEEPS)
    memory.learn_kept(memory.write(DOMAIN).digest, was_sent=True)
    assert not memory.must_send("look", DOMAIN, KEEPS)
    assert memory.must_send("look", OTHER, KEEPS)


def test_a_server_that_asked_for_a_domain_is_known_to_keep_it(memory: DomainMemory) -> None:
    memory.learn_missed()
    memory.learn_kept(memory.write(DOMAIN).digest, was_sent=True)
    assert not memory.must_send("look", DOMAIN, OLD)


def test_a_server_that_lost_it_gets_it_again(memory: DomainMemory) -> None:
    memory.learn_kept(memory.write(DOMAIN).digest, was_sent=True)
    memory.learn_missed()
    assert memory.must_send("look", DOMAIN, KEEPS)


def test_a_server_that_loses_it_again_and_again_gets_it_with_many_calls(memory: DomainMemory) -> None:
    digest = memory.write(DOMAIN).digest
    for _ in range(3):
        memory.learn_missed()
        memory.learn_kept(digest, was_sent=True)
    sent = [memory.must_send("look", DOMAIN, KEEPS) for _ in range(101)]
    assert sent == [True] * 100 + [False]


def test_a_miss_now_and_then_is_no_reason_to_send_it_always(memory: DomainMemory) -> None:
    digest = memory.write(DOMAIN).digest
    for _ in range(5):
        memory.learn_missed()
        memory.learn_kept(digest, was_sent=True)
        assert not memory.must_send("look", DOMAIN, KEEPS)
        memory.learn_kept(digest, was_sent=False)


@pytest.mark.parametrize("features", [OLD, KEEPS])
def test_only_actions_that_declare_it_get_it_unasked(features: frozenset[str]) -> None:
    memory = DomainMemory(is_selective=True)
    assert not memory.must_send("look", DOMAIN, features)
    assert memory.must_send("learn", DOMAIN, features)
