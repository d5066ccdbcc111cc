"""A classic assistant that has learned a flow: with a router between both parts, and without one."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.conversation.ferry_talk import FerryTalk, copy_ferry, open_ferry

ROUTER = """
  - name: IntentBasedRouter
    nlu_entry:
      sticky: [book, tell]
      non_sticky: [weather, greet]
    calm_entry:
      sticky: [rent_bike]
"""
CONFIG = """
recipe: default.v1
language: en
assistant_id: ferry
pipeline:
  - name: KeywordIntentClassifier{router}
policies:
  - name: FlowPolicy
  - name: RulePolicy
"""
FILES = {
    "flows.yml": """
flows:
  rent_bike:
    description: Rent a bicycle.
    steps:
      - collect: bike_days
      - action: utter_bike
  pattern_completed:
    description: The flow is over, and the session is nobody's.
    steps:
      - action: action_reset_routing
""",
    "nlu_of_both.yml": """
version: "3.1"
nlu:
  - intent: book
    examples: |
      - ticket
  - intent: rent_bike
    examples: |
      - bicycle
""",
    "rules_of_both.yml": """
version: "3.1"
rules:
  - rule: leave
    steps:
      - intent: leave_session
      - action: utter_bye
      - action: action_reset_routing
""",
}
DOMAIN = """
version: "3.1"
intents: [rent_bike, leave_session]
slots:
  route_session_to_calm:
    type: bool
    mappings:
      - type: custom
  bike_days:
    type: text
    mappings:
      - type: from_llm
responses:
  utter_ask_bike_days:
    - text: For how many days?
  utter_bike:
    - text: A bicycle for {bike_days} days.
"""


@pytest.fixture(params=[ROUTER, ""], ids=["router", "no router"])
async def talk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[FerryTalk]:
    copy_ferry(tmp_path)
    (tmp_path / "domain").mkdir()
    (tmp_path / "domain.yml").rename(tmp_path / "domain" / "ferry.yml")
    (tmp_path / "domain" / "both.yml").write_text(DOMAIN, encoding="utf-8")
    for name, text in FILES.items():
        (tmp_path / "data" / name).write_text(text, encoding="utf-8")
    async with open_ferry(tmp_path, config=CONFIG.format(router=request.param.rstrip())) as talk:
        yield talk


async def test_each_part_answers_what_is_its_own(talk: FerryTalk) -> None:
    assert await talk.says("weather") == ["The sea is calm."]
    assert await talk.says("bicycle") == ["For how many days?"]
    assert await talk.says("3") == ["A bicycle for 3 days."]
    assert await talk.says("ticket") == ["To which harbour?"]


async def test_a_form_gets_its_answers_and_its_buttons(talk: FerryTalk) -> None:
    await talk.says("ticket")
    assert await talk.says('/tell{"harbour": "Elm Island"}') == ["How many seats to Elm Island?"]
    assert await talk.says("weather") == ["The sea is calm.", "How many seats to Elm Island?"]
    assert await talk.says('/tell{"seats": 2}') == ["Do you bring a car?"]
    assert await talk.says("/affirm") == ["What is on its plate?"]
    assert await talk.says("bicycle 7") == ["2 to Elm Island, bicycle 7."]


async def test_a_button_with_values_may_begin_a_form(talk: FerryTalk) -> None:
    assert await talk.says('/book{"harbour": "Elm Island"}') == ["How many seats to Elm Island?"]


async def test_what_was_decided_holds_until_it_is_reset(talk: FerryTalk) -> None:
    await talk.says("ticket", "/stop")
    assert await talk.says("/leave_session") == ["Bye."]
    assert await talk.says("bicycle") == ["For how many days?"]
