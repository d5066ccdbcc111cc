"""Measure the understanding without a model on real data: flows found, answers recognised, time for a message.

Run with the folder of projects and data sets in DUOLOGUE_ACCEPTANCE_DATA; without it only the timing on invented
flows is reported. Figures are reports, not gates.
"""

import json
import os
import random
import re
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from duologue.understanding.answers.answer import Answer
from duologue.understanding.answers.answer_kind import AnswerKind
from duologue.understanding.answers.recognition import recognise_answer
from duologue.understanding.flow_matcher import FlowMatcher, FlowText
from duologue.understanding.slot_spotter import SlotText, spot_slots
from duologue.understanding.speech_acts import recognise_speech_acts

SURE = 0.6
FLOWS_FOR_TIMING, EXAMPLES_FOR_TIMING = 100, 10


class Case(NamedTuple):
    """A sentence and the flow it asks for; None for out of scope."""

    text: str
    flow_id: str | None


def main() -> None:
    """Print every report that the data at hand allows."""
    folder = os.environ.get("DUOLOGUE_ACCEPTANCE_DATA")
    if folder:
        data = Path(folder)
        report_hybrid_demo(data / "projects" / "rasa-calm-hybrid-demo")
        report_intents(data / "nlu" / "clinc150")
        report_requested_slots(data / "nlu" / "restaurants8k" / "train.jsonl")
    report_timing()


def report_hybrid_demo(project: Path) -> None:
    """One-turn end-to-end tests: does the sentence find the flow whose response is expected?"""
    if not project.exists():
        return
    flows = _read_flows(project)
    examples = _read_examples(project)
    cases = _read_one_turn_cases(project)
    bare = [
        FlowText(flow_id=flow_id, name=flow["name"], description=flow["description"])
        for flow_id, flow in flows.items()
    ]
    with_examples = [
        FlowText(
            flow_id=flow_id,
            name=flow["name"],
            description=flow["description"],
            examples=examples.get(_plain(flow_id), ()),
        )
        for flow_id, flow in flows.items()
    ]
    print(f"{project.name}: {len(cases)} sentences, {len(flows)} flows")
    _report_matches("names and descriptions", bare, cases)
    _report_matches("names, descriptions and examples", with_examples, cases)


def report_intents(folder: Path, *, intents: int = 20, examples: int = 8) -> None:
    """Small assistants drawn from a public intent set, with sentences of other intents as out of scope."""
    if not folder.exists():
        return
    chance = random.Random(7)
    train = _group(_read_lines(folder / "train.jsonl"))
    held_out = _group(_read_lines(folder / "val.jsonl"))
    chosen = chance.sample(sorted(train), intents)
    others = [name for name in held_out if name not in chosen]
    cases = [Case(text, name) for name in chosen for text in held_out[name][:10]]
    cases += [Case(held_out[name][0], None) for name in others]
    print(f"{folder.name}: {intents} intents drawn by chance, {len(cases)} sentences")
    for count in (0, examples):
        flows = [
            FlowText(
                flow_id=name, name=name.replace("_", " "), examples=tuple(chance.sample(train[name], count))
            )
            for name in chosen
        ]
        _report_matches(f"names and {count} examples each", flows, cases)


_SLOT_KINDS = {
    "time": AnswerKind.TIME,
    "date": AnswerKind.DATE,
    "people": AnswerKind.NUMBER,
    "first_name": AnswerKind.PERSON_NAME,
    "last_name": AnswerKind.PERSON_NAME,
}


def report_requested_slots(path: Path) -> None:
    """Answers to a question just asked: is the value found where people marked it, and nothing where they did not?"""
    if not path.exists():
        return
    found = dict.fromkeys(_SLOT_KINDS, 0)
    given, wrongly, empty = dict(found), dict(found), dict(found)
    for line in _read_lines(path):
        for slot in line.get("requested_slots", ()):
            answer = recognise_answer(line["text"], kind=_SLOT_KINDS[slot], today=date(2018, 8, 1))
            marked = [(each["start"], each["end"]) for each in line["entities"] if each["entity"] == slot]
            is_sure = isinstance(answer, Answer) and answer.confidence >= SURE
            if not marked:
                empty[slot] += 1
                wrongly[slot] += is_sure
                continue
            given[slot] += 1
            found[slot] += isinstance(answer, Answer) and any(
                answer.span[0] < end and start < answer.span[1] for start, end in marked
            )
    print(f"{path.parent.name}: answers to a requested slot")
    for slot in _SLOT_KINDS:
        print(
            f"  {slot:<12} found {_share(found[slot], given[slot])}, sure of what is none {_share(wrongly[slot], empty[slot])}"
        )


