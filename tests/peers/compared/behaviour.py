"""A program that tries whatever `rasa_sdk` Python finds, and prints what it does: results, errors, warnings, logs.

It runs once with stock `rasa_sdk` and once with our alias; `test_rasa_sdk_names.py` compares the two.
"""

# pyright: basic, reportMissingImports=false, reportAttributeAccessIssue=false
# ruff: noqa: PERF401

import asyncio
import datetime
import gc
import inspect
import json
import logging
import os
import re
import sys
import tempfile
import textwrap
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

SCENARIOS: dict[str, Callable[[], Any]] = {}


def scenario(function: Callable[[], Any]) -> Callable[[], Any]:
    SCENARIOS[function.__name__] = function
    return function


class Records(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.startswith(("rasa_sdk", "duologue", "root")):
            self.found.append(f"{record.levelname} {record.getMessage()}")


def try_one(function: Callable[[], Any]) -> dict[str, Any]:
    records = Records()
    logging.getLogger().addHandler(records)
    logging.getLogger().setLevel(logging.DEBUG)
    try:
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            try:
                result: Any = function()
                if inspect.isawaitable(result):
                    result = asyncio.run(result)  # pyright: ignore[reportArgumentType]
            except (Exception, SystemExit) as error:
                result = describe_error(error)
    finally:
        logging.getLogger().removeHandler(records)
    own = (str(Path(__file__)), "rasa_sdk")
    ours = [
        f"{warning.category.__name__} {warning.message}"
        for warning in warned
        if issubclass(warning.category, UserWarning | FutureWarning)
        or any(name in warning.filename for name in own)
    ]
    told = json.dumps({"result": plain(result), "warnings": ours, "logs": records.found})
    return json.loads(re.sub(re.escape(tempfile.gettempdir()) + r"/\w+", "FOLDER", told))


def describe_error(error: BaseException) -> str:
    kinds = [kind.__name__ for kind in type(error).__mro__]
    known = next((kind for kind in kinds if not kind.startswith(("Missing", "Sdk"))), kinds[0])
    return f"{known}: {error}"


def plain(value: Any) -> Any:
    if hasattr(value, "model_dump"):
        return {"model": type(value).__name__, **plain(value.model_dump())}
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        items = [plain(item) for item in value]
        return sorted(items, key=str) if isinstance(value, set | frozenset) else items
    if isinstance(value, str | int | float | bool | None):
        return value
    if hasattr(value, "DESCRIPTOR"):
        from google.protobuf.json_format import MessageToDict

        return {"message": type(value).__name__, **MessageToDict(value, preserving_proto_field_name=True)}
    return re.sub(r" at 0x[0-9a-f]+", "", repr(value))


def attempt(function: Callable[..., Any], *given: Any, **named: Any) -> Any:
    try:
        return plain(function(*given, **named))
    except Exception as error:
        return describe_error(error)


async def attempt_later(function: Callable[..., Any], *given: Any, **named: Any) -> Any:
    try:
        result = function(*given, **named)
        return plain(await result if inspect.isawaitable(result) else result)
    except Exception as error:
        return describe_error(error)


# The package


@scenario
def the_package() -> Any:
    import rasa_sdk
    from rasa_sdk import constants

    return {
        "version": rasa_sdk.__version__,
        "constants": {name: value for name, value in vars(constants).items() if name.isupper()},
        "reachable": [
            hasattr(rasa_sdk, name) for name in ("cli", "version", "plugin", "interfaces", "forms", "events")
        ],
    }


# Events


@scenario
def events() -> Any:
    from rasa_sdk import events

    when = datetime.datetime(2030, 1, 2, 3, 4, 5)
    zoned = when.replace(tzinfo=datetime.UTC)
    made: list[Any] = []
    for name, function in sorted(vars(events).items()):
        if not inspect.isfunction(function) or name.startswith("_"):
            continue
        given = []
        for parameter in inspect.signature(function).parameters.values():
            if parameter.default is parameter.empty:
                given.append(when if "date" in parameter.name else "utter_x")
        made.append([name, attempt(function, *given), attempt(function, *given, timestamp=1.5)])
    made.append(
        events.ReminderScheduled("greet", zoned, entities=[{"a": 1}], name="n", kill_on_user_message=False)
    )
    made.append(events.FormValidation(False))
    made.append(events.SessionEnded(metadata={"a": 1}))
    return made


# The tracker


def a_state(**changes: Any) -> dict[str, Any]:
    return {
        "sender_id": "ada",
        "slots": {"city": "Rome", "empty": None},
        "latest_message": {
            "text": "to Rome",
            "intent": {"name": "go"},
            "entities": [
                {"entity": "city", "value": "Rome", "role": "to"},
                {"entity": "city", "value": "Oslo", "role": "from", "group": "1"},
                {"entity": "city", "value": "Bonn"},
            ],
            "intent_ranking": [{"name": "nlu_fallback"}, {"name": "go"}],
        },
        "events": [
            {"event": "action", "name": "action_session_start"},
            {"event": "action", "name": "action_listen"},
            {"event": "user", "text": "hi", "input_channel": "web"},
            {"event": "action", "name": "utter_greet"},
            {"event": "bot", "text": "hello"},
            {"event": "action", "name": "action_listen", "timestamp": 7.5},
        ],
        "paused": False,
        "followup_action": None,
        "active_loop": {"name": "trip_form"},
        "latest_action_name": "action_listen",
        "stack": [{"flow": "f"}],
        "user_id": "u",
        **changes,
    }


@scenario
def a_tracker() -> Any:
    from rasa_sdk import Tracker

    tracker = Tracker.from_dict(a_state())  # pyright: ignore[reportArgumentType]
    other = tracker.copy()
    other.slots["city"] = "Oslo"
    return {
        "state": tracker.current_state(),
        "old form": tracker.active_form,
        "slots": [tracker.get_slot("city"), tracker.get_slot("empty"), tracker.get_slot("nothing")],
        "values": tracker.current_slot_values(),
        "entities": [
            list(tracker.get_latest_entity_values("city")),
            list(tracker.get_latest_entity_values("city", entity_role="to")),
            list(tracker.get_latest_entity_values("city", "from", "1")),
            list(tracker.get_latest_entity_values("city", "from")),
        ],
        "intents": [
            tracker.get_intent_of_latest_message(),
            tracker.get_intent_of_latest_message(skip_fallback_intent=False),
        ],
        "channel": tracker.get_latest_input_channel(),
        "loop": tracker.active_loop_name,
        "paused": tracker.is_paused(),
        "copy": [other == tracker, other != tracker, tracker.get_slot("city"), tracker == 1, tracker != 1],
        "last": [
            tracker.last_executed_action_has("utter_greet"),
            tracker.last_executed_action_has("action_session_start", skip=1),
            tracker.last_executed_action_has("action_session_start", skip=9),
            tracker.get_last_event_for("user"),
            tracker.get_last_event_for("action", exclude=["action_listen"], skip=1),
            tracker.get_last_event_for("nothing"),
        ],
    }


@scenario
def trackers_of_sparse_states() -> Any:
    from rasa_sdk import Tracker

    described = []
    for state in (
        {"sender_id": "a"},
        {"sender_id": "a", "active_form": {"name": "old"}},
        {"sender_id": "a", "active_loop": {"name": "should_not_be_set"}},
        {"sender_id": "a", "active_loop": {"name": None}},
        {"sender_id": "a", "latest_message": None},
        {"sender_id": "a", "latest_message": {"intent_ranking": [{"name": "nlu_fallback"}]}},
        {"sender_id": "a", "latest_message": {"intent_ranking": []}},
        {},
    ):
        tracker = attempt(Tracker.from_dict, state) if not state else Tracker.from_dict(state)  # pyright: ignore[reportArgumentType]
        if isinstance(tracker, str):
            described.append(tracker)
            continue
        described.append(
            [
                tracker.current_state(),
                tracker.active_loop_name,
                tracker.get_intent_of_latest_message(),
                tracker.get_latest_input_channel(),
                tracker.slots_to_validate(),
                tracker.applied_events(),
                tracker.events_after_latest_restart(),
            ]
        )
    return described


@scenario
def what_still_counts() -> Any:
    from rasa_sdk import Tracker

    def event(kind: str, **fields: Any) -> dict[str, Any]:
        return {"event": kind, **fields}

    listen, user = event("action", name="action_listen"), event("user", text="a")
    action, slot = event("action", name="a"), event("slot", name="s", value=1)
    lists = [
        [listen, user, action, event("undo"), slot],
        [listen, user, action, listen, user, event("rewind"), slot],
        [
            listen,
            user,
            event("restart"),
            slot,
            event("slot", name="s", value=2),
            event("slot", name="t", value=3),
        ],
        [event("restart"), event("restart"), listen, event("rewind")],
        [event("undo"), event("rewind"), action],
        [slot, listen],
    ]
    found = []
    for events in lists:
        tracker = Tracker.from_dict(a_state(events=events))  # pyright: ignore[reportArgumentType]
        found.append(
            [
                tracker.applied_events(),
                tracker.idx_after_latest_restart(),
                tracker.events_after_latest_restart(),
                tracker.slots_to_validate(),
            ]
        )
        tracker.add_slots([{"event": "slot", "name": "n", "value": 5}, {"event": "bot"}])
        found.append([tracker.slots, len(tracker.events), tracker.slots_to_validate()])
    return found


# The dispatcher


@scenario
def messages() -> Any:
    from rasa_sdk.executor import CollectingDispatcher

    dispatcher = CollectingDispatcher()
    dispatcher.utter_message("hi", image="i", json_message={"a": 1}, response="utter_x", amount=3)
    dispatcher.utter_message(template="utter_y")
    dispatcher.utter_message(template="utter_y", response="utter_z")
    dispatcher.utter_message(text="t", attachment="f", buttons=[{"title": "b"}], elements=[{"title": "e"}])
    dispatcher.utter_custom_message({"a": 1}, {"b": 2}, x=1)
    dispatcher.utter_elements({"a": 1})
    dispatcher.utter_button_message("t", [{"title": "b"}], x=2)
    dispatcher.utter_attachment("f")
    dispatcher.utter_button_template("utter_b", [{"title": "b"}], None)  # pyright: ignore[reportArgumentType]
    dispatcher.utter_template("utter_t", None, True, name="Ada")  # pyright: ignore[reportArgumentType]
    dispatcher.utter_custom_json({"j": 1})
    dispatcher.utter_image_url("http://i")
    return dispatcher.messages


@scenario
async def streams() -> Any:
    from rasa_sdk.executor import CollectingDispatcher

    found: list[Any] = []
    for has_sink in (False, True):
        dispatcher, sent = CollectingDispatcher(), []
        queue: asyncio.Queue[Any] = asyncio.Queue()
        if has_sink:
            dispatcher._stream_sink = queue.put
        await dispatcher.stream_chunk("a", image=None, buttons=[], x=None)
        found.append([dispatcher.is_streaming_active, dispatcher.is_streaming_cancelled])
        await dispatcher.stream_chunk(
            json_message={"a": 1}, elements=[{"title": "e"}], attachment="f", image=""
        )
        found.append(dispatcher._stream_accumulated_chunks)
        await dispatcher.stream_end()
        await dispatcher.stream_start()
        await dispatcher.stream_chunk(text="b")
        dispatcher.cancel_stream()
        await dispatcher.stream_chunk(text="dropped")
        found.append([dispatcher.is_streaming_active, dispatcher.is_streaming_cancelled])
        await dispatcher.stream_end()
        await dispatcher.stream_start()
        found.append(await attempt_later(dispatcher.stream_chunk, "c", template="t", response="r"))
        found.append(await attempt_later(dispatcher.stream_chunk, "c", response="r"))
        await dispatcher.stream_end()
        while not queue.empty():
            sent.append(queue.get_nowait())
        found.append([dispatcher.messages, sent, dispatcher.is_streaming_active, dispatcher._stream_active])
    return found


# Actions and the executor


@scenario
async def actions_without_methods() -> Any:
    from rasa_sdk import Action, ActionExecutionRejection, FormValidationAction, ValidationAction
    from rasa_sdk.interfaces import ActionMissingDomainException, ActionNotFoundException

    class Named(Action):
        def name(self) -> str:
            return "named"

    return [
        attempt(Action().name),
        await attempt_later(Action().run, None, None, None),
        attempt(str, Named()),
        await attempt_later(Named().run, None, None, None),
        ValidationAction().name(),
        attempt(FormValidationAction().name),
        inspect.isabstract(FormValidationAction),
        inspect.iscoroutinefunction(Action.run),
        *[
            [str(error), error.message, error.action_name, error.args and True]
            for kind in (ActionExecutionRejection, ActionNotFoundException, ActionMissingDomainException)
            for error in (kind("a"), kind("a", "because"), kind("a", None), kind(action_name="a", message=""))
        ],
    ]


def an_executor() -> Any:
    from rasa_sdk import Action, ActionExecutionRejection
    from rasa_sdk.events import SlotSet
    from rasa_sdk.executor import ActionExecutor

    class Says(Action):
        def name(self) -> str:
            return "says"

        async def run(self, dispatcher: Any, tracker: Any, domain: Any) -> Any:
            dispatcher.utter_message(text=f"hi {tracker.sender_id}", n=len(domain or {}))
            return [SlotSet("a", 1), {"no": "event"}, "nonsense", None]

    class Plain(Action):
        def name(self) -> str:
            return "plain"

        def run(self, dispatcher: Any, tracker: Any, domain: Any) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
            dispatcher.utter_message(text="plain")

    async def streams_on(dispatcher: Any, tracker: Any, domain: Any) -> Any:
        await dispatcher.stream_start()
        await dispatcher.stream_chunk("one", unknown=1)
        await dispatcher.stream_chunk(buttons=[{"title": "b"}])
        return [SlotSet("s", True)]

    async def rejects(dispatcher: Any, tracker: Any, domain: Any) -> Any:
        raise ActionExecutionRejection("rejects", "not now")

    async def fails(dispatcher: Any, tracker: Any, domain: Any) -> Any:
        raise ValueError("broken")

    executor = ActionExecutor()
    executor.register_action(Says)
    executor.register_action(Plain())
    executor.register_action(Plain)
    executor.register_function("streams", streams_on)
    executor.register_function("rejects", rejects)
    executor.register_function("fails", fails)
    return executor


def a_call(name: str | None, **changes: Any) -> dict[str, Any]:
    domain: dict[str, Any] = {"intents": ["go"]}
    return {
        "next_action": name,
        "sender_id": "ada",
        "tracker": a_state(),
        "domain": domain,
        "version": "3.21.0",
        **changes,
    }


@scenario
async def an_executor_runs() -> Any:
    executor = an_executor()
    found: list[Any] = [executor.list_actions(), sorted(executor.__getstate__()), list(executor.actions)]
    for name in ("says", "plain", "streams", "rejects", "fails", "nothing", None, ""):
        found.append([name, await attempt_later(executor.run, a_call(name))])
        queue: asyncio.Queue[Any] = asyncio.Queue()
        streamed = await attempt_later(executor.run_streaming, a_call(name), queue)
        found.append([streamed, [plain(queue.get_nowait()) for _ in range(queue.qsize())]])
    found.append(await attempt_later(executor.run, {"next_action": "says"}))
    found.append(await attempt_later(executor.run, {}))
    return found


@scenario
async def an_executor_keeps_the_domain() -> Any:
    executor = an_executor()
    found: list[Any] = []
    for changes in (
        {"domain": None},
        {"domain": None, "domain_digest": "1"},
        {"domain": {"a": 1}, "domain_digest": "1"},
        {"domain": None, "domain_digest": "1"},
        {"domain": None, "domain_digest": "2"},
        {"domain": None},
        {"domain": {}, "domain_digest": "3"},
        {"domain": {"b": 1}},
        {"domain": None, "domain_digest": None},
    ):
        found.append(await attempt_later(executor.run, a_call("says", **changes)))
        found.append([executor.domain, executor.domain_digest, executor.is_domain_digest_valid("1")])
    return found


@scenario
def wrong_registrations() -> Any:
    from rasa_sdk import Action
    from rasa_sdk.executor import ActionExecutor

    class BuiltIn(Action):
        __module__ = "rasa.core.actions"

        def name(self) -> str:
            return "built_in"

    executor = ActionExecutor()
    executor.register_action(BuiltIn)
    return [
        attempt(executor.register_action, "text"),
        attempt(executor.register_action, dict),
        attempt(executor.register_function, "f", lambda a, b: None),
        attempt(executor.register_function, "f", lambda a, b, c, d=1: None),
        attempt(executor.register_function, "f", lambda a, b, c: None),
        attempt(executor.register_action, Action),
        list(executor.actions),
        executor.validate_events([], "a"),
    ]


def write(folder: Path, name: str, source: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(source), encoding="utf-8")
    return path


ACTION = """
from rasa_sdk import Action
class {kind}(Action):
    def name(self):
        return "{name}"
    async def run(self, dispatcher, tracker, domain):
        return []
"""


@scenario
def packages() -> Any:
    from rasa_sdk.executor import ActionExecutor

    gc.collect()
    folder = Path(tempfile.mkdtemp())
    write(folder, "tried_actions/__init__.py", "")
    first = write(folder, "tried_actions/first.py", ACTION.format(kind="First", name="first"))
    write(folder, "tried_actions/deep/__init__.py", "")
    write(folder, "tried_actions/deep/second.py", ACTION.format(kind="Second", name="second"))
    write(folder, "tried_names/third.py", ACTION.format(kind="Third", name="third"))
    write(
        folder,
        "tried_abstract.py",
        "from abc import abstractmethod\n"
        + ACTION.format(kind="Fourth", name="4th")
        + "    @abstractmethod\n    def more(self): ...\nfrom abc import ABC\nclass Fifth(Fourth, ABC): pass\n",
    )
    write(folder, "tried_broken.py", "import not_there_at_all\n")
    sys.path.insert(0, str(folder))
    names: list[Any] = []

    def note(executor: Any) -> None:
        names.append(sorted(set(executor.actions) & {"first", "second", "third", "new", "changed", "4th"}))

    try:
        executor = ActionExecutor()
        executor.register_package("tried_actions")
        note(executor)
        names.append(sorted(executor._registered_packages))
        names.append(sorted(Path(path).name for path in executor._modules))
        executor.reload()
        write(folder, "tried_actions/first.py", ACTION.format(kind="First", name="changed"))
        os.utime(first, (2_000_000_000, 2_000_000_000))
        write(folder, "tried_actions/new.py", ACTION.format(kind="New", name="new"))
        names.append([Path(path).name for path in executor._find_modules_to_reload()])
        executor.reload()
        note(executor)
        write(folder, "tried_actions/first.py", "def broken(:\n")
        os.utime(first, (2_000_000_100, 2_000_000_100))
        names.append(attempt(executor.reload))
        names.append(attempt(executor._find_modules_to_reload) and True)
        first.unlink()
        names.append(attempt(executor._find_modules_to_reload))
        import tried_abstract  # pyright: ignore[reportMissingImports]

        executor = ActionExecutor()
        executor.register_package("tried_names")
        executor.register_package(tried_abstract)
        note(executor)
        names.append(sorted(executor._registered_packages))
        for name in ("tried_nowhere", "tried_broken"):
            try:
                executor.register_package(name)
            except SystemExit as error:
                names.append(f"exit {error.code}")
    finally:
        sys.path.remove(str(folder))
    return names


# Forms


@scenario
async def forms() -> Any:
    from rasa_sdk import FormValidationAction, Tracker, ValidationAction
    from rasa_sdk.executor import CollectingDispatcher

    class Trip(FormValidationAction):
        def name(self) -> str:
            return "validate_trip_form"

        def validate_city(self, value: Any, dispatcher: Any, tracker: Any, domain: Any) -> Any:
            dispatcher.utter_message(text=f"{value}?")
            return {"city": value.upper(), "extra": tracker.get_slot("extra")}

        async def validate_day(self, value: Any, dispatcher: Any, tracker: Any, domain: Any) -> Any:
            return {"day": tracker.get_slot("city")}

        def validate_odd_one(self, value: Any, dispatcher: Any, tracker: Any, domain: Any) -> Any:
            return value

    class Asking(Trip):
        async def required_slots(self, domain_slots: Any, dispatcher: Any, tracker: Any, domain: Any) -> Any:
            return [*domain_slots, "more-slots", "missing"]

        async def extract_more_slots(self, dispatcher: Any, tracker: Any, domain: Any) -> Any:
            return {"more-slots": "found"}

        def extract_day(self, dispatcher: Any, tracker: Any, domain: Any) -> Any:
            return "wrong"

    class Global(ValidationAction):
        async def extract_free(self, dispatcher: Any, tracker: Any, domain: Any) -> Any:
            return {"free": "yes", "other": 1}

        def validate_free(self, value: Any, dispatcher: Any, tracker: Any, domain: Any) -> Any:
            return {"free": value + "!"}

    domain: Any = {
        "slots": {
            "city": {"mappings": [{"type": "from_text", "conditions": [{"active_loop": "trip_form"}]}]},
            "free": {"mappings": [{"type": "custom"}]},
            "bare": {},
        },
        "forms": {"trip_form": {"required_slots": ["city", "day", "odd-one", "unchecked"]}},
    }
    slots = [
        {"event": "slot", "name": name, "value": f"{name}!"}
        for name in ("city", "day", "odd-one", "unchecked", "stranger", "free")
    ]
    found: list[Any] = []
    for action in (Trip(), Asking(), Global()):
        for kept in (domain, {"forms": {"trip_form": {}}}, {}):
            dispatcher = CollectingDispatcher()
            tracker = Tracker.from_dict(a_state(events=[{"event": "user"}, *slots]))  # pyright: ignore[reportArgumentType]
            events = await attempt_later(action.run, dispatcher, tracker, kept)
            found.append([events, dispatcher.messages, tracker.slots, len(tracker.events)])
            found.append([action.domain_slots(kept), action.global_slots(kept)])
            found.append(await attempt_later(action.get_extraction_events, dispatcher, tracker, kept))
            found.append(await attempt_later(action.get_validation_events, dispatcher, tracker, kept))
    found.append([Trip().form_name(), Trip._is_mapped_to_form({"mappings": [{}]})])
    found.append(await Asking().next_requested_slot(CollectingDispatcher(), tracker, domain))
    return found


# Slots


@scenario
def slot_mappings() -> Any:
    from rasa_sdk import Tracker
    from rasa_sdk.slots import SlotMapping

    tracker = Tracker.from_dict(a_state())  # pyright: ignore[reportArgumentType]
    idle = Tracker.from_dict(a_state(active_loop={}))  # pyright: ignore[reportArgumentType]
    condition = {"conditions": [{"active_loop": "trip_form"}]}
    domains: list[Any] = [
        {"forms": {"trip_form": {"ignored_intents": ignored}}} for ignored in ("go", ["go"], [])
    ]
    mappings: list[Any] = [
        {},
        {"intent": "go"},
        {"intent": ["stay"]},
        {"not_intent": "go"},
        {"not_intent": []},
        condition,
        {**condition, "intent": "go"},
        {"intent": None, "not_intent": None},
    ]
    entities: list[Any] = [
        {"entity": "city"},
        {"entity": "city", "role": "to"},
        {"entity": "city", "role": "to", "group": "9"},
        {"entity": "x"},
        {},
    ]
    return [
        [str(kind) for kind in SlotMapping],
        [SlotMapping.to_list(value) for value in (None, 1, [2], "")],
        SlotMapping.from_entity("e", "i", ["n"], "r", "g"),
        SlotMapping.from_intent(1, ["i"]),
        SlotMapping.from_trigger_intent(1, not_intent="n"),
        SlotMapping.from_text(),
        [
            SlotMapping.intent_is_desired(mapping, which, domain)
            for mapping in mappings
            for which in (tracker, idle)
            for domain in domains
        ],
        [SlotMapping.entity_is_desired(mapping, tracker) for mapping in entities],
    ]


# Small things


@scenario
async def small_things() -> Any:
    from rasa_sdk import utils

    class Parent: ...

    class Child(Parent): ...

    class Grandchild(Child): ...

    class Only(metaclass=utils.Singleton): ...

    async def later() -> int:
        return 1

    first = Only()
    is_same = Only() is first
    utils.Singleton.clear()
    return [
        utils.Element(title="t", colour="c", buttons=[]),
        utils.Element({"colour": "c"}),
        utils.Button(title="b", x=1),
        [kind.__name__ for kind in utils.all_subclasses(Parent)],
        list(utils.arguments_of(lambda a, *b, c=1: None)),
        [await utils.call_potential_coroutine(value) for value in (later(), 2, None)],
        [is_same, Only() is first],
    ]


@scenario
def versions() -> Any:
    from rasa_sdk import utils

    return [
        utils.check_version_compatibility(version) for version in (None, "3.21.9", "3.20.1", "2", "", "3.21")
    ]


@scenario
def workers() -> Any:
    from rasa_sdk import utils

    found = []
    for asked in ("1", "4", "0", "-2", "many", ""):
        with mock.patch.dict(os.environ, {"ACTION_SERVER_SANIC_WORKERS": asked}):
            found.append(utils.number_of_sanic_workers())
    found.append(utils.number_of_sanic_workers())
    return found


@scenario
def files() -> Any:
    from rasa_sdk import utils

    folder = Path(tempfile.mkdtemp())
    good = write(
        folder, "good.yml", 'a: yes\nb: [1, "two"]\nc: 1e3\nd: 0o14\ne: null\nf: "\\U0001F600"\ng: é\n'
    )
    twice = write(folder, "twice.yml", "a: 1\na: 2\n")
    bad = write(folder, "bad.yml", "a: [1\nb: 2\n")
    (folder / "latin.txt").write_bytes("é".encode("latin-1"))
    empty = write(folder, "empty.yml", "")
    return [
        attempt(utils.read_yaml_file, good),
        attempt(utils.read_yaml_file, str(empty)),
        attempt(utils.read_yaml_file, twice),
        attempt(utils.read_yaml_file, bad),
        attempt(utils.read_yaml, "- 1\n- a: b"),
        attempt(utils.read_yaml, "a: 'b'", "rt"),
        attempt(utils.read_file, str(good)),
        attempt(utils.read_file, folder / "latin.txt"),
        attempt(utils.read_file, folder / "latin.txt", "latin-1"),
        attempt(utils.read_file, folder / "none.txt"),
        attempt(utils.read_yaml_file, folder / "none.yml"),
        attempt(lambda path: list(utils.file_as_bytes(path)), str(folder / "latin.txt")),
        attempt(utils.file_as_bytes, str(folder / "none.txt")),
        attempt(lambda: str(utils.YamlSyntaxException())),
        attempt(lambda: str(utils.YamlSyntaxException("f.yml"))),
        attempt(lambda: str(utils.YamlSyntaxException("f.yml", ValueError('in "<unicode string>", line 1')))),
    ]


@scenario
def logging_options() -> Any:
    from rasa_sdk import utils

    folder = Path(tempfile.mkdtemp())
    named = logging.getLogger("tried.logger")
    utils.configure_file_logging(named, None, logging.INFO, None)
    before = [named.level, len(named.handlers)]
    utils.configure_file_logging(named, str(folder / "a.log"), 0, None)
    named.error("written")
    text = (folder / "a.log").read_text().split("[", 1)[1]
    config = write(folder, "log.yml", "version: 1\nloggers:\n  tried.other:\n    level: ERROR\n")
    utils.configure_file_logging(named, None, 0, str(config))
    wrong = write(folder, "wrong.yml", "version: 7\n")
    utils.configure_logging_from_input_file(wrong)
    utils.configure_colored_logging(logging.WARNING)
    with mock.patch.dict(os.environ, {"LOG_LEVEL_LIBRARIES": "CRITICAL"}):
        utils.update_sanic_log_level()
    logging.getLogger().setLevel(logging.DEBUG)
    sanic = [logging.getLogger(name) for name in ("sanic.root", "sanic.error", "sanic.access")]
    logged = [before, named.level, len(named.handlers), text, logging.getLogger("tried.other").level]
    return [*logged, [[logger.level, logger.propagate] for logger in sanic]]


@scenario
def command_lines() -> Any:
    from rasa_sdk.cli.arguments import action_arg
    from rasa_sdk.endpoint import create_argument_parser, create_ssl_config

    parser = create_argument_parser()
    found: list[Any] = [attempt(action_arg, "a/b"), action_arg("a.b")]
    for line in (
        "",
        "-p 5 --cors * x --actions a --grpc -v",
        "--debug --actions-module m --auto-reload --endpoints e --log-file f --logging-config_file g",
        "-vv --quiet --ssl-keyfile k --ssl-certificate c --ssl-password p --ssl-ca-file a",
        "--quiet --verbose --cors",
    ):
        found.append(vars(parser.parse_args(line.split())))
    for line in ("--actions a/b", "--port x", "--unknown"):
        with mock.patch("sys.stderr"):
            try:
                found.append(vars(parser.parse_args(line.split())))
            except SystemExit as error:
                found.append(f"exit {error.code}")
    found.append([parser.description, create_ssl_config(None, "k"), create_ssl_config("c", "k", "p")])
    return found


# Knowledge base


@scenario
async def a_knowledge_base() -> Any:
    from rasa_sdk import Tracker
    from rasa_sdk.executor import CollectingDispatcher
    from rasa_sdk.knowledge_base.actions import ActionQueryKnowledgeBase
    from rasa_sdk.knowledge_base.storage import InMemoryKnowledgeBase, KnowledgeBase

    folder = Path(tempfile.mkdtemp())
    data = {
        "hotel": [
            {"id": 1, "name": "Berlin Wall", "city": "Berlin", "wifi": False},
            {"id": 2, "name": "B&B", "city": "Berlin", "wifi": True},
            {"id": 3, "name": "Bergmann", "city": "Wien", "wifi": True},
        ],
        "empty": [],
    }
    base = InMemoryKnowledgeBase(str(write(folder, "data.json", json.dumps(data))))
    found: list[Any] = [
        attempt(InMemoryKnowledgeBase, "nowhere.json") and True,
        attempt(InMemoryKnowledgeBase, str(write(folder, "bad.json", "{"))).split(":")[0],
        base.get_object_types(),
        await base.get_attributes_of_object("hotel"),
        await base.get_attributes_of_object("empty"),
        await base.get_attributes_of_object("none"),
        await base.get_object("hotel", "2"),
        await base.get_object("hotel", "bergmann"),
        await base.get_object("hotel", "b"),
        await base.get_object("none", "b"),
        await base.get_objects("none", []),
        sorted(
            found["id"] for found in await base.get_objects("hotel", [{"name": "city", "value": "Berlin"}])
        ),
        len(await base.get_objects("hotel", [], limit=2)),
        sorted(base.ordinal_mention_mapping),
        [base.ordinal_mention_mapping[key](["a", "b"]) for key in ("1", "2", "LAST")],
        await base.get_key_attribute_of_object("hotel"),
        (await base.get_representation_function_of_object("hotel"))({"name": "n"}),
    ]
    for method, given in (
        ("get_attributes_of_object", ["a"]),
        ("get_objects", ["a", []]),
        ("get_object", ["a", "b"]),
        ("get_object_types", []),
    ):
        told = await attempt_later(getattr(KnowledgeBase(), method), *given)
        found.append(told.split(":")[0])
    action = ActionQueryKnowledgeBase(base)
    found.append(action.name())
    asks: list[tuple[dict[str, Any], list[Any]]] = [
        ({}, []),
        ({"object_type": "hotel", "city": "Wien"}, []),
        ({"object_type": "hotel", "city": "Rome"}, []),
        ({"object_type": "hotel", "attribute": "wifi", "hotel": "B&B"}, [{"entity": "attribute"}]),
        ({"object_type": "hotel", "attribute": "wifi", "hotel": "Berlin Wall"}, [{"entity": "attribute"}]),
        ({"object_type": "hotel", "attribute": "stars", "hotel": "B&B"}, [{"entity": "attribute"}]),
        ({"object_type": "hotel", "attribute": "city"}, [{"entity": "attribute"}]),
        (
            {
                "attribute": "city",
                "mention": "2",
                "knowledge_base_listed_objects": [1, 3],
                "knowledge_base_last_object_type": "hotel",
            },
            [{"entity": "attribute"}],
        ),
        (
            {
                "attribute": "city",
                "mention": "it",
                "knowledge_base_last_object": 2,
                "knowledge_base_last_object_type": "hotel",
            },
            [{"entity": "attribute"}],
        ),
        ({"city": "Wien"}, [{"entity": "hotel"}]),
        ({"attribute": "city", "hotel": "B&B"}, [{"entity": "hotel"}, {"entity": "attribute"}]),
    ]
    for slots, entities in asks:
        dispatcher = CollectingDispatcher()
        tracker = Tracker.from_dict(a_state(slots=slots, latest_message={"entities": entities}))  # pyright: ignore[reportArgumentType]
        events = await attempt_later(action.run, dispatcher, tracker, {})
        found.append([events, [message["text"] or message["response"] for message in dispatcher.messages]])
    return found


# HTTP


@scenario
async def over_http() -> Any:
    from rasa_sdk.endpoint import create_app
    from sanic import Sanic  # pyright: ignore[reportMissingImports]

    Sanic.test_mode = True
    app = create_app(an_executor(), cors_origins="*")
    found: list[Any] = []
    async with Served(app) as served:
        found.append(await served.ask("GET", "/health"))
        found.append(await served.ask("GET", "/actions"))
        for call in (
            a_call("says"),
            a_call("rejects"),
            a_call("fails"),
            a_call("nothing"),
            a_call(None),
            a_call("says", domain=None),
            a_call("says", version=None),
            a_call("streams", version="2.0.0"),
            None,
        ):
            found.append(await served.ask("POST", "/webhook", json.dumps(call).encode()))
        deflated = zlib.compress(json.dumps(a_call("says")).encode())
        found.append(await served.ask("POST", "/webhook", deflated, {"Content-Encoding": "deflate"}))
        found.append(await served.ask("GET", "/webhook"))
        found.append(await served.ask("POST", "/nowhere", b"{}"))
        found.append((await served.ask("POST", "/webhook", b"{no"))[0])
    return found


@scenario
async def across_origins() -> Any:
    from rasa_sdk.cors import build_policy
    from rasa_sdk.endpoint import create_app
    from sanic import Sanic  # pyright: ignore[reportMissingImports]

    Sanic.test_mode = True
    settings: list[Any] = [
        "*",
        "",
        None,
        ["http://a.com"],
        ["http://b.com", "http://a.com"],
        ["https://*.example.com"],
        [r"https://.*\.example\.com", "http://a.com"],
        ["http://x[", " ", "*x"],
    ]
    asked = [
        {},
        {"Origin": "http://a.com"},
        {"Origin": "HTTP://A.com"},
        {"Origin": "https://x.example.com"},
        {"Origin": "https://x.example.com.attacker.example"},
        {
            "Origin": "http://a.com",
            "Access-Control-Request-Method": "post",
            "Access-Control-Request-Headers": "x-b, x-a,",
        },
        {"Origin": "http://a.com", "Access-Control-Request-Method": "TRACE"},
    ]
    found: list[Any] = []
    for number, origins in enumerate(settings):
        policy = build_policy(origins)
        patterns = [pattern.pattern for pattern in policy.patterns]
        found.append(
            [policy.allow_all, policy.literals, patterns, policy.origin_can_vary, policy.is_pattern_only]
        )
        Sanic._app_registry.clear()
        app = create_app(an_executor(), cors_origins=origins)
        async with Served(app) as served:
            for headers in asked:
                for method, path in (("OPTIONS", "/webhook"), ("GET", "/health"), ("GET", "/nothing")):
                    if method == "GET" and number > 4 and path == "/nothing":
                        continue
                    found.append(await served.ask(method, path, headers=headers))
    return found


class Served:
    """A Sanic app asked through ASGI, without a socket."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __aenter__(self) -> "Served":
        self.app.asgi = True
        await self.app._startup()
        return self

    async def __aexit__(self, *_: object) -> None:
        from sanic import Sanic  # pyright: ignore[reportMissingImports]

        Sanic._app_registry.clear()

    async def ask(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> list[Any]:
        sent: list[dict[str, Any]] = []
        raw = [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "scheme": "http",
            "headers": [
                (b"host", b"here"),
                (b"content-length", str(len(body)).encode()),
                (b"content-type", b"application/json"),
                *raw,
            ],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
        }

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        start = next(message for message in sent if message["type"] == "http.response.start")
        text = b"".join(message.get("body", b"") for message in sent)
        told = {
            name.decode().lower(): value.decode()
            for name, value in start["headers"]
            if name.lower() in {b"content-type", b"vary"} or b"access-control" in name.lower()
        }
        try:
            answer = json.loads(text)
        except ValueError:
            answer = "text"
        if isinstance(answer, dict) and "path" in answer:
            answer = "error page"
        return [start["status"], answer, told]


@scenario
def serving() -> Any:
    from rasa_sdk import __main__ as program
    from rasa_sdk import endpoint
    from sanic import Sanic  # pyright: ignore[reportMissingImports]

    Sanic.test_mode = True
    told: list[Any] = []
    with (
        mock.patch.object(Sanic, "serve") as serve,
        mock.patch.object(Sanic, "prepare") as prepare,
        mock.patch.dict(os.environ, {"SANIC_HOST": "127.0.0.1", "ACTION_SERVER_SANIC_WORKERS": "2"}),
    ):
        endpoint.run(an_executor(), 1, "*", "cert", "key", "pass")
        told.append([dict(prepare.call_args.kwargs), sorted(serve.call_args.kwargs)])
        Sanic._app_registry.clear()
    with (
        mock.patch.object(program, "run") as run,
        mock.patch.object(program, "run_grpc", new=mock.AsyncMock()) as run_grpc,
        mock.patch("sys.argv", ["program", "--port", "7", "--cors", "a", "b", "--quiet"]),
    ):
        program.main()
        told.append([plain(run.call_args.args[1:]), dict(run.call_args.kwargs)])
        with mock.patch("sys.argv", ["program", "--grpc", "--endpoints", "e.yml"]):
            program.main()
        told.append([plain(run_grpc.call_args.args[1:]), dict(run_grpc.call_args.kwargs)])
    logging.getLogger().setLevel(logging.DEBUG)
    return told


@scenario
def plugins() -> Any:
    from rasa_sdk import plugin

    plugin.plugin_manager.cache_clear()
    manager = plugin.plugin_manager()
    with mock.patch.dict(sys.modules, {"rasa_sdk_plugins": mock.Mock()}) as modules:
        plugin.plugin_manager.cache_clear()
        plugin.plugin_manager()
        calls = modules["rasa_sdk_plugins"].init_hooks.call_count
    plugin.plugin_manager.cache_clear()
    return [manager.project_name, manager.hook.attach_sanic_app_extensions(app=None), calls]


# gRPC


class Context:
    """The server's side of one call."""

    def __init__(self, *, cancelled: bool = False) -> None:
        self.told: list[Any] = []
        self.is_cancelled = cancelled

    def invocation_metadata(self) -> Any:
        return (("user-agent", "tried"),)

    def cancelled(self) -> bool:
        return self.is_cancelled

    def set_code(self, code: Any) -> None:
        self.told.append(code.name)

    def set_details(self, details: str) -> None:
        self.told.append(details)


def without_ids(events: list[Any]) -> list[Any]:
    numbers: dict[str, str] = {}
    text = json.dumps(events)
    found = re.findall(r'"response_id": "([0-9a-f]{32})"', text)
    for number in found:
        numbers.setdefault(number, f"id {len(numbers) + 1}")
        text = text.replace(number, numbers[number])
    return json.loads(text)


@scenario
async def over_grpc() -> Any:
    from google.protobuf.json_format import ParseDict
    from rasa_sdk.grpc_py.action_webhook_pb2 import ActionsRequest, StreamChunkAck, WebhookRequest
    from rasa_sdk.grpc_server import GRPCActionServerWebhook

    servicer: Any = GRPCActionServerWebhook(an_executor(), auto_reload=True)
    found: list[Any] = [plain(await servicer.Actions(ActionsRequest(), Context()))]
    for name in ("says", "plain", "streams", "rejects", "fails", "nothing", ""):
        body = a_call(name, domain={"intents": [{"string_value": "go"}]})
        request = ParseDict(body, WebhookRequest())
        context = Context()
        found.append([await attempt_later(servicer.Webhook, request, context), context.told])
        context = Context()
        events = [plain(event) async for event in servicer.WebhookStream(request, context)]
        found.append([without_ids(events), context.told])
        gone = Context(cancelled=True)
        found.append([[plain(event) async for event in servicer.WebhookStream(request, gone)], gone.told])
    bare = WebhookRequest(next_action="says", version="3.21.1")
    context = Context()
    found.append([await attempt_later(servicer.Webhook, bare, context), context.told])
    found.append(plain(await servicer.AckStreamChunks(StreamChunkAck(response_id="x"), Context())))
    return found


@scenario
async def interrupted_over_grpc() -> Any:
    from rasa_sdk.events import SlotSet
    from rasa_sdk.executor import ActionExecutor
    from rasa_sdk.grpc_py.action_webhook_pb2 import StreamChunkAck, WebhookRequest
    from rasa_sdk.grpc_server import GRPCActionServerWebhook

    async def counts(dispatcher: Any, tracker: Any, domain: Any) -> Any:
        await dispatcher.stream_start()
        for number in range(50):
            await dispatcher.stream_chunk(str(number))
            await asyncio.sleep(0.01)
            if dispatcher.is_streaming_cancelled:
                break
        await dispatcher.stream_end()
        return [SlotSet("cancelled", dispatcher.is_streaming_cancelled)]

    async def never_ends(dispatcher: Any, tracker: Any, domain: Any) -> Any:
        await dispatcher.stream_start()
        await dispatcher.stream_chunk("a")
        await dispatcher.stream_start()
        for _ in range(1000):
            await dispatcher.stream_chunk("b")
            await asyncio.sleep(0.01)

    executor = ActionExecutor()
    executor.register_function("counts", counts)
    executor.register_function("never_ends", never_ends)
    found: list[Any] = []
    for name in ("counts", "never_ends"):
        servicer: Any = GRPCActionServerWebhook(executor, stream_barge_in_timeout_seconds=0.2)
        request = WebhookRequest(next_action=name, version="3.21.1")
        request.domain.SetInParent()
        request.tracker.sender_id = "ada"
        request.domain.forms.update({"f": 1})
        kinds: list[Any] = []
        async for event in servicer.WebhookStream(request, Context()):
            kind = event.WhichOneof("event")
            if kind == "chunk" and "chunk" not in kinds:
                await servicer.AckStreamChunks(StreamChunkAck(response_id=event.chunk.response_id), Context())
            if kind == "final_result":
                kinds.append(plain(event))
            elif kind not in kinds:
                kinds.append(kind)
        found.append([kinds, len(servicer._dispatcher_registry)])
    return found


@scenario
def barge_in_settings() -> Any:
    from rasa_sdk.grpc_server import GRPCActionServerWebhook, _resolve_stream_barge_in_timeout_seconds

    found = [_resolve_stream_barge_in_timeout_seconds(given) for given in (None, 3.0, 0)]
    for asked in ("5", "0", "-1", "soon"):
        with mock.patch.dict(os.environ, {"ACTION_SERVER_STREAM_BARGE_IN_TIMEOUT_SECONDS": asked}):
            found.append(GRPCActionServerWebhook(mock.Mock())._stream_barge_in_timeout_seconds)
    return found


@scenario
def a_grpc_server() -> Any:
    from rasa_sdk import grpc_server

    folder = Path(tempfile.mkdtemp())
    found: list[Any] = []
    with (
        mock.patch.object(grpc_server, "aio") as aio,
        mock.patch.object(grpc_server.grpc, "ssl_server_credentials", return_value="secret") as credentials,
    ):
        server = aio.server.return_value
        for certificate, key, authority in (
            (None, None, None),
            (b"c", b"k", None),
            (b"c", b"k", b"a"),
            (b"c", None, b"a"),
        ):
            grpc_server._initialise_grpc_server(
                an_executor(), 9, 3, certificate, key, authority, False, str(folder / "none.yml")
            )
        found.append([call.args for call in server.add_insecure_port.call_args_list])
        found.append([[call.args, call.kwargs] for call in server.add_secure_port.call_args_list])
        found.append([call.kwargs for call in credentials.call_args_list])
        found.append([str(aio.server.call_args.kwargs), server.add_generic_rpc_handlers.call_count])
    return found


@scenario
def messages_of_grpc() -> Any:
    from rasa_sdk.grpc_errors import ActionExecutionFailed, ResourceNotFound, ResourceNotFoundType
    from rasa_sdk.grpc_py import action_webhook_pb2, action_webhook_pb2_grpc

    described: list[Any] = []
    for name, message in sorted(action_webhook_pb2.DESCRIPTOR.message_types_by_name.items()):
        fields = [
            [field.name, field.number, field.type, field.is_repeated, field.has_presence]
            for field in message.fields
        ]
        described.append([name, message.full_name, fields])
    server = mock.Mock()
    action_webhook_pb2_grpc.add_ActionServiceServicer_to_server(mock.Mock(), server)
    channel = mock.Mock()
    action_webhook_pb2_grpc.ActionServiceStub(channel)
    context = mock.Mock()
    return [
        described,
        sorted(server.add_registered_method_handlers.call_args.args[1]),
        server.add_registered_method_handlers.call_args.args[0],
        [call.args[0] for call in channel.unary_unary.call_args_list + channel.unary_stream.call_args_list],
        attempt(action_webhook_pb2_grpc.ActionServiceServicer().Webhook, None, context),
        context.set_details.call_args.args,
        ActionExecutionFailed(action_name="a", message="m").model_dump_json(),
        ResourceNotFound(
            action_name="a", message="m", resource_type=ResourceNotFoundType.DOMAIN
        ).model_dump_json(),
        [str(kind) for kind in ResourceNotFoundType],
    ]


# Tracing


@scenario
def tracing_settings() -> Any:
    from rasa_sdk.tracing import config, endpoints
    from rasa_sdk.tracing import utils as tracing_utils

    folder = Path(tempfile.mkdtemp())
    found: list[Any] = []
    files = {
        "none": "other: {}\n",
        "jaeger": "tracing:\n  type: jaeger\n  host: h\n  port: 1\n  username: u\n  password: p\n  service_name: s\n",
        "otlp": "tracing:\n  type: otlp\n  endpoint: localhost:4318\n  insecure: true\n",
        "unknown": "tracing:\n  type: zipkin\n",
        "store": "tracing:\n  type: a\n  store_type: b\n  url: u\n  x: 1\n  token: t\n",
    }
    for name, text in files.items():
        path = write(folder, f"{name}.yml", text)
        read = endpoints.read_endpoint_config(str(path), "tracing")
        found.append([name, plain(vars(read)) if read else None])
        if name == "store":
            continue
        with mock.patch.object(config, "OTLPSpanExporter") as exporter:
            provider = config.get_tracer_provider(str(path))
            found.append([plain(exporter.call_args and exporter.call_args.kwargs), type(provider).__name__])
            if provider is not None:
                found.append(plain(dict(provider.resource.attributes).get("service.name")))
    found.append(endpoints.read_endpoint_config("", "tracing"))
    found.append(endpoints.read_endpoint_config(str(folder / "no.yml"), "tracing"))
    found.append(tracing_utils.get_tracer_provider(str(folder / "no.yml")))
    headers = config.JaegerTracerConfigurer._build_headers({"username": "u", "password": "p"})
    found.append([headers, config.JaegerTracerConfigurer._build_headers({})])
    found.append(config.TRACING_SERVICE_NAME)
    return found


@scenario
async def spans() -> Any:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
    from rasa_sdk import FormValidationAction, Tracker, ValidationAction
    from rasa_sdk.executor import ActionExecutor, CollectingDispatcher
    from rasa_sdk.tracing import utils as tracing_utils
    from rasa_sdk.tracing.instrumentation import instrumentation
    from rasa_sdk.tracing.tracer_register import ActionExecutorTracerRegister

    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))

    class Executor(ActionExecutor): ...

    class Validation(ValidationAction):
        def validate_free(self, *given: Any) -> Any:
            return {"free": "x"}

    class Form(FormValidationAction):
        def name(self) -> str:
            return "validate_trip_form"

        async def required_slots(self, domain_slots: Any, *given: Any) -> Any:
            return ["free"]

        def validate_free(self, *given: Any) -> Any:
            return {"free": None}

    class Stranger:
        async def walk(self, far: int) -> int:
            return far

        def sit(self) -> int:
            return 0

    for _ in range(2):
        instrumentation.instrument(provider, Executor, Validation, Form)
    executor = Executor()
    executor.actions = an_executor().actions
    await executor.run(a_call("says"))
    await attempt_later(executor.run, a_call("fails"))
    tracker = Tracker.from_dict(a_state(events=[{"event": "slot", "name": "free", "value": 1}]))  # pyright: ignore[reportArgumentType]
    domain: Any = {"slots": {"free": {}}}
    await Validation().run(CollectingDispatcher(), tracker.copy(), domain)
    await Form().run(CollectingDispatcher(), tracker.copy(), domain)
    tracer = provider.get_tracer("tried")
    walk = instrumentation.traceable_async(Stranger.walk, tracer, lambda self, far: {"far": far})  # pyright: ignore[reportArgumentType]
    sit = instrumentation.traceable(Stranger.sit, tracer, lambda self, other: {"other": other})  # pyright: ignore[reportArgumentType]
    done = [await walk(Stranger(), 3), sit(Stranger())]  # pyright: ignore[reportCallIssue]
    span = mock.Mock()
    tracing_utils.set_span_attributes(span, a_call("says"))
    span.is_recording.return_value = False
    tracing_utils.set_span_attributes(span, {})
    carrier = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
    _, context = tracing_utils.get_tracer_and_context("s", provider, carrier)  # pyright: ignore[reportArgumentType]
    return [
        [[span.name, dict(span.attributes or {})] for span in exporter.get_finished_spans()],
        done,
        [call.args for call in span.set_attribute.call_args_list],
        bool(context),
        tracing_utils.get_tracer_and_context("s", None, None)[1],
        ActionExecutorTracerRegister().get_tracer() is not None,
        [instrumentation.class_is_instrumented(kind) for kind in (Executor, ActionExecutor, Form)],
        instrumentation._mangled_instrumented_boolean_attribute_name(Form),
    ]


