"""What a flow and a set of flows know about themselves."""

from msgspec.structs import replace

from duologue.flows.flow import Flows, NluTrigger
from tests.flow_writing import act, ask, call, flow, link, put

ADDRESS = flow("address", ask("street"), ask("town"), put(country="UK"), persisted_slots=("town",))
ORDER = flow("order", ask("item"), call("address"), ask("item", "again"), put(total=0.0), act("utter_done"))
OUTER = flow("outer", call("order"), call("address"))
FLOWS = Flows([OUTER, ORDER, ADDRESS, flow("pattern_completed", ask("mood"))])


def test_a_fingerprint_changes_with_the_steps_and_only_with_them() -> None:
    assert replace(ADDRESS, description="new words").fingerprint == ADDRESS.fingerprint
    assert flow("address", ask("street")).fingerprint != ADDRESS.fingerprint
    assert len(ADDRESS.fingerprint) == 8


def test_a_flow_collects_each_slot_once() -> None:
    assert ORDER.collected_slots == ("item",)


def test_the_slots_of_a_flow_are_those_it_fills_and_does_not_keep() -> None:
    assert ADDRESS.scoped_slots == ("street", "country")
    assert flow("f", ask("name", reset_after_flow_ends=False)).scoped_slots == ()


def test_a_family_is_everything_that_is_called_at_any_depth_each_once() -> None:
    assert [member.id for member in FLOWS.get_family("outer")] == ["outer", "order", "address"]
    assert FLOWS.get_family("nowhere") == ()


def test_a_family_of_flows_that_call_each_other_is_finite() -> None:
    flows = Flows([flow("a", call("b")), flow("b", call("a"))])
    assert [member.id for member in flows.get_family("a")] == ["a", "b"]


def test_slots_of_called_flows_belong_to_the_caller_unless_one_of_them_keeps_them() -> None:
    assert FLOWS.get_collected_slots("order") == ("item", "street", "town")
    assert FLOWS.get_scoped_slots("order") == ("item", "total", "street", "country")
    keeper = Flows([flow("keeper", call("address"), persisted_slots=("street",)), ADDRESS])
    assert keeper.get_scoped_slots("keeper") == ("country",)


def test_patterns_are_no_flows_of_the_user() -> None:
    assert set(FLOWS.user_flows) == {"outer", "order", "address"}
    assert len(FLOWS) == 4


def test_a_later_flow_of_the_same_id_wins() -> None:
    flows = Flows([ADDRESS, flow("address", link("order"))])
    assert len(flows) == 1
    found = flows.find("address")
    assert found is not None
    assert found.collected_slots == ()


def test_intents_know_their_flows() -> None:
    sure = flow("sure", act("a"), nlu_triggers=(NluTrigger(intent="go", confidence_threshold=0.8),))
    also = flow("also", act("a"), nlu_triggers=(NluTrigger(intent="go"),))
    table = Flows([sure, also]).flows_by_intent
    assert [(found.id, threshold) for found, threshold in table["go"]] == [("sure", 0.8), ("also", 0.0)]


def test_a_name_falls_back_to_the_plain_one() -> None:
    named = flow("order_food", act("a"), translations={"de": "Essen bestellen"})
    assert [named.get_name(language) for language in ("de", "fr", None)] == [
        "Essen bestellen",
        "order food",
        "order food",
    ]
