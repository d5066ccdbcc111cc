"""What the reference actions have to do."""

import asyncio
from pathlib import Path
from typing import Any

from duologue.testing.conformance.actions.answers import Answer, Json, Outcome
from duologue.testing.conformance.actions.calls import DOMAIN, describe_call, describe_user_event
from duologue.testing.conformance.actions.check import (
    Check,
    Part,
    is_same,
    read_slots,
    require,
    require_outcome,
    require_result,
    require_slots,
    require_texts,
)
from duologue.testing.conformance.actions.door import Door

REFERENCE_FILE = Path(__file__).parents[1] / "reference_actions.py"
"""The reference actions in Python, for any server that has a `rasa_sdk`."""
REFERENCE_ACTIONS = (
    "conformance_count_calls",
    "conformance_count_events",
    "conformance_domain",
    "conformance_echo_slots",
    "conformance_events",
    "conformance_fail",
    "conformance_key",
    "conformance_latest",
    "conformance_nothing",
    "conformance_reject",
    "conformance_response",
    "conformance_rich",
    "conformance_say",
    "conformance_slow",
    "conformance_stream",
    "conformance_stream_long",
)
ODD_TEXT = 'Zażółć "gęślą" jaźń\n\t\\ 🦊 {name} \u2028 עברית'
SLOTS: Json = {
    "flag": True,
    "list": ["a", 1, None, [False], {"b": []}],
    "no": False,
    "nothing": None,
    "number": 42,
    "object": {"deep": {"deeper": [1, 2.5, "x"]}, "": ""},
    "odd ключ": ODD_TEXT,
    "part": -0.125,
    "text": "large",
    "wide": 9007199254740991,
}
"""One slot for each kind of JSON value."""
_SLOW_CALLS = 8
_SLOW_SECONDS = 1.0

RICH: Json = {
    "text": "Look.",
    "image": "https://example.org/image.png",
    "attachment": "https://example.org/file.pdf",
    "buttons": [{"title": "Yes", "payload": "/affirm"}, {"title": "No", "payload": "/deny"}],
    "elements": [{"title": "Card", "subtitle": "One of one"}],
    "custom": {"a": 1},
}
EVENTS: tuple[Json, ...] = (
    {
        "event": "user",
        "text": "hi",
        "parse_data": {"intent": {"name": "greet", "confidence": 1.0}, "entities": []},
        "input_channel": "rest",
    },
    {
        "event": "bot",
        "text": "Hello.",
        "data": {"image": "https://example.org/image.png"},
        "metadata": {"mood": "good"},
    },
    {"event": "slot", "name": "color", "value": "blue"},
    {"event": "restart"},
    {"event": "session_started"},
    {"event": "session_ended"},
    {"event": "rewind"},
    {"event": "reset_slots"},
    {
        "event": "reminder",
        "intent": "remind",
        "entities": [{"entity": "name", "value": "Ada"}],
        "date_time": "2031-01-02T03:04:05+00:00",
        "name": "tea",
        "kill_on_user_msg": False,
    },
    {"event": "cancel_reminder", "name": "tea", "intent": "remind"},
    {"event": "undo"},
    {"event": "export"},
    {"event": "followup", "name": "action_next"},
    {"event": "pause"},
    {"event": "resume"},
    {"event": "action", "name": "action_done", "policy": "RulePolicy", "confidence": 0.5},
    {"event": "agent", "text": "I am a person.", "data": {"a": 1}},
    {"event": "active_loop", "name": "order_form"},
    {"event": "loop_interrupted", "is_interrupted": True},
    {
        "event": "action_execution_rejected",
        "name": "action_no",
        "policy": "RulePolicy",
        "confidence": 0.25,
    },
)
"""What `conformance_events` answers with; a server may add members such as `timestamp`."""


async def _lists_the_reference_actions(door: Door) -> None:
    missing = sorted(set(REFERENCE_ACTIONS) - set(await door.list_actions()))
    require(not missing, f"The server lists no {', no '.join(missing)}.")


async def _says_a_text(door: Door) -> None:
    answer = await require_result(door, describe_call("conformance_say"))
    require_texts(answer, ["Hello."], "conformance_say")
    require_no_events(answer, "conformance_say")


async def _says_a_rich_message(door: Door) -> None:
    answer = await require_result(door, describe_call("conformance_rich"))
    require(len(answer.responses) == 1, f"conformance_rich says {len(answer.responses)} messages, not one.")
    for member, wanted in RICH.items():
        found = answer.responses[0].get(member)
        require(
            is_same(wanted, found), f"conformance_rich has {found!r} as its `{member}` instead of {wanted!r}."
        )