# The inside, which servers and tests of their own have come to use


@scenario
async def inside_the_grpc_server() -> Any:
    from google.protobuf.json_format import MessageToDict
    from rasa_sdk import grpc_server
    from rasa_sdk.executor import ActionExecutorRunResult

    result = ActionExecutorRunResult(events=[{"event": "a"}], responses=[{"text": None, "n": 1}])
    chunk = {
        "event": "stream_chunk",
        "text": "t",
        "custom": {"a": [1, None]},
        "buttons": [{"title": "b"}],
        "x": 1,
    }
    found: list[Any] = [
        grpc_server._build_chunk_event(chunk, "1"),
        grpc_server._build_final_result_event(result),
        grpc_server._build_final_result_event(None),
        MessageToDict(grpc_server._build_empty_final_result_event()),
        dict(grpc_server._convert_metadata_to_multidict((("a", "1"), ("a", "2"))) or {}),  # pyright: ignore[reportArgumentType]
        grpc_server._convert_metadata_to_multidict(None),
        grpc_server._get_signal_name(2),
        grpc_server.GRPC_ACTION_SERVER_NAME,
    ]
    for error in (ValueError("broken"), None, "text"):
        context = Context()
        found.append([plain(grpc_server._handle_stream_error_event(error, "a", context)), context.told])
    for events, cancelled in (
        ([{"event": "stream_chunk"}, {"event": "stream_done", "result": result}], False),
        ([{"event": "stream_error", "exception": ValueError("broken")}], False),
        ([{"event": "stream_done", "result": None}], False),
        ([{"event": "stream_done", "result": result}], True),
        ([], False),
    ):
        sink: asyncio.Queue[Any] = asyncio.Queue()
        for event in events:
            sink.put_nowait(event)
        context, span = Context(cancelled=cancelled), mock.Mock()
        drained = [
            plain(event)
            async for event in grpc_server._drain_to_terminal(
                sink, "a", span, a_call("a"), context, deadline=asyncio.get_running_loop().time() + 0.05
            )
        ]
        found.append([drained, context.told, span.set_attribute.call_count])

    async def takes(seconds: float, error: Exception | None = None) -> None:
        await asyncio.sleep(seconds)
        if error is not None:
            raise error

    for seconds, error, left in (
        (0.0, None, 1.0),
        (5.0, None, 0.02),
        (5.0, None, -1.0),
        (0.0, ValueError("broken"), 1.0),
    ):
        task = asyncio.ensure_future(takes(seconds, error))
        await grpc_server._await_barge_in_run_task(task, "a", asyncio.get_running_loop().time() + left)
        found.append([task.done(), task.cancelled()])
    return found


