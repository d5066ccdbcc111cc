"""The schema of an answer allows what is on offer, and nothing else; each answer it allows is read."""

import json
from typing import Any

import pytest

from duologue.core.commands import CancelFlow, Clarify, SetSlot, StartFlow
from duologue.core.generator_options import Dsl
from duologue.flows.flow import Flows
from duologue.flows.offers import Offers
from duologue.understanding.generators.answer_schema import build_schema
from duologue.understanding.generators.dsl import parse_answer
from duologue.understanding.generators.flow_views import FlowViews
from tests.unit.understanding.generators.bank import FLOWS, domain, offers


def schema_at(at: Offers, dsl: Dsl = Dsl.V2) -> dict[str, Any]:
    views = FlowViews(Flows(FLOWS), domain())
    return build_schema(at, list(views.by_id.values()), views, dsl)


def allows(schema: dict[str, Any], value: object) -> bool:
    """As much of JSON schema as ours uses."""
    if "anyOf" in schema:
        return any(allows(choice, value) for choice in schema["anyOf"])
    if "enum" in schema:
        return value in schema["enum"] and not (isinstance(value, bool) and True not in schema["enum"])
    match schema["type"]:
        case "object":
            return (
                isinstance(value, dict)
                and set(value) == set(schema["required"])
                and all(allows(schema["properties"][key], part) for key, part in value.items())
            )
        case "array":
            return (
                isinstance(value, list)
                and len(value) <= schema.get("maxItems", 99)
                and all(allows(schema["items"], item) for item in value)
            )
        case [kind, "null"]:
            types = {"string": str, "number": int | float, "boolean": bool}
            return value is None or isinstance(value, types[kind])
        case kind:
            raise AssertionError(f"our schemas do not use {kind}")


def may_say(at: Offers, action: dict[str, object]) -> bool:
    return allows(schema_at(at), {"do": [action]})


def test_flows_that_may_start_can_be_named_and_no_others() -> None:
    assert may_say(offers(), {"start": "transfer_money"})
    assert not may_say(offers(), {"start": "book_lounge"})
    assert may_say(offers(slots={"is_member": True}), {"start": "book_lounge"})
    assert not may_say(offers(), {"start": "confirm"})
    assert not may_say(offers(active="transfer_money"), {"start": "transfer_money"})
    assert may_say(offers(), {"clarify": ["transfer_money", "check_balance"]})


def test_slots_take_values_of_their_type() -> None:
    at = offers(active="transfer_money", asked="payee")

    assert may_say(at, {"set": "payee", "to": "Anna"})
    assert may_say(at, {"set": "amount", "to": 50})
    assert not may_say(at, {"set": "amount", "to": "fifty"})
    assert may_say(at, {"set": "currency", "to": "USD"})
    assert not may_say(at, {"set": "currency", "to": "GBP"})
    assert may_say(at, {"set": "currency", "to": None})
    assert not may_say(at, {"set": "risk", "to": "high"})


def test_a_flow_is_cancelled_only_where_one_is_active() -> None:
    assert not may_say(offers(), {"act": "cancel flow"})
    assert may_say(offers(active="check_balance"), {"act": "cancel flow"})


@pytest.mark.parametrize(
    ("dsl", "act"), [(Dsl.V1, "skip question"), (Dsl.V2, "offtopic reply"), (Dsl.V3, "search and reply")]
)
def test_each_language_has_its_acts(dsl: Dsl, act: str) -> None:
    assert allows(schema_at(offers(), dsl), {"do": [{"act": act}]})
    assert parse_answer(json.dumps({"do": [{"act": act}]})).unread_lines == ()


def test_an_answer_after_the_schema_is_read() -> None:
    answer = {
        "do": [
            {"set": "payee", "to": "Anna, (Bob)"},
            {"set": "is_sure", "to": True},
            {"start": "check_balance"},
            {"clarify": ["check_balance", "transfer_money"]},
            {"act": "cancel flow"},
        ]
    }

    parsed = parse_answer(json.dumps(answer))

    assert parsed.commands == (
        SetSlot(name="payee", value="Anna, (Bob)"),
        SetSlot(name="is_sure", value=True),
        StartFlow(flow="check_balance"),
        Clarify(options=("check_balance", "transfer_money")),
        CancelFlow(),
    )


def test_every_object_is_closed_as_strict_providers_want_it() -> None:
    def walk(part: object) -> None:
        if isinstance(part, dict):
            if part.get("type") == "object":
                assert part["additionalProperties"] is False
                assert part["required"] == list(part["properties"])
            for value in part.values():
                walk(value)
        elif isinstance(part, list):
            for value in part:
                walk(value)

    walk(schema_at(offers(active="transfer_money", asked="payee")))