def report_timing() -> None:
    """CPU time of building an index of 100 flows and of understanding one message with it."""
    chance = random.Random(3)
    words = [
        f"{start}{middle}{end}"
        for start in ("ba", "ko", "li", "mu", "ren", "sta", "fe", "gro", "ni", "pa")
        for middle in ("ra", "ti", "lon", "ve", "so", "di", "ga", "mer")
        for end in ("d", "ter", "ck", "ling", "s", "bo", "ne", "tal", "ru", "fy")
    ]
    flows = [
        FlowText(
            flow_id=f"flow_{number}",
            name=" ".join(chance.sample(words, 2)),
            description=" ".join(chance.sample(words, 12)) + ".",
            examples=tuple(" ".join(chance.sample(words, 6)) for _ in range(EXAMPLES_FOR_TIMING)),
        )
        for number in range(FLOWS_FOR_TIMING)
    ]
    started = time.process_time()
    matcher = FlowMatcher.build(flows)
    print(f"timing: {FLOWS_FOR_TIMING} flows with {EXAMPLES_FOR_TIMING} examples each")
    print(f"  build           {(time.process_time() - started) * 1e3:7.1f} ms")
    messages = [" ".join(["i", "want", "to", *chance.sample(words, 3), "please"]) for _ in range(200)]
    slots = (
        SlotText(name="amount", kind=AnswerKind.AMOUNT),
        SlotText(name="date", kind=AnswerKind.DATE),
        SlotText(name="recipient", kind=AnswerKind.PERSON_NAME),
    )
    steps: dict[str, Callable[[str], object]] = {
        "rank flows": matcher.rank,
        "speech acts": recognise_speech_acts,
        "spot slots": lambda text: spot_slots(text, slots=slots),
        "typed answer": lambda text: recognise_answer(text, kind=AnswerKind.AMOUNT),
    }
    for name, step in steps.items():
        print(f"  {name:<15} {_milliseconds(step, messages):7.3f} ms a message")


def _milliseconds(step: Callable[[str], object], messages: Sequence[str]) -> float:
    for message in messages:
        step(message)
    started = time.process_time()
    for message in messages:
        step(message)
    return (time.process_time() - started) / len(messages) * 1e3


def _report_matches(title: str, flows: Sequence[FlowText], cases: Sequence[Case]) -> None:
    matcher = FlowMatcher.build(flows)
    best = [(case, ranked[0] if (ranked := matcher.rank(case.text)) else None) for case in cases]
    wanted = [(case, match) for case, match in best if case.flow_id is not None]
    right = sum(match is not None and match.flow_id == case.flow_id for case, match in wanted)
    sure = [(case, match) for case, match in wanted if match is not None and match.score >= SURE]
    wrong = sum(match.flow_id != case.flow_id for case, match in sure)
    line = f"  {title}: right {_share(right, len(wanted))}, sure {_share(len(sure), len(wanted))}, wrong though sure {wrong}"
    outside = [match for case, match in best if case.flow_id is None]
    if outside:
        line += f", out of scope but sure {_share(sum(m is not None and m.score >= SURE for m in outside), len(outside))}"
    print(line)


def _share(count: int, total: int) -> str:
    return f"{count}/{total} ({count / max(1, total):.1%})"


def _read_flows(project: Path) -> dict[str, dict[str, str]]:
    flows: dict[str, dict[str, str]] = {}
    for path in sorted((project / "data" / "flows").glob("flow-*.yml")):
        for flow_id, flow in _read_yaml(path)["flows"].items():
            flows[flow_id] = {
                "name": str(flow.get("name", "")),
                "description": str(flow.get("description", "")),
            }
    return flows


def _read_examples(project: Path) -> dict[str, tuple[str, ...]]:
    examples: dict[str, tuple[str, ...]] = {}
    for path in sorted((project / "data" / "nlu").rglob("*.yml")):
        for block in _read_yaml(path)["nlu"]:
            lines = [
                line.strip()[2:] for line in block["examples"].splitlines() if line.strip().startswith("- ")
            ]
            examples[_plain(block["intent"])] = tuple(lines)
    return examples


def _read_one_turn_cases(project: Path) -> list[Case]:
    cases: list[Case] = []
    for test in _read_yaml(project / "tests" / "e2e_test_cases.yml")["test_cases"]:
        said, expected = test["steps"][0]["user"], test["steps"][1]["utter"]
        cases.append(Case(said, "flow-" + expected.removeprefix("utter_intro-")))
    return cases


def _plain(name: str) -> str:
    return re.sub(r"^(?:flow|nlu)-", "", name)


def _read_yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def _read_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def _group(lines: Iterable[dict[str, Any]]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for line in lines:
        grouped.setdefault(line["intent"], []).append(line["text"])
    return grouped


if __name__ == "__main__":
    main()