@scenario
async def starting_the_grpc_server() -> Any:
    from rasa_sdk import grpc_server

    folder = Path(tempfile.mkdtemp())
    paths = [write(folder, name, name) for name in ("cert", "key", "ca")]
    server = mock.AsyncMock()
    with (
        mock.patch.object(grpc_server, "_initialise_grpc_server", return_value=server) as initialise,
        mock.patch.object(grpc_server, "_initialise_interrupts") as interrupts,
    ):
        await grpc_server.run_grpc(mock.Mock(), 9, *map(str, paths), True, "e.yml")  # pyright: ignore[reportArgumentType]
        found: list[Any] = [
            plain(
                [
                    list(value) if isinstance(value, bytes) else value
                    for value in initialise.call_args.args[1:]
                ]
            )
        ]
        found.append(
            [interrupts.call_count, server.start.await_count, server.wait_for_termination.await_count]
        )
        found.append(await attempt_later(grpc_server.run_grpc, mock.Mock(), 9, str(folder / "none")))
    loop = mock.Mock()
    with mock.patch.object(grpc_server.asyncio, "get_running_loop", return_value=loop):
        grpc_server._initialise_interrupts(server)
    found.append([call.args[0].name for call in loop.add_signal_handler.call_args_list])
    plain_server = mock.Mock()
    with (
        mock.patch.object(grpc_server, "health") as health,
        mock.patch.object(grpc_server, "health_pb2_grpc") as added,
    ):
        grpc_server._initialise_health_service(plain_server)
        found.append(
            [
                health.HealthServicer.return_value.set.call_args.args,
                added.add_HealthServicer_to_server.call_count,
            ]
        )
    return json.loads(json.dumps(found).replace(str(folder), "FOLDER"))