async def _names_a_response(door: Door) -> None:
    answer = await require_result(door, describe_call("conformance_response"))
    found = [(response.get("response"), response.get("name")) for response in answer.responses]
    require(
        found == [("utter_greet", "Ada")],
        f"conformance_response answers with {found} as `response` and `name` instead of utter_greet and Ada.",
    )


async def _hears_every_slot(door: Door) -> None:
    answer = await require_result(door, describe_call("conformance_echo_slots", slots=SLOTS))
    require_slots(answer, {f"echo_{name}": SLOTS[name] for name in sorted(SLOTS)}, "conformance_echo_slots")


async def _hears_every_event(door: Door) -> None:
    for count in (0, 1, 50):
        events = [describe_user_event(number) for number in range(count)]
        answer = await require_result(door, describe_call("conformance_count_events", events=events))
        require_slots(answer, {"event_count": count}, "conformance_count_events")


async def _hears_the_latest_message(door: Door) -> None:
    answer = await require_result(door, describe_call("conformance_latest", text=ODD_TEXT))
    require_texts(answer, [ODD_TEXT], "conformance_latest")


async def _gives_every_event(door: Door) -> None:
    answer = await require_result(door, describe_call("conformance_events"))
    kinds = [event.get("event") for event in answer.events]
    wanted_kinds = [event["event"] for event in EVENTS]
    require(kinds == wanted_kinds, f"conformance_events answers with {kinds} instead of {wanted_kinds}.")
    for wanted, found in zip(EVENTS, answer.events, strict=True):
        for member, value in wanted.items():
            require(
                is_same(value, found.get(member)),
                f"The event `{wanted['event']}` has {found.get(member)!r} as its `{member}` instead of {value!r}.",
            )


async def _does_nothing(door: Door) -> None:
    answer = await require_result(door, describe_call("conformance_nothing"))
    require_no_events(answer, "conformance_nothing")
    require(not answer.responses, "conformance_nothing says something.")


async def _rejects(door: Door) -> None:
    answer = await door.call(describe_call("conformance_reject"))
    require_outcome(answer, Outcome.REJECTED, "conformance_reject")
    require(
        answer.action_name == "conformance_reject",
        f"The rejection of conformance_reject is about {answer.action_name!r}.",
    )
    require(bool(answer.text), "The rejection of conformance_reject does not say why.")


async def _fails_alone(door: Door) -> None:
    bodies = [describe_call(name) for name in ("conformance_fail", "conformance_say") * 5]
    answers = await asyncio.gather(*(door.call(body) for body in bodies))
    for failed, said in zip(answers[::2], answers[1::2], strict=True):
        require_outcome(failed, Outcome.FAILED, "conformance_fail")
        require_texts(said, ["Hello."], "conformance_say, called while another action failed,")
    await door.check_health()


async def _sees_the_domain(door: Door) -> None:
    answer = await require_result(door, describe_call("conformance_domain"))
    require_slots(answer, {"intent_count": len(DOMAIN["intents"])}, "conformance_domain")


async def _asks_for_a_domain_it_does_not_know(door: Door) -> None:
    body = describe_call("conformance_domain", domain=None, digest="conformance-never-sent")
    answer = await door.call(body)
    require_outcome(
        answer, Outcome.NEEDS_DOMAIN, "A call without a domain, with a digest that is new to the server,"
    )
    require(
        answer.action_name == "conformance_domain",
        f"The demand for the domain is about {answer.action_name!r} instead of 'conformance_domain'.",
    )


async def _never_takes_another_domain(door: Door) -> None:
    intents = {"conformance-small": ["a"], "conformance-large": ["a", "b", "c", "d"]}
    for digest, names in intents.items():
        domain = {**DOMAIN, "intents": names}
        answer = await require_result(door, describe_call("conformance_domain", domain=domain, digest=digest))
        require_slots(answer, {"intent_count": len(names)}, "conformance_domain")
    for digest, names in intents.items():
        answer = await door.call(describe_call("conformance_domain", domain=None, digest=digest))
        if answer.outcome is not Outcome.NEEDS_DOMAIN:
            require_outcome(answer, Outcome.RESULT, "A call that names its domain by digest only")
            require_slots(
                answer, {"intent_count": len(names)}, "conformance_domain, called by the digest of a domain,"
            )


