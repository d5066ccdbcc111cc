"""A project of five megabytes is read and checked in seconds, and lines cost nothing until one is asked for."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from ryaml import loads as read_quickly  # pyright: ignore[reportPrivateImportUsage]

from duologue.project import yaml_reader
from duologue.project.checks import validate_project
from duologue.project.project_reader import read_project
from tests.unit.project.written_project import CONFIG

FLOWS = 300
QUESTIONS = 900
ANSWERS = 1100
INTENTS = 200


def write_large_project(folder: Path) -> int:
    """Write it and give its size in bytes."""
    files = {
        "config.yml": CONFIG,
        "domain.yml": "\n".join(
            ("slots:", *list_slots(), "responses:", *list_responses(), "intents:", *list_intents())
        ),
        "flows.yml": "\n".join(("flows:", *list_flows())),
        "nlu.yml": "\n".join(("nlu:", *list_examples())),
    }
    for name, text in files.items():
        path = folder / ("data" if name in ("flows.yml", "nlu.yml") else "") / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text + "\n", encoding="utf-8")
    return sum(len(text) for text in files.values())


def list_slots() -> list[str]:
    return [f"  slot_{n}:\n    type: text\n    mappings:\n    - type: from_llm" for n in range(QUESTIONS)]


def list_intents() -> list[str]:
    return [f"- intent_{n}" for n in range(INTENTS)]


def list_responses() -> list[str]:
    questions = [
        f"  utter_ask_slot_{n}:\n  - text: Which value do you want to give for number {n}, please?\n"
        f"    buttons:\n    - title: First\n      payload: /SetSlots(slot_{n}=first)"
        for n in range(QUESTIONS)
    ]
    variation = "  - text: |\n      Here is answer {n}, said in way {way}! It names {{slot_{slot}}} too.\n      And goes on.\n"
    answers = [
        f"  utter_answer_{n}:\n"
        + "".join(
            variation.format(n=n, way=way, slot=n % QUESTIONS) + "    metadata: {rephrase: true}\n"
            for way in range(4)
        )
        for n in range(ANSWERS)
    ]
    return questions + answers


def list_flows() -> list[str]:
    flows: list[str] = []
    for n in range(FLOWS):
        flows.append(
            f"  flow_{n}:\n    name: flow {n}\n    description: The user wants to do thing {n}.\n    steps:"
        )
        for number in range(3):
            slot = n * 3 + number
            flows.append(
                f"    - collect: slot_{slot}\n      next:\n      - if: slots.slot_{slot} = 'x'\n        then:\n"
                f"        - action: utter_answer_{slot}\n          next: END\n      - else: after_{number}\n"
                f"    - id: after_{number}\n      action: utter_answer_{slot + 200}"
            )
    return flows


def list_examples() -> list[str]:
    sentence = (
        "    - I would like thing {n} in way [{way}](amount), please, and thank you! That is {way} of {n}."
    )
    return [
        f"- intent: intent_{n}\n  examples: |\n"
        + "\n".join(sentence.format(n=n, way=way) for way in range(220))
        for n in range(INTENTS)
    ]


@pytest.mark.slow
def test_a_large_project_costs_a_small_multiple_of_parsing_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, record_property: Callable[[str, object], None]
) -> None:
    assert write_large_project(tmp_path) > 5_000_000
    trees: list[str] = []
    compose = yaml_reader.compose_tree
    monkeypatch.setattr(yaml_reader, "compose_tree", lambda text: trees.append(text) or compose(text))

    begun = time.process_time()
    for path in tmp_path.rglob("*.yml"):
        read_quickly(path.read_text(encoding="utf-8"))
    floor = time.process_time() - begun
    begun = time.process_time()
    problems = validate_project(read_project(tmp_path, environment={}))
    spent = time.process_time() - begun

    record_property("seconds", spent)
    record_property("times_the_parser_alone", spent / floor)
    assert problems.format() == ""
    assert trees == []
    assert spent < 20 * floor
