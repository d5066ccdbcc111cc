"""Doubtful NLU data and stories get a message at their own line."""

from pathlib import Path

import pytest

from tests.unit.project.written_project import validate_written

DOMAIN = """\
intents: [greet, book]
entities:
- city: {roles: [to], groups: [first]}
responses:
  utter_greet: [{text: Hi.}]
"""
STORIES = """\
stories:
- story: hello
  steps: [{intent: greet}, {action: utter_greet}]
- story: booking
  steps: [{intent: book}, {action: utter_greet}]
"""
FILLED = "- intent: greet\n  examples: |\n    - hi\n    - hey\n"
BOOKED = "- intent: book\n  examples: |\n    - book it\n"
TWICE = FILLED + BOOKED + "    - book now\n"


def list_findings(
    folder: Path, nlu: str = FILLED + BOOKED, stories: str = STORIES, domain: str = DOMAIN
) -> list[str]:
    files = {"domain.yml": domain, "data/nlu.yml": f"nlu:\n{nlu}", "data/stories.yml": stories}
    return [problem.format() for problem in validate_written(folder, files)]


def test_sound_data_has_nothing_to_say(tmp_path: Path) -> None:
    booked = f'{BOOKED}    - to [Rome]{{"entity": "city", "role": "to"}} from [Oslo](city)\n'
    assert list_findings(tmp_path, FILLED + booked) == []


@pytest.mark.parametrize(
    ("examples", "message"),
    [
        ("- book it\n    - book it", "9: warning: The intent `book` has the example `book it` more than once. Once is enough."),
        ("- a\n    - hey", "9: warning: The example `hey` stands under `book` here and under `greet` at data/nlu.yml:5. Keep it under one of them."),
        ("- to [Rome] (city)\n    - b", "8: warning: The example `to [Rome] (city)` holds something that looks like an entity mark and is none. Write `[words](entity)`, without a space between and with all brackets closed."),
        ("- b\n    - to [Rome](city", "9: warning: The example `to [Rome](city` holds something that looks like an entity mark and is none. Write `[words](entity)`, without a space between and with all brackets closed."),
        ("- b\n    - to [Rome]()", "9: warning: The example `to [Rome]()` holds something that looks like an entity mark and is none. Write `[words](entity)`, without a space between and with all brackets closed."),
        ("- b\n    - to [old [Rome](city)](city)", "9: warning: Entity marks of the example `to old [Rome](city)` overlap. Let each word belong to one mark."),
        ("- b\n    - [to [Rome](city)", "9: warning: Entity marks of the example `to [Rome` overlap. Let each word belong to one mark."),
        ("- b\n    - to [Rome ](city)", "9: warning: An entity mark of `to Rome ` holds a space at its edge. Mark `Rome` only."),
        ("- b\n    - to [Rome](citty)", "9: warning: The entity `citty` is marked, but the domain does not declare it. Did you mean `city`?"),
        ('- b\n    - to [Rome]{"entity": "city", "role": "from"}', "9: warning: The entity `city` is marked with the role `from`, which the domain does not declare. Add it under `roles` of the entity."),
        ('- b\n    - to [Rome]{"entity": "city", "group": "frist"}', "9: warning: The entity `city` is marked with the group `frist`, which the domain does not declare. Did you mean `first`?"),
        ("- only one", "6: warning: The intent `book` has only one example. Add more: at least 2, better 10 or more."),
        ("", "6: warning: The intent `book` has no examples. Add some, or remove the entry."),
        ("- [a](city:b)\n    - [a](city:c)", "9: warning: `a` is a synonym of `b` and of `c`; the last one counts. Keep one of the two."),
        ("- a\n    no dash", "9: warning: The example `no dash` does not begin with `- `; it is ignored. Begin it with `- `."),
    ],
)  # fmt: skip
def test_a_doubtful_example_is_named_at_its_line(tmp_path: Path, examples: str, message: str) -> None:
    nlu = f"{FILLED}- intent: book\n  examples: |\n    {examples}\n"
    found = list_findings(tmp_path, nlu)
    number, _, rest = message.partition(": ")
    assert f"data/nlu.yml:{number}: {rest}" in found, found


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("- lookup: city", "data/nlu.yml:2: warning: The lookup `city` has no examples. Add them, or remove it."),
        ("- regex: zip\n  examples: |\n    - '[0-'\n    - [0-", "data/nlu.yml:5: error: The regex `zip` cannot be read: unterminated character set. Mend the expression."),
        ("- regex: set\n  examples: |\n    - [[a]\n- lookup: none", "data/nlu.yml:5: warning: The lookup `none` has no examples. Add them, or remove it."),
        ("- intent: boook\n  examples: |\n    - a\n    - b", "data/nlu.yml:2: warning: There are examples of the intent `boook`, which the domain does not declare. Did you mean `book`?"),
    ],
)  # fmt: skip
def test_a_doubtful_entry_is_named(tmp_path: Path, entry: str, message: str) -> None:
    assert message in list_findings(tmp_path, f"{entry}\n{FILLED}{BOOKED}")


