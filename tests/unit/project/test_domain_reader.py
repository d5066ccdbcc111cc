"""The domain is read from any number of files, older spellings included."""

from pathlib import Path

import pytest

from duologue.core.domain import (
    EntityType,
    Form,
    Intent,
    ResponseButton,
    SessionConfig,
    SlotCondition,
    Translation,
    Variation,
)
from duologue.core.slots import (
    MappingCondition,
    MappingType,
    Rejection,
    Slot,
    SlotMapping,
    SlotType,
    SlotValidation,
)
from tests.unit.project.written_project import read_definition, read_written


def test_slots_are_read_with_all_their_properties(tmp_path: Path) -> None:
    domain = read_definition(
        tmp_path,
        {
            "domain.yml": """\
                slots:
                  amount:
                    type: float
                    min_value: 1
                    max_value: 100
                    initial_value: 5
                    influence_conversation: false
                    shared_for_coexistence: true
                    mappings:
                      - type: from_llm
                        allow_nlu_correction: true
                      - type: from_entity
                        entity: number
                        role: amount
                        intent: [pay, send]
                        not_intent: deny
                        conditions:
                          - active_loop: pay_form
                            requested_slot: amount
                      - type: controlled
                        run_action_every_turn: action_count
                        coexistence_system: SHARED
                    validation:
                      rejections:
                        - if: slots.amount > 50
                          utter: utter_too_much
                      refill_utter: utter_again
                  size:
                    type: categorical
                    values: [small, Large, 12, true, yes]
                """
        },
    ).domain
    assert domain.slots["amount"] == Slot(
        name="amount",
        type=SlotType.FLOAT,
        min_value=1.0,
        max_value=100.0,
        initial_value=5,
        influence_conversation=False,
        shared_for_coexistence=True,
        mappings=(
            SlotMapping(type=MappingType.FROM_LLM, allow_nlu_correction=True),
            SlotMapping(
                type=MappingType.FROM_ENTITY,
                entity="number",
                role="amount",
                intents=("pay", "send"),
                not_intents=("deny",),
                conditions=(MappingCondition(active_loop="pay_form", requested_slot="amount"),),
            ),
            SlotMapping(
                type=MappingType.CONTROLLED, run_action_every_turn="action_count", coexistence_system="SHARED"
            ),
        ),
        validation=SlotValidation(
            rejections=(Rejection(condition="slots.amount > 50", utter="utter_too_much"),),
            refill_utter="utter_again",
        ),
    )
    assert domain.slots["size"].values == ("small", "Large", "12", "true", "yes")


def test_responses_are_read_with_all_their_properties(tmp_path: Path) -> None:
    domain = read_definition(
        tmp_path,
        {
            "domain/responses.yml": """\
                responses:
                  utter_ask:
                    - text: Sure?
                      id: one
                      channel: slack
                      condition: slots.vip
                      image: https://example.org/a.png
                      allow_interruptions: false
                      metadata: {rephrase: true}
                      translation: {de: Sicher?}
                      buttons:
                        - title: Yes
                          payload: /SetSlots(sure=true)
                          type: postback
                          translation: {de: {title: Ja, payload: /SetSlots(sure=true)}, fr: Oui}
                        - title: Site
                          type: web_url
                          url: https://example.org
                    - condition:
                        - {type: slot, name: vip, value: true}
                      custom: {blocks: [1, 2]}
                      quick_replies: [{title: a}]
                  utter_plain:
                    - Hello
                    - text: 42
                """
        },
    ).domain
    assert domain.responses["utter_ask"] == (
        Variation(
            text="Sure?",
            id="one",
            channel="slack",
            condition="slots.vip",
            image="https://example.org/a.png",
            allow_interruptions=False,
            metadata={"rephrase": True},
            translation={"de": "Sicher?"},
            buttons=(
                ResponseButton(
                    title="Yes",
                    payload="/SetSlots(sure=true)",
                    translation={
                        "de": Translation(title="Ja", payload="/SetSlots(sure=true)"),
                        "fr": Translation(title="Oui"),
                    },
                    extra={"type": "postback"},
                ),
                ResponseButton(
                    title="Site", payload="", extra={"type": "web_url", "url": "https://example.org"}
                ),
            ),
        ),
        Variation(
            condition=(SlotCondition(name="vip", value=True),),
            custom={"blocks": [1, 2]},
            quick_replies=({"title": "a"},),
        ),
    )
    assert [variation.text for variation in domain.responses["utter_plain"]] == ["Hello", "42"]


