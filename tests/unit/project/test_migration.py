"""Projects of Rasa 1 and 2 become projects of today that say the same."""

from pathlib import Path

import msgspec

from duologue.core.slots import MappingType
from duologue.core.stories import ActionStep
from duologue.project.definition import AssistantDefinition
from duologue.project.migration.project_migration import Migration, plan_migration
from duologue.project.project_reader import read_project
from tests.unit.project.written_project import write_project

DOMAIN_2 = """\
# The domain.
version: '2.0'

intents: [book, inform, deny]
entities: [city, number]

slots:
  # Where to go.
  city:
    type: rasa.shared.core.slots.TextSlot  # words
    auto_fill: true
  people:
    type: float
    auto_fill: false
    influence_conversation: false
  note: {type: unfeaturized}
  counter:
    type: float

forms:
  # Books a table.
  book_form:
    ignored_intents: [deny]
    required_slots:
      people:
      - type: from_entity
        entity: number
        not_intent: deny
      note:
      - type: from_text
      extra:
      - type: from_intent
        intent: deny
        value: false

# What it says.
responses:
  utter_ask_people:
  - text: How many?  # people
actions:
- action_book
- respond_faq
"""
RULES_2 = 'version: "2.0"\nrules:\n# Say it.\n- rule: r\n  steps:\n  - intent: book\n  - action: book_form\n'


def apply(migration: Migration) -> None:
    for change in migration.changes:
        if change.text is None:
            change.path.unlink()
        else:
            change.path.parent.mkdir(parents=True, exist_ok=True)
            change.path.write_text(change.text, encoding="utf-8")


def read(folder: Path) -> AssistantDefinition:
    definition = read_project(folder, environment={}).definition
    assert definition is not None
    return definition


def test_a_domain_of_version_2_says_the_same_and_keeps_its_comments(tmp_path: Path) -> None:
    write_project(tmp_path, {"domain.yml": DOMAIN_2, "data/rules.yml": RULES_2})
    before = read(tmp_path)
    migration = plan_migration(tmp_path)
    assert migration.problems.format() == ""
    apply(migration)
    after = read_project(tmp_path, environment={})
    assert after.problems.format() == ""
    assert after.definition is not None

    slots = dict(after.definition.domain.slots)
    assert slots.pop("counter").mappings[0].type is MappingType.CUSTOM
    assert {name: slot for name, slot in before.domain.slots.items() if name != "counter"} == slots
    assert after.definition.domain.forms == before.domain.forms
    text = (tmp_path / "domain.yml").read_text(encoding="utf-8")
    for comment in ("# The domain.", "# Where to go.", "# Books a table.", "# What it says.", "# people"):
        assert comment in text
    assert "auto_fill" not in text
    assert "utter_faq" in text
    assert (tmp_path / "data" / "rules.yml").read_text(encoding="utf-8") == RULES_2.replace("2.0", "3.1")
    assert migration.notes == (
        "domain.yml: The slot `counter` got the mapping `custom`: only actions fill it. Look whether that is right.",
    )
    assert plan_migration(tmp_path).changes == ()


def test_a_project_of_rasa_1_says_the_same(tmp_path: Path) -> None:
    write_project(
        tmp_path,
        {
            "config.yml": """\
                # Ours.
                language: en
                pipeline: supervised_embeddings
                policies:
                - name: MemoizationPolicy  # short
                - name: KerasPolicy
                  epochs: 20
                - name: MappingPolicy
                - name: TwoStageFallbackPolicy
                  nlu_threshold: 0.4
                  core_threshold: 0.2
                  fallback_core_action_name: action_default_fallback
                """,
            "domain.yml": """\
                intents:
                - greet
                - stop: {triggers: action_stop}
                entities: [city]
                slots:
                  city:
                    type: unfeaturized
                actions: [utter_greet, action_stop]
                templates:
                  utter_greet:
                  - text: Hi.
                """,
            "data/core/stories.md": "## s\n* greet\n  - utter_greet\n  - respond_faq\n",
            "data/nlu.md": "## intent:greet\n- hi\n- in [NY](city:New York)\n",
            "data/README.md": "# About\n- this\n",
        },
    )
    before = read(tmp_path)
    apply(plan_migration(tmp_path))
    after = read_project(tmp_path, environment={})
    assert after.problems.format() == ""
    assert after.definition is not None
    assert after.definition.training_data.examples == before.training_data.examples
    steps = before.training_data.stories[0].steps
    assert after.definition.training_data.stories[0].steps == (*steps[:2], ActionStep(name="utter_faq"))
    assert after.definition.domain.slots == before.domain.slots
    assert after.definition.domain.responses == before.domain.responses
    rules = [
        msgspec.structs.replace(rule, name="", source="") for rule in after.definition.training_data.rules
    ]
    assert rules[0] == msgspec.structs.replace(before.training_data.rules[0], name="", source="")
    config = after.definition.config
    assert [component.name for component in config.policies or ()] == [
        "MemoizationPolicy",
        "TEDPolicy",
        "RulePolicy",
    ]
    assert config.pipeline is not None
    assert config.pipeline[-1].name == "FallbackClassifier"
    assert config.pipeline[-1].options == {"threshold": 0.4}
    assert (tmp_path / "data" / "README.md").exists()
    assert not (tmp_path / "data" / "nlu.md").exists()
    assert plan_migration(tmp_path).changes == ()


def test_a_project_of_today_has_nothing_to_migrate(tmp_path: Path) -> None:
    write_project(
        tmp_path, {"domain.yml": "version: '3.1'\nslots: {a: {type: text, mappings: [{type: from_llm}]}}\n"}
    )
    assert plan_migration(tmp_path).changes == ()


def test_a_domain_written_in_one_line_each_is_migrated_too(tmp_path: Path) -> None:
    domain = """\
        version: "2.0"
        entities: [city]
        intents: [go]
        slots: {city: {type: text}, free: {type: any, auto_fill: false}}
        forms: {go_form: {required_slots: {people: [{type: from_text}]}}}
        actions: [respond_faq, action_go]
        """
    write_project(tmp_path, {"domain.yml": domain})
    before = read(tmp_path)
    apply(plan_migration(tmp_path))
    after = read_project(tmp_path, environment={})
    assert after.problems.format() == ""
    assert after.definition is not None
    assert after.definition.domain.forms == before.domain.forms
    assert after.definition.domain.slots["city"] == before.domain.slots["city"]
    assert after.definition.domain.slots["people"] == before.domain.slots["people"]
    assert after.definition.domain.actions == ("utter_faq", "action_go")
