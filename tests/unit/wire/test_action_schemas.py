"""The published files of the action protocol are current, and say what is really sent and taken."""

import json
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator, validate

from duologue.core.events import Event
from duologue.ports.action_runner import ActionCall
from duologue.project.project_reader import read_project
from duologue.sdk.executor import ActionExecutor
from duologue.testing.conformance.actions.behaviour_checks import (
    EVENTS as REFERENCE_EVENTS,
)
from duologue.testing.conformance.actions.behaviour_checks import (
    REFERENCE_ACTIONS,
    REFERENCE_FILE,
    RICH,
    SLOTS,
)
from duologue.testing.conformance.actions.calls import describe_call
from duologue.wire.action_schemas import main, make_protocol
from duologue.wire.event_models import EVENT_MODELS
from duologue.wire.events import format_event
from tests.golden.known_values import EVENTS, STATE
from tests.unit.adapters.action_runner.played_server import PlayedServer, connect
from tests.unit.wire.generated_values import values_of

REPOSITORY = Path(__file__).resolve().parents[3]
PROTOCOL = REPOSITORY / "protocol"
FILES = make_protocol()
SCHEMAS = [name for name in FILES if name.endswith(".schema.json")]
# Formatted events of every kind have a schema of their own but for what other programs make up.
OTHERS = {"other"}
# They decline and fail, or take their time to answer with nothing new.
WITHOUT_ANSWER = {"conformance_reject", "conformance_fail", "conformance_slow", "conformance_stream_long"}


def open_schema(name: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads(FILES[name]))


CALL, ANSWER, EVENT = map(
    open_schema, ("action-call.schema.json", "action-answer.schema.json", "event.schema.json")
)


def find_faults(validator: Draft202012Validator, content: Any) -> list[str]:
    return [error.message for error in validator.iter_errors(content)]


def as_json(content: Any) -> Any:
    return json.loads(json.dumps(content))


def test_the_published_files_are_current(tmp_path: Path) -> None:
    main(str(tmp_path))
    written = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    published = {path.name: path.read_bytes() for path in PROTOCOL.iterdir() if path.name != "README.md"}
    assert published == written, "Run `make protocol`."


def test_the_page_beside_the_files_names_each_of_them() -> None:
    page = (PROTOCOL / "README.md").read_text(encoding="utf-8")
    assert [name for name in FILES if f"({name})" not in page] == []


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_published_schema_is_a_schema(name: str) -> None:
    Draft202012Validator.check_schema(json.loads(FILES[name]))


def test_the_openapi_document_is_one() -> None:
    # Also finds references that lead nowhere.
    validate(json.loads(FILES["openapi.json"]), cls=OpenAPIV31SpecValidator)


def test_every_kind_of_event_has_a_schema() -> None:
    described = {model.__struct_config__.tag for model in EVENT_MODELS}
    known = {kind.__struct_config__.tag for kind in get_args(Event)}
    assert known - OTHERS <= described


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_an_event_is_written_as_its_schema_says(event: Event) -> None:
    written = as_json(format_event(event))
    assert find_faults(EVENT, written) == []
    # Nothing is written that the schema does not name.
    named = [model for model in EVENT_MODELS if model.__struct_config__.tag == written["event"]]
    for model in named:
        assert set(written) <= {"event", *model.__struct_fields__}


@settings(max_examples=30, deadline=None)
@given(values_of(Event))
def test_any_event_is_written_as_the_schema_says(event: Event) -> None:
    assert find_faults(EVENT, as_json(format_event(event))) == []


async def test_a_call_is_sent_as_its_schema_says() -> None:
    definition = read_project(REPOSITORY / "examples" / "bank", environment={}).definition
    assert definition is not None

    async def load() -> tuple[Event, ...]:
        return EVENTS

    call = ActionCall(
        action_name="action_one",
        state=STATE,
        domain=definition.domain,
        idempotency_key="anna/1/1",
        load_events=load,
    )
    async with PlayedServer().run() as server, connect(server.url) as runner:
        await runner.run(call)
    (request,) = server.requests
    assert request.body["domain"]["intents"]
    assert len(request.body["tracker"]["events"]) == len(EVENTS)
    assert find_faults(CALL, request.body) == []
    properties = json.loads(FILES["action-call.schema.json"])["$defs"]
    for model, content in (
        ("Call", request.body),
        ("Tracker", request.body["tracker"]),
        ("Domain", request.body["domain"]),
    ):
        assert set(content) <= set(properties[model]["properties"]), model


@pytest.mark.parametrize("name", sorted(set(REFERENCE_ACTIONS) - WITHOUT_ANSWER))
async def test_what_an_action_answers_is_what_the_schema_says(name: str) -> None:
    executor = ActionExecutor()
    executor.register_package(REFERENCE_FILE.stem, root=REFERENCE_FILE.parent)
    result = await executor.run(describe_call(name, slots=SLOTS))
    executor.close()
    assert find_faults(ANSWER, as_json(result)) == []


@pytest.mark.parametrize(
    "answer",
    [
        {"events": list(REFERENCE_EVENTS), "responses": [RICH]},
        {"events": [{"event": "something_of_ours", "with": [1]}]},
        {"events": None, "responses": None},
        {"responses": [{"text": None, "response": "utter_greet", "name": "Ada", "a": {"b": 1}}]},
        {},
    ],
)
def test_an_answer_of_any_server_is_valid(answer: Any) -> None:
    assert find_faults(ANSWER, answer) == []


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        {"events": {}},
        {"events": ["slot"]},
        {"events": [{"name": "amount", "value": 1}]},
        {"events": [{"event": "slot", "value": 1}]},
        {"events": [{"event": "reminder", "intent": "remind"}]},
        {"responses": "Hello."},
        {"responses": [{"text": {"en": "Hello."}}]},
        {"responses": [{"buttons": [{"payload": "/yes"}]}]},
    ],
)
def test_an_answer_that_callers_refuse_is_invalid(answer: Any) -> None:
    assert find_faults(ANSWER, answer) != []


@pytest.mark.parametrize(
    "call",
    [
        {"next_action": 1},
        {"next_action": "a", "tracker": {"sender_id": "anna"}},
        {"next_action": "a", "tracker": {"sender_id": "anna", "slots": {}, "events": [{"event": "slot"}]}},
        {"next_action": "a", "domain": []},
    ],
)
def test_a_call_of_another_shape_is_invalid(call: Any) -> None:
    assert find_faults(CALL, call) != []


def test_the_calls_of_the_conformance_suite_are_valid() -> None:
    assert find_faults(CALL, describe_call("conformance_say", slots=SLOTS)) == []
    assert find_faults(CALL, describe_call(None, domain=None, digest=None)) == []