def test_names_with_and_without_options_are_read(tmp_path: Path) -> None:
    domain = read_definition(
        tmp_path,
        {
            "domain.yml": """\
                version: "3.1"
                intents:
                  - greet
                  - inform: {use_entities: [city], ignore_entities: [name]}
                  - chat: {use_entities: false}
                  - ask: {use_entities: true}
                entities:
                  - name
                  - city: {roles: [from, to], groups: [a], influence_conversation: false}
                actions:
                  - action_look
                  - action_big: {send_domain: true}
                  - utter_hello
                  - utter_faq
                  - pay_form
                forms:
                  pay_form: {required_slots: [amount], ignored_intents: [chat]}
                responses:
                  utter_hello: [{text: Hi}]
                  utter_faq/hours: [{text: Nine to five}]
                slots:
                  amount: {type: float}
                session_config:
                  session_expiration_time: 0
                  carry_over_slots_to_new_session: false
                  start_session_after_expiry: false
                config: {store_entities_as_slots: false}
                e2e_actions: [Hello there]
                """
        },
    ).domain
    assert domain.intents == {
        "greet": Intent(name="greet"),
        "inform": Intent(name="inform", use_entities=("city",), ignore_entities=("name",)),
        "chat": Intent(name="chat", use_entities=()),
        "ask": Intent(name="ask"),
    }
    assert domain.entities["city"] == EntityType(
        name="city", roles=("from", "to"), groups=("a",), influence_conversation=False
    )
    # The project runs that form by an action of its own.
    assert domain.actions == ("action_look", "action_big", "pay_form")
    assert domain.actions_with_domain == ("action_big",)
    assert domain.forms == {
        "pay_form": Form(name="pay_form", required_slots=("amount",), ignored_intents=("chat",))
    }
    assert domain.session == SessionConfig(
        session_expiration_minutes=0.0, carry_over_slots=False, start_session_after_expiry=False
    )
    assert not domain.store_entities_as_slots
    assert domain.e2e_actions == ("Hello there",)


def test_the_mappings_of_a_version_2_form_move_to_its_slots(tmp_path: Path) -> None:
    definition = read_definition(
        tmp_path,
        {
            "domain.yml": """\
                version: "2.0"
                entities: [city]
                slots:
                  city: {type: text}
                  people: {type: float, auto_fill: false}
                forms:
                  book:
                    required_slots:
                      people: [{type: from_entity, entity: number}, {type: from_text}]
                  early:
                    people: {type: from_text}
                """
        },
    )
    slots = definition.domain.slots
    assert slots["city"].mappings == (SlotMapping(type=MappingType.FROM_ENTITY, entity="city"),)
    assert slots["people"].mappings == (
        SlotMapping(
            type=MappingType.FROM_ENTITY,
            entity="number",
            conditions=(MappingCondition(active_loop="book"),),
        ),
        SlotMapping(
            type=MappingType.FROM_TEXT,
            conditions=(MappingCondition(active_loop="book", requested_slot="people"),),
        ),
        SlotMapping(
            type=MappingType.FROM_TEXT,
            conditions=(MappingCondition(active_loop="early", requested_slot="people"),),
        ),
    )
    assert definition.domain.forms["early"].required_slots == ("people",)


def test_stock_names_are_there_unless_the_project_overrides_them(tmp_path: Path) -> None:
    domain = read_definition(
        tmp_path, {"domain.yml": "responses:\n  utter_flow_cancelled_rasa: [{text: Fine.}]\n"}
    ).domain
    assert domain.responses["utter_flow_cancelled_rasa"] == (Variation(text="Fine."),)
    assert domain.responses["utter_corrected_previous_input"]
    assert domain.slots["confirm_correction" if "confirm_correction" in domain.slots else "csat_score"]


@pytest.mark.parametrize(
    ("domain", "message"),
    [
        ("slots: {a: {type: txt}}", "error: The slot `a` has the unknown type `txt`. Did you mean `text`?"),
        (
            "slots: {a: {type: unfeaturized}}",
            "warning: The slot type `unfeaturized` is an older spelling. Write `any`.",
        ),
        (
            "slots: {a: {}}",
            "warning: The slot `a` has no type; it is taken as `any`. Add `type: text` or another.",
        ),
        (
            "slots: {a: {type: text, mapings: []}}",
            "warning: The slot `a` has an unknown key `mapings`; it is ignored. Did you mean `mappings`?",
        ),
        (
            "slots: {a: {type: text, mappings: [{type: from_lm}]}}",
            "error: `from_lm` is not a slot mapping. Did you mean `from_llm`?",
        ),
        (
            "slots: {a: {type: text, mappings: [{entity: x}]}}",
            "error: A slot mapping has no `type`. Known mappings are from_llm, controlled, custom, from_entity, from_intent, from_trigger_intent, from_text.",
        ),
        ("slots: {a: {type: float, min_value: low}}", "error: `min_value` must be a number, not `low`."),
        ("slots: {a: text}", "error: `a` under `slots` must be a mapping."),
        ("slots: [a]", "error: `slots` must be a mapping, not a list."),
        ("responses: {utter_a: }", "error: The response `utter_a` has no variation. Give it a `text`."),
        (
            "responses: {utter_a: Hello}",
            "warning: The response `utter_a` is not a list. Begin each variation with `- `.",
        ),
        (
            "responses: {utter_a: [{txt: Hello, text: a}]}",
            "warning: A variation of `utter_a` has an unknown key `txt`; it is ignored. Did you mean `text`?",
        ),
        (
            "responses: {utter_a: [{channel: rest}]}",
            "warning: A variation of `utter_a` says nothing. Give it a `text`.",
        ),
        (
            "responses: {utter_a: [{text: a, buttons: [{payload: b}]}]}",
            "error: A button of `utter_a` has no `title`.",
        ),
        (
            "responses: {utter_a: [{text: a, buttons: [{title: b}]}]}",
            "warning: A button of `utter_a` has no `payload`; its title is sent instead. Add `payload`.",
        ),
        (
            "responses: {utter_a: [{text: a, condition: [{type: slot}]}]}",
            'error: A condition of `utter_a` is neither a text nor a slot with a value. Write `condition: slots.name = "value"`.',
        ),
        (
            "templates: {utter_a: [{text: a}]}",
            "warning: `templates` is the older name of `responses`. Rename the key.",
        ),
        (
            "intents: [greet, greet]",
            "warning: The intent `greet` is already declared at domain.yml:1. Keep one of the two.",
        ),
        (
            "respones: {}",
            "warning: The key `respones` belongs to no part of a project; it is ignored. Did you mean `responses`?",
        ),
        (
            "session_config: {session_expiration: 5}",
            "warning: `session_config` has an unknown key `session_expiration`; it is ignored. Did you mean `session_expiration_time`?",
        ),
        ("- intents", "error: The file must be a mapping at its top level, such as `flows:`."),
    ],
)
def test_what_is_not_right_in_a_domain_is_named(tmp_path: Path, domain: str, message: str) -> None:
    reading = read_written(tmp_path, {"domain.yml": domain})
    assert [problem.format() for problem in reading.problems] == [f"domain.yml:1: {message}"]