@scenario
async def inside_the_http_server() -> Any:
    import pickle

    from rasa_sdk import endpoint, plugin
    from rasa_sdk.executor import ActionExecutor, TimestampModule
    from sanic import Sanic  # pyright: ignore[reportMissingImports]

    Sanic.test_mode = True
    folder = Path(tempfile.mkdtemp())
    executor = mock.Mock(spec=ActionExecutor)
    executor.list_actions.return_value = []
    executor.run = mock.AsyncMock(return_value=None)
    found: list[Any] = []
    with mock.patch.object(endpoint, "plugin_manager") as manager:
        app = endpoint.create_app_for_serve(executor, ["http://a"], True, str(folder / "none.yml"), 5)
        found.append(
            [
                app.name,
                app.config.KEEP_ALIVE_TIMEOUT,
                list(manager().hook.attach_sanic_app_extensions.call_args.kwargs),
            ]
        )
        found.append([listener.event for listener in app._future_listeners])
    async with Served(app) as served:
        found.append(await served.ask("POST", "/webhook", json.dumps(a_call("a")).encode()))
        found.append(await served.ask("GET", "/actions"))
    found.append([executor.reload.call_count, executor.run.call_args.args])
    await endpoint.load_tracer_provider(str(folder / "none.yml"), app)
    found.append(app.ctx.tracer_provider)
    span = mock.Mock()
    endpoint.set_http_span_attributes(span, a_call("a"), "POST", "/webhook")
    found.append([call.args for call in span.set_attribute.call_args_list])
    pickled = pickle.loads(pickle.dumps(ActionExecutor()))
    found.append([vars(pickled), TimestampModule(1, 2)._asdict()])
    found.append(sorted(name for name in vars(plugin) if name in {"hookspec", "plugin_manager", "logger"}))
    return found


