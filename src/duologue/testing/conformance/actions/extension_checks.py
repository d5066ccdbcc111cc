"""What a server does beyond the protocol, if it announces it with `duologue-features`."""

import asyncio
from typing import Any
from uuid import uuid4

from duologue.testing.conformance.actions.calls import describe_call
from duologue.testing.conformance.actions.check import (
    EVERYWHERE,
    OVER_GRPC,
    OVER_HTTP,
    Check,
    Part,
    require,
    require_result,
    require_slots,
)
from duologue.testing.conformance.actions.door import Door, Transport
from duologue.testing.conformance.actions.http_door import HttpDoor
from duologue.testing.conformance.actions.protocol_checks import UNKNOWN

DOMAIN_DIGEST = "domain-digest"
IDEMPOTENCY = "idempotency"
STREAMING = "streaming"
_AT_ONCE = 8


async def _announces_with_every_answer(door: Door) -> None:
    announced = await door.find_features()
    for name in (UNKNOWN, None):
        answer = await door.call(describe_call(name))
        require(
            answer.features == announced,
            f"The answer of {answer.status} announces {sorted(answer.features)}, others {sorted(announced)}.",
        )


async def _knows_a_domain_by_its_digest(door: Door) -> None:
    digest = f"conformance-{uuid4().hex}"
    await require_result(door, describe_call("conformance_domain", digest=digest))
    for _ in range(10):
        answer = await door.call(describe_call("conformance_domain", domain=None, digest=digest))
        if answer.events:
            require_slots(answer, {"intent_count": 3}, "conformance_domain, called by digest only,")
            return
        # Another worker of the server, which has not seen the domain yet.
        await require_result(door, describe_call("conformance_domain", digest=digest))
    require(False, "The server asks for a domain again and again, though it announces that it keeps it.")


async def _runs_a_key_once(door: Door) -> None:
    key, other = _make_key(), _make_key()
    for wanted in (key, key, other, key):
        answer = await require_result(door, describe_call("conformance_count_calls"), key=wanted)
        require_slots(answer, {"calls": 1}, "conformance_count_calls, called twice with one key,")


async def _runs_a_key_once_at_once(door: Door) -> None:
    key = _make_key()
    body = describe_call("conformance_count_calls")
    answers = await asyncio.gather(*(require_result(door, body, key=key) for _ in range(_AT_ONCE)))
    for answer in answers:
        require_slots(
            answer, {"calls": 1}, f"conformance_count_calls, called {_AT_ONCE} times at once with one key,"
        )


async def _runs_each_action_of_a_key(door: Door) -> None:
    key = _make_key()
    await require_result(door, describe_call("conformance_count_calls"), key=key)
    answer = await require_result(door, describe_call("conformance_key"), key=key)
    require_slots(answer, {"key": key}, "conformance_key, called with the key of another action's call,")


async def _reads_odd_keys(door: Door) -> None:
    for ending in ("a b", "100%", "ключ/№1", '"quoted", and so on', "%2F"):
        key = f"{_make_key()}/{ending}"
        answer = await require_result(door, describe_call("conformance_key"), key=key)
        require_slots(answer, {"key": key}, "conformance_key")


async def _remembers_messages_too(door: Door) -> None:
    key = _make_key()
    body = describe_call("conformance_rich")
    first, again = [await require_result(door, body, key=key) for _ in range(2)]
    require(
        first.responses == again.responses and first.events == again.events,
        "conformance_rich, called twice with one key, is not answered with the same.",
    )


async def _streams_a_key_again(door: Door) -> None:
    key = _make_key()
    for what in ("", "once more "):
        streamed = await door.stream(describe_call("conformance_stream"), key=key)
        pieces = streamed.find_pieces()
        require(
            "".join(pieces) == "one two three",
            f"conformance_stream, called {what}with a key, streams {pieces}.",
        )
        require_slots(streamed.answer, {"streamed": True}, "conformance_stream, called with a key,")


async def _reads_the_key_in_the_body(door: HttpDoor) -> None:
    key = _make_key()
    body = {**describe_call("conformance_count_calls"), "idempotency_key": key}
    for keys in ({}, {"key": key}, {}):
        answer = await require_result(door, body, **keys)
        require_slots(answer, {"calls": 1}, "conformance_count_calls, with the key in its body,")


async def _streams_as_announced(door: Door) -> None:
    streamed = await door.stream(describe_call("conformance_stream"))
    require(
        bool(streamed.find_pieces()), "The server announces that it streams, and conformance_stream does not."
    )


def _make_key() -> str:
    return f"conformance/{uuid4().hex}/1"


def _extension(
    name: str,
    run: Any,
    *actions: str,
    feature: str | None = None,
    transports: frozenset[Transport] = EVERYWHERE,
) -> Check:
    return Check(
        name=name, part=Part.EXTENSIONS, run=run, actions=actions, feature=feature, transports=transports
    )


EXTENSION_CHECKS = (
    _extension("every answer announces the same", _announces_with_every_answer),
    _extension(
        "a domain is known by its digest",
        _knows_a_domain_by_its_digest,
        "conformance_domain",
        feature=DOMAIN_DIGEST,
    ),
    _extension(
        "a call with the same key runs once", _runs_a_key_once, "conformance_count_calls", feature=IDEMPOTENCY
    ),
    _extension(
        "calls at once with the same key run once",
        _runs_a_key_once_at_once,
        "conformance_count_calls",
        feature=IDEMPOTENCY,
    ),
    _extension(
        "each action of a key runs",
        _runs_each_action_of_a_key,
        "conformance_count_calls",
        "conformance_key",
        feature=IDEMPOTENCY,
    ),
    _extension("odd keys arrive as they are", _reads_odd_keys, "conformance_key", feature=IDEMPOTENCY),
    _extension(
        "messages of a key are remembered", _remembers_messages_too, "conformance_rich", feature=IDEMPOTENCY
    ),
    _extension(
        "a key in the body counts as well",
        _reads_the_key_in_the_body,
        "conformance_count_calls",
        feature=IDEMPOTENCY,
        transports=OVER_HTTP,
    ),
    _extension(
        "a streamed message of a key is streamed again",
        _streams_a_key_again,
        "conformance_stream",
        feature=IDEMPOTENCY,
        transports=OVER_GRPC,
    ),
    _extension(
        "it streams as announced",
        _streams_as_announced,
        "conformance_stream",
        feature=STREAMING,
        transports=OVER_GRPC,
    ),
)