def test_what_stands_in_two_files_names_both_places(tmp_path: Path) -> None:
    reading = read_written(
        tmp_path,
        {
            "domain/a.yml": "slots:\n  x: {type: text}\nresponses:\n  utter_a: [{text: a}]\n",
            "domain/b.yml": "responses:\n  utter_a: [{text: b}]\nslots:\n  x: {type: text}\n",
        },
    )
    assert [problem.format() for problem in reading.problems] == [
        "domain/b.yml:2: error: The response `utter_a` is already declared at domain/a.yml:4. Keep one of the two.",
        "domain/b.yml:4: error: The slot `x` is already declared at domain/a.yml:2. Keep one of the two.",
    ]


def test_slot_types_named_by_their_class_are_known(tmp_path: Path) -> None:
    domain = """\
        slots:
          words: {type: rasa.shared.core.slots.TextSlot}
          bare: {type: rasa.core.slots.UnfeaturizedSlot}
          own: {type: my_slots.MoodSlot}
        """
    reading = read_written(tmp_path, {"domain.yml": domain})
    assert [problem.format() for problem in reading.problems] == [
        "domain.yml:2: warning: The slot type `rasa.shared.core.slots.TextSlot` is an older spelling. Write `text`.",
        "domain.yml:3: warning: The slot type `rasa.core.slots.UnfeaturizedSlot` is an older spelling. Write `any`.",
    ]
    slots = reading.own_domain.slots
    assert slots["words"].type is SlotType.TEXT
    assert (slots["bare"].type, slots["bare"].influence_conversation) == (SlotType.ANY, False)
    assert slots["own"].class_name == "my_slots.MoodSlot"


def test_a_classic_domain_without_a_version_fills_slots_from_entities_and_one_with_flows_does_not(
    tmp_path: Path,
) -> None:
    domain = "entities: [city]\nslots: {city: {type: text}}\n"
    classic = read_written(tmp_path, {"domain.yml": domain}).own_domain
    assert classic.slots["city"].mappings == (SlotMapping(type=MappingType.FROM_ENTITY, entity="city"),)
    flow = "flows: {go: {description: Go., steps: [{collect: city}]}}\n"
    with_flows = read_written(tmp_path, {"domain.yml": domain, "data/flows.yml": flow}).own_domain
    assert with_flows.slots["city"].mappings == ()
    kept = f"config: {{store_entities_as_slots: false}}\n{domain}"
    (tmp_path / "data" / "flows.yml").unlink()
    assert read_written(tmp_path, {"domain.yml": kept}).own_domain.slots["city"].mappings == ()


def test_a_form_may_be_read_before_the_slots_it_maps(tmp_path: Path) -> None:
    form = 'version: "2.0"\nforms: {book: {required_slots: {people: [{type: from_text}], free: [{type: from_text}]}}}\n'
    slots = 'version: "2.0"\nslots: {people: {type: float}}\n'
    domain = read_written(tmp_path, {"domain/a.yml": form, "domain/b.yml": slots}).own_domain
    conditions = (MappingCondition(active_loop="book", requested_slot="people"),)
    assert domain.slots["people"].type is SlotType.FLOAT
    assert domain.slots["people"].mappings == (
        SlotMapping(type=MappingType.FROM_TEXT, conditions=conditions),
    )
    assert domain.slots["free"].mappings[0].conditions[0].requested_slot == "free"
