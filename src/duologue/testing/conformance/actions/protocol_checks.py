"""What holds for every action server, whatever its actions."""

import asyncio
import zlib
from typing import TYPE_CHECKING

import msgspec

from duologue.testing.conformance.actions.answers import Outcome
from duologue.testing.conformance.actions.calls import describe_call, describe_user_event
from duologue.testing.conformance.actions.check import (
    OVER_GRPC,
    OVER_HTTP,
    Check,
    Part,
    require,
    require_outcome,
)
from duologue.testing.conformance.actions.door import Door
from duologue.testing.conformance.actions.http_door import HttpDoor, read_answer

if TYPE_CHECKING:  # gRPC is an extra
    from duologue.testing.conformance.actions.grpc_door import GrpcDoor

UNKNOWN = "conformance_no_such_action"
_MANY_CALLS = 20
_MANY_EVENTS = 2000


async def _is_well(door: Door) -> None:
    await door.check_health()


async def _lists_its_actions(door: Door) -> None:
    names = await door.list_actions()
    require(all(names), "An action in the list has no name.")
    doubled = sorted({name for name in names if names.count(name) > 1})
    require(not doubled, f"The list of actions names {', '.join(doubled)} twice.")


async def _refuses_an_unknown_action(door: Door) -> None:
    answer = await door.call(describe_call(UNKNOWN))
    require_outcome(answer, Outcome.UNKNOWN_ACTION, "A call of an unknown action")
    require(
        answer.action_name == UNKNOWN,
        f"The refusal of {UNKNOWN!r} is about {answer.action_name!r}.",
    )
    require(bool(answer.text), "The refusal of an unknown action does not say what is wrong.")


async def _answers_nothing_to_a_call_of_nothing(door: Door) -> None:
    for name in (None, ""):
        answer = await door.call(describe_call(name))
        is_empty = answer.outcome in (Outcome.NOTHING, Outcome.RESULT) and not (
            answer.events or answer.responses
        )
        require(is_empty, f"A call that names no action ends in {answer.outcome} ({answer.status}).")


async def _takes_members_it_does_not_know(door: Door) -> None:
    body = describe_call(UNKNOWN)
    body["conformance_member"] = {"a": [1]}
    body["tracker"]["conformance_member"] = True
    body["domain"] = {**body["domain"], "conformance_member": None}
    require_outcome(
        await door.call(body), Outcome.UNKNOWN_ACTION, "A call with members that are new to the server"
    )


async def _takes_a_long_conversation(door: Door) -> None:
    events = [describe_user_event(number) for number in range(_MANY_EVENTS)]
    answer = await door.call(describe_call(UNKNOWN, events=events))
    require_outcome(answer, Outcome.UNKNOWN_ACTION, f"A call with {_MANY_EVENTS} events")


async def _keeps_calls_apart(door: Door) -> None:
    names = [f"{UNKNOWN}_{number}" for number in range(_MANY_CALLS)]
    answers = await asyncio.gather(*(door.call(describe_call(name)) for name in names))
    for name, answer in zip(names, answers, strict=True):
        require_outcome(answer, Outcome.UNKNOWN_ACTION, f"One of {_MANY_CALLS} calls at once")
        require(answer.action_name == name, f"A call of {name!r} gets the answer of {answer.action_name!r}.")


# Over HTTP only


async def _reads_compressed_bodies(door: HttpDoor) -> None:
    body = zlib.compress(msgspec.json.encode(describe_call(UNKNOWN)))
    answer = read_answer(await door.post(body, {"Content-Encoding": "deflate"}))
    require_outcome(answer, Outcome.UNKNOWN_ACTION, "A call with Content-Encoding: deflate")


async def _ignores_a_broken_trace(door: HttpDoor) -> None:
    body = msgspec.json.encode(describe_call(UNKNOWN))
    for trace in ("rubbish", "00-0-0-0", "ff-" + "f" * 200):
        answer = read_answer(await door.post(body, {"traceparent": trace, "tracestate": "=,;"}))
        require_outcome(answer, Outcome.UNKNOWN_ACTION, f"A call with the traceparent {trace[:20]!r}")


async def _refuses_rubbish(door: HttpDoor) -> None:
    rubbish: dict[str, tuple[bytes, dict[str, str]]] = {
        "an empty body": (b"", {}),
        "half a JSON object": (b'{"next_action": "conf', {}),
        "a list": (b"[1, 2]", {}),
        "bytes that are no text": (b"\xff\xfe\x00", {}),
        "a body that only claims to be compressed": (b"not deflated", {"Content-Encoding": "deflate"}),
    }
    for what, (body, headers) in rubbish.items():
        response = await door.post(body, headers)
        require(
            response.status_code >= 400,
            f"A call with {what} is answered with {response.status_code} instead of an error.",
        )
    await door.check_health()


async def _says_400_to_an_empty_body(door: HttpDoor) -> None:
    response = await door.post(b"")
    require(
        response.status_code == 400,
        f"A call without a body is answered with {response.status_code}, not 400.",
    )


async def _answers_in_json(door: HttpDoor) -> None:
    for body in (describe_call(None), describe_call(UNKNOWN)):
        response = await door.post(msgspec.json.encode(body))
        kind = response.headers.get("content-type", "")
        require(
            kind.partition(";")[0].strip() == "application/json",
            f"An answer of status {response.status_code} has the content type {kind!r} instead of application/json.",
        )


# Over gRPC only


async def _reads_compressed_messages(door: "GrpcDoor") -> None:
    answer = await door.call_compressed(describe_call(UNKNOWN))
    require_outcome(answer, Outcome.UNKNOWN_ACTION, "A call compressed with gzip")


PROTOCOL_CHECKS = (
    Check(name="it says that it is well", part=Part.PROTOCOL, run=_is_well),
    Check(name="it lists its actions", part=Part.PROTOCOL, run=_lists_its_actions),
    Check(name="an unknown action is refused by name", part=Part.PROTOCOL, run=_refuses_an_unknown_action),
    Check(
        name="a call that names no action is answered with nothing",
        part=Part.PROTOCOL,
        run=_answers_nothing_to_a_call_of_nothing,
    ),
    Check(
        name="members that are new to it are taken", part=Part.PROTOCOL, run=_takes_members_it_does_not_know
    ),
    Check(name="a long conversation is taken", part=Part.PROTOCOL, run=_takes_a_long_conversation),
    Check(name="calls at once get their own answers", part=Part.PROTOCOL, run=_keeps_calls_apart),
    Check(
        name="a compressed body is read",
        part=Part.PROTOCOL,
        run=_reads_compressed_bodies,
        transports=OVER_HTTP,
    ),
    Check(
        name="a compressed message is read",
        part=Part.PROTOCOL,
        run=_reads_compressed_messages,
        transports=OVER_GRPC,
    ),
    Check(
        name="a broken trace context is passed over",
        part=Part.PROTOCOL,
        run=_ignores_a_broken_trace,
        transports=OVER_HTTP,
    ),
    Check(
        name="rubbish is refused and harms nobody",
        part=Part.PROTOCOL,
        run=_refuses_rubbish,
        transports=OVER_HTTP,
    ),
    Check(
        name="an empty body is a bad request",
        part=Part.PROTOCOL,
        run=_says_400_to_an_empty_body,
        transports=OVER_HTTP,
    ),
    Check(
        name="answers are application/json", part=Part.PROTOCOL, run=_answers_in_json, transports=OVER_HTTP
    ),
)
