"""An assistant of many flows, made for measuring: nothing in it comes from a real project."""

import random
from collections.abc import Iterator
from pathlib import Path

FLOWS = 100
TOPICS = (
    "invoice",
    "delivery",
    "contract",
    "booking",
    "meter",
    "device",
    "refund",
    "visit",
    "tariff",
    "account",
)
DEEDS = ("check", "change", "cancel", "order", "extend", "report", "move", "pause", "renew", "compare")

CONFIG = """recipe: default.v1
language: en
assistant_id: measured
pipeline: []
policies:
  - name: FlowPolicy
"""
ENDPOINTS = """tracker_store:
  type: SQL
  dialect: sqlite
  db: conversations.db
"""


def write_project(folder: Path, *, flows: int = FLOWS) -> Path:
    """Write the assistant into a folder; the same one every time."""
    (folder / "data").mkdir(parents=True)
    (folder / "domain").mkdir()
    (folder / "config.yml").write_text(CONFIG, encoding="utf-8")
    (folder / "endpoints.yml").write_text(ENDPOINTS, encoding="utf-8")
    (folder / "credentials.yml").write_text("rest:\n", encoding="utf-8")
    names = [name_flow(place) for place in range(flows)]
    (folder / "data" / "flows.yml").write_text("flows:\n" + "".join(map(_make_flow, names)), encoding="utf-8")
    (folder / "domain" / "slots.yml").write_text(
        "slots:\n" + "".join(map(_make_slots, names)), encoding="utf-8"
    )
    responses = "responses:\n" + "".join(map(_make_responses, names))
    (folder / "domain" / "responses.yml").write_text(responses, encoding="utf-8")
    return folder


def name_flow(place: int) -> str:
    """The id of a flow by its place."""
    deed, topic = DEEDS[place % len(DEEDS)], TOPICS[place // len(DEEDS) % len(TOPICS)]
    return f"{deed}_{topic}" if place < FLOWS else f"{deed}_{topic}_{place}"


def make_script(flow: str) -> tuple[str, ...]:
    """What a user sends to walk through a flow by buttons: five turns, each a payload, an effect and a reply."""
    return (
        f"/{flow}",
        f"/SetSlots({flow}_kind=second)",
        f"/SetSlots({flow}_amount=25)",
        f"/SetSlots({flow}_agreed=true)",
        "/SetSlots(continue_conversation=true)",
    )


def _make_flow(flow: str) -> str:
    words = flow.replace("_", " ")
    return f"""  {flow}:
    name: {words}
    description: The customer wants to {words} and says which kind, how much, and whether to go on.
    steps:
      - collect: {flow}_kind
        description: which kind the customer means
      - id: ask_amount
        collect: {flow}_amount
        description: how much, as a number
        rejections:
          - if: slots.{flow}_amount <= 0
            utter: utter_{flow}_too_little
      - collect: {flow}_agreed
        description: whether to go on
        ask_before_filling: true
        next:
          - if: slots.{flow}_agreed and slots.{flow}_amount > 1000
            then:
              - action: utter_{flow}_large
                next: END
          - if: slots.{flow}_agreed
            then:
              - action: utter_{flow}_done
                next: END
          - else:
              - action: utter_{flow}_left
                next: END
"""


def _make_slots(flow: str) -> str:
    return f"""  {flow}_kind:
    type: categorical
    values:
      - first
      - second
      - third
    mappings:
      - type: from_llm
  {flow}_amount:
    type: float
    mappings:
      - type: from_llm
  {flow}_agreed:
    type: bool
    mappings:
      - type: from_llm
"""


def _make_responses(flow: str) -> str:
    words = flow.replace("_", " ")
    return f"""  utter_ask_{flow}_kind:
    - text: Which kind is it about?
      buttons:
        - title: The first
          payload: /SetSlots({flow}_kind=first)
        - title: The second
          payload: /SetSlots({flow}_kind=second)
        - title: The third
          payload: /SetSlots({flow}_kind=third)
  utter_ask_{flow}_amount:
    - text: How much is it?
  utter_ask_{flow}_agreed:
    - text: "Shall I {words}: {{{flow}_kind}}, {{{flow}_amount}}?"
      buttons:
        - title: "Yes"
          payload: /SetSlots({flow}_agreed=true)
        - title: "No"
          payload: /SetSlots({flow}_agreed=false)
  utter_{flow}_too_little:
    - text: That must be more than nothing.
  utter_{flow}_large:
    - text: "A colleague will look at {{{flow}_amount}} first."
  utter_{flow}_done:
    - text: "Done: {words}, {{{flow}_amount}} of the {{{flow}_kind}} kind."
  utter_{flow}_left:
    - text: I leave it as it is.
"""


def write_large_data(path: Path, *, megabytes: float) -> int:
    """Write NLU examples of about that size; how many bytes there are."""
    lines = _make_examples(random.Random(7))
    written = 0
    with path.open("w", encoding="utf-8") as file:
        written += file.write('version: "3.1"\nnlu:\n')
        while written < megabytes * 1_000_000:
            written += file.write(next(lines))
    return path.stat().st_size


def _make_examples(chance: random.Random) -> Iterator[str]:
    fillers = (
        "please",
        "as soon as you can",
        "for my second home",
        "before Friday",
        "without a fee",
        "again",
    )
    number = 0
    while True:
        flow = name_flow(number % FLOWS)
        yield f"  - intent: intent_{flow}_{number}\n    examples: |\n"
        for _ in range(40):
            amount = chance.randint(1, 5000)
            yield f"      - {flow.replace('_', ' ')} [{amount}](amount) {chance.choice(fillers)}\n"
        number += 1