@scenario
async def errors_and_odd_answers() -> Any:
    from rasa_sdk.executor import ActionExecutor, ActionExecutorRunResult, ActionName

    class OldEvent:
        def as_dict(self) -> dict[str, Any]:
            return {"event": "old"}

    OldEvent.__module__ = "rasa.core.events"
    executor = ActionExecutor()
    for name, given in {
        "tuple": ({"event": "a"},),
        "dict": {"event": "a"},
        "text": "ab",
        "number": 3,
        "old": [OldEvent()],
        "empty": [],
        "false": [False, {}, {"event": ""}],
    }.items():
        executor.register_function(name, lambda dispatcher, tracker, domain, given=given: given)
    found = [[name, await attempt_later(executor.run, a_call(name))] for name in executor.actions]
    found.append(
        [
            "models",
            ActionExecutorRunResult(events=[], responses=[]).model_dump_json(),
            attempt(ActionExecutorRunResult, events=None, responses=[]).split("\n")[0],
            attempt(lambda: ActionExecutorRunResult(events=[]).events).split("\n")[0],
            ActionName(name="a") == ActionName(name="a"),
            attempt(ActionName, name=1).split("\n")[0],
        ]
    )
    return found


if __name__ == "__main__":
    wanted = sys.argv[1:] or list(SCENARIOS)
    outcome = {name: try_one(SCENARIOS[name]) for name in wanted}
    sys.stdout.write(json.dumps(outcome, indent=1))