async def _works_on_several_calls_at_once(door: Door) -> None:
    loop = asyncio.get_running_loop()
    started = loop.time()
    slow = [asyncio.ensure_future(door.call(describe_call("conformance_slow"))) for _ in range(_SLOW_CALLS)]
    try:
        await asyncio.sleep(_SLOW_SECONDS / 10)
        await door.check_health()
        is_ahead = not any(task.done() for task in slow)
        answers = await asyncio.gather(*slow)
    finally:
        for task in slow:
            task.cancel()
    for answer in answers:
        require_texts(answer, ["Done."], "conformance_slow")
    took = loop.time() - started
    require(
        took >= _SLOW_SECONDS * 0.9, f"conformance_slow takes {took:.1f} s instead of {_SLOW_SECONDS:g} s."
    )
    require(is_ahead, "The question for its health waits while an action runs.")
    require(
        took < _SLOW_CALLS * _SLOW_SECONDS / 2,
        f"{_SLOW_CALLS} calls at once of an action that takes {_SLOW_SECONDS:g} s take {took:.1f} s.",
    )


async def _lets_a_caller_hang_up(door: Door) -> None:
    calls = [asyncio.ensure_future(door.call(describe_call("conformance_slow"))) for _ in range(5)]
    await asyncio.sleep(_SLOW_SECONDS / 10)
    for call in calls:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)
    await door.check_health()
    answer = await require_result(door, describe_call("conformance_say"))
    require_texts(answer, ["Hello."], "conformance_say, called after others hung up,")


async def _keeps_conversations_apart(door: Door) -> None:
    async def ask(number: int) -> tuple[int, Answer]:
        sender = f"conformance-{number}"
        body = describe_call("conformance_echo_slots", sender_id=sender, slots={"number": number})
        return number, await door.call(body)

    for number, answer in await asyncio.gather(*(ask(number) for number in range(30))):
        require_slots(answer, {"echo_number": number}, f"Conversation {number} of 30 at once")


async def _says_a_stream_as_messages(door: Door) -> None:
    answer = await require_result(door, describe_call("conformance_stream"))
    require_texts(answer, ["one ", "two ", "three"], "conformance_stream, called without streaming,")
    require_slots(answer, {"streamed": True}, "conformance_stream")


async def _has_a_key_or_none(door: Door) -> None:
    answer = await require_result(door, describe_call("conformance_key"))
    found: dict[str, Any] = read_slots(answer, "conformance_key")
    require(found == {"key": None}, f"conformance_key, called without a key, sets {found}.")


def require_no_events(answer: Answer, what: str) -> None:
    """Complain about any event."""
    require(not answer.events, f"{what} answers with events, where it has none.")


def _behaviour(name: str, run: Any, *actions: str) -> Check:
    return Check(name=name, part=Part.BEHAVIOUR, run=run, actions=actions)


BEHAVIOUR_CHECKS = (
    _behaviour("the reference actions are there", _lists_the_reference_actions),
    _behaviour("an action says a text", _says_a_text, "conformance_say"),
    _behaviour("an action says a rich message", _says_a_rich_message, "conformance_rich"),
    _behaviour("an action names a response and its variables", _names_a_response, "conformance_response"),
    _behaviour("an action sees slots of every kind", _hears_every_slot, "conformance_echo_slots"),
    _behaviour("an action sees the events", _hears_every_event, "conformance_count_events"),
    _behaviour("an action sees the latest message", _hears_the_latest_message, "conformance_latest"),
    _behaviour("an action gives events of every kind", _gives_every_event, "conformance_events"),
    _behaviour("an action does nothing", _does_nothing, "conformance_nothing"),
    _behaviour("an action declines", _rejects, "conformance_reject"),
    _behaviour("an action that fails harms nobody", _fails_alone, "conformance_fail", "conformance_say"),
    _behaviour("an action sees the domain", _sees_the_domain, "conformance_domain"),
    _behaviour(
        "an unknown digest without a domain is asked about",
        _asks_for_a_domain_it_does_not_know,
        "conformance_domain",
    ),
    _behaviour("a digest never stands for another domain", _never_takes_another_domain, "conformance_domain"),
    _behaviour("slow calls run at once", _works_on_several_calls_at_once, "conformance_slow"),
    _behaviour(
        "callers who hang up harm nobody", _lets_a_caller_hang_up, "conformance_say", "conformance_slow"
    ),
    _behaviour("conversations stay apart", _keeps_conversations_apart, "conformance_echo_slots"),
    _behaviour(
        "a streamed message comes as messages where nothing streams",
        _says_a_stream_as_messages,
        "conformance_stream",
    ),
    _behaviour("a call without a key has none", _has_a_key_or_none, "conformance_key"),
)