def test_an_intent_without_examples_or_without_a_story_is_named(tmp_path: Path) -> None:
    domain = DOMAIN.replace("[greet, book]", "[greet, book, order, EXTERNAL_done, thank]")
    domain += "  utter_buttons: [{text: Which, buttons: [{title: Order, payload: /order}]}]\n"
    nlu = f"{FILLED}{BOOKED}    - b\n- intent: thank\n  examples: |\n    - thanks\n    - thx\n"
    stories = STORIES.replace("{intent: book}", "{intent: order}").replace("booking", "ordering")
    stories += "- story: buttons\n  steps: [{intent: greet}, {action: utter_buttons}]\n"
    assert list_findings(tmp_path, nlu, stories, domain) == [
        "domain.yml:1: warning: No story or rule waits for the intent `book`. Use it, or remove it.",
        "domain.yml:1: warning: No story or rule waits for the intent `thank`. Use it, or remove it.",
    ]


def test_stories_of_the_same_name_or_content_are_named(tmp_path: Path) -> None:
    more = """\
- story: hello
  steps: [{intent: book}]
- story: again
  steps: [{intent: greet}, {action: utter_greet}]
"""
    assert list_findings(tmp_path, FILLED + BOOKED + "    - b\n", STORIES + more) == [
        "data/stories.yml:6: warning: There is another story `hello` at data/stories.yml:2. Give one of them another name.",
        "data/stories.yml:8: warning: The story `again` says the same as `hello` at data/stories.yml:2. Remove one of the two.",
    ]


def test_checkpoints_that_lead_nowhere_are_named(tmp_path: Path) -> None:
    more = """\
- story: open end
  steps:
  - intent: greet
  - checkpoint: askd
- story: never begun
  steps:
  - checkpoint: asked
  - intent: book
"""
    assert list_findings(tmp_path, FILLED + BOOKED + "    - b\n", STORIES + more) == [
        "data/stories.yml:9: warning: No story goes on from the checkpoint `askd`. Did you mean `asked`?",
        "data/stories.yml:12: warning: No story ends at the checkpoint `asked`, so that this story never begins. Did you mean `askd`?",
    ]


def test_roles_and_groups_of_stories_are_checked(tmp_path: Path) -> None:
    stories = STORIES.replace("{intent: book}", "{intent: book, entities: [{city: Rome, role: form}]}")
    assert list_findings(tmp_path, FILLED + BOOKED + "    - b\n", stories) == [
        "data/stories.yml:5: warning: The entity `city` has no role `form` in the domain. Add it under `roles` of the entity."
    ]


def test_a_slot_of_a_form_that_nothing_asks_for_or_fills_is_named(tmp_path: Path) -> None:
    domain = f"{DOMAIN}slots: {{free: {{type: text}}}}\nforms: {{order: {{required_slots: [free]}}}}\n"
    nlu = FILLED + BOOKED + "    - b\n"
    assert list_findings(tmp_path, nlu, domain=domain) == [
        "domain.yml:7: warning: Nothing asks for the slot `free` of the form `order`. Define the response `utter_ask_free`.",
        "domain.yml:7: warning: Nothing fills the slot `free` of the form `order`: it has no mappings. "
        "Add one under `mappings:` of the slot.",
    ]
    by_code = domain.replace("forms:", "actions: [validate_order]\nforms:")
    assert not any("Nothing" in finding for finding in list_findings(tmp_path, nlu, domain=by_code))


def test_a_form_that_is_also_declared_as_an_action_is_named(tmp_path: Path) -> None:
    domain = f"{DOMAIN}forms: {{order: {{required_slots: []}}}}\nactions: [order]\n"
    found = list_findings(tmp_path, FILLED + BOOKED + "    - b\n", domain=domain)
    assert (
        "domain.yml:7: warning: The form `order` stands under `actions` too, so that an action of that name is run in its place. "
        "Remove it from `actions`, unless you have such an action."
    ) in found


def test_stories_without_any_sentences_are_doubtful(tmp_path: Path) -> None:
    files = {"domain.yml": DOMAIN, "data/stories.yml": STORIES}
    assert [problem.message for problem in validate_written(tmp_path, files)] == [
        "There are stories or rules and no examples of intents, so that only buttons and `/intent` are understood."
    ]


def test_a_single_intent_has_nothing_to_be_told_from(tmp_path: Path) -> None:
    assert list_findings(tmp_path, nlu=FILLED)[0] == (
        "data/nlu.yml:2: warning: `greet` is the only intent with examples, so that every message is taken for it. "
        "Add examples of the others."
    )


def test_a_response_key_without_examples_is_named_in_a_story(tmp_path: Path) -> None:
    stories = STORIES.replace("intent: book", "intent: book/late")
    assert list_findings(tmp_path, nlu=TWICE, stories=stories) == [
        "data/stories.yml:5: warning: The intent `book/late` has no examples. "
        "Add some, or leave out what stands behind the slash."
    ]


def test_sentences_without_stories_wait_for_nobody(tmp_path: Path) -> None:
    assert list_findings(tmp_path, nlu=TWICE, stories="stories: []\n") == []


def test_what_default_actions_say_is_in_use(tmp_path: Path) -> None:
    domain = DOMAIN + "  utter_default: [{text: What?}]\n  utter_restart: [{text: Again.}]\n"
    assert list_findings(tmp_path, nlu=TWICE, domain=domain) == []


def test_code_that_validates_a_form_may_ask_for_any_slot(tmp_path: Path) -> None:
    domain = (
        DOMAIN
        + "  utter_ask_trip_form_seat: [{text: Where?}]\n  utter_ask_name: [{text: Who?}]\n"
        + "slots: {name: {type: text}, seat: {type: text}}\nforms: {trip_form: {required_slots: []}}\n"
        + "actions: [validate_trip_form, action_ask_seat]\n"
    )
    assert [finding for finding in list_findings(tmp_path, domain=domain) if "never" in finding] == []
