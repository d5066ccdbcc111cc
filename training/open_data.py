"""Sentences of the openly licensed data sets: who said what to reach which goal, and which parts training never sees."""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

HELD_OUT_CLINC = ("travel", "auto_and_commute", "work")
"""Whole domains of clinc150 that nothing is trained on."""
HELD_OUT_SERVICES = (
    "RentalCars_1",
    "RentalCars_2",
    "Homes_1",
    "Services_1",
    "Services_2",
    "Services_3",
    "Banks_1",
)
"""Services of SGD that nothing is trained on."""
HELD_OUT_XSID = ("it", "nl", "da")
"""Languages of xSID that nothing is trained on."""
HELD_OUT_EVERY = 3
"""Every third intent of banking77, by name, is held out."""


class Said(NamedTuple):
    """A sentence and the goal it was said for."""

    text: str
    goal: str
    """Name of the goal, unique with the data set's name before it."""
    is_held_out: bool = False


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The JSON object of every line."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def read_clinc_domains(folder: Path) -> dict[str, list[str]]:
    """The intents of every domain of clinc150."""
    return json.loads((folder / "nlu/clinc150/domains.json").read_text(encoding="utf-8"))


def held_out_banking(folder: Path) -> set[str]:
    """The intents of banking77 that training leaves out."""
    names = sorted({line["intent"] for line in read_lines(folder / "nlu/banking77/train.jsonl")})
    return set(names[::HELD_OUT_EVERY])


def read_clinc(folder: Path, part: str = "train") -> Iterator[Said]:
    """The intents of clinc150, without out-of-scope sentences."""
    domains = read_clinc_domains(folder)
    held = {intent for domain in HELD_OUT_CLINC for intent in domains[domain]}
    for line in read_lines(folder / f"nlu/clinc150/{part}.jsonl"):
        yield Said(line["text"], f"clinc150/{line['intent']}", line["intent"] in held)


def read_banking(folder: Path) -> Iterator[Said]:
    """The intents of banking77."""
    held = held_out_banking(folder)
    for line in read_lines(folder / "nlu/banking77/train.jsonl"):
        yield Said(line["text"], f"banking77/{line['intent']}", line["intent"] in held)


def read_snips(folder: Path) -> Iterator[Said]:
    """The intents of snips."""
    for line in read_lines(folder / "nlu/snips/train.jsonl"):
        yield Said(line["text"], f"snips/{line['intent']}")


def read_xsid(folder: Path, languages: Iterable[str] = ("de", "en", "it", "nl", "da")) -> Iterator[Said]:
    """The intents of xSID, every language's sentences under one goal."""
    for language in languages:
        for line in read_lines(folder / f"nlu/xsid/{language}.valid.jsonl"):
            yield Said(line["text"], f"xsid/{line['intent']}", language in HELD_OUT_XSID)


def read_nlupp(folder: Path) -> Iterator[Said]:
    """The intents of NLU++; a sentence's goal is all of them together. Hotels are held out."""
    for domain in ("banking", "hotels"):
        for line in read_lines(folder / f"nlu/nlupp/{domain}.jsonl"):
            if intents := line.get("intents"):
                yield Said(line["text"], f"nlupp/{'+'.join(sorted(intents))}", domain == "hotels")


def read_small_sets(folder: Path) -> Iterator[Said]:
    """The small sets in Rasa's own format, all held out."""
    for path in sorted((folder / "nlu/rasa-nlu-training-data").glob("*/nlu.yml")):
        if path.parent.name in ("mood", "smalltalk"):
            continue
        intent = ""
        for line in path.read_text(encoding="utf-8").splitlines():
            if found := re.match(r"- intent: (\S+)", line):
                intent = found[1]
            elif found := re.match(r"\s+- (.+)", line):
                yield Said(
                    re.sub(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})", r"\1", found[1]),
                    f"{path.parent.name}/{intent.removesuffix(f'_{path.parent.name}').replace('_fixing_internet', '')}",
                    True,
                )


class Turn(NamedTuple):
    """What a user of SGD said: it opens an intent, or it goes on with one."""

    text: str
    service: str
    intent: str
    opens: bool
    is_held_out: bool


def read_sgd_turns(folder: Path) -> Iterator[Turn]:
    """Every user turn of SGD."""
    for dialogue in json.loads((folder / "dialogue/sgd/dialogues.json").read_text(encoding="utf-8")):
        service = dialogue["services"][0]
        for turn in dialogue["turns"]:
            if turn["speaker"] != "USER":
                continue
            frame = turn["frames"][0]
            acts = [(action["act"], action["values"]) for action in frame["actions"]]
            opened = next((values[0] for act, values in acts if act == "INFORM_INTENT"), None)
            active = opened or frame["state"]["active_intent"]
            yield Turn(turn["utterance"], service, active, opened is not None, service in HELD_OUT_SERVICES)


def read_sgd_services(folder: Path) -> list[dict[str, Any]]:
    """The schemas of SGD's services."""
    return json.loads((folder / "dialogue/sgd/schema.json").read_text(encoding="utf-8"))


_GREETING = re.compile(r"^\W*(?:hi|hello|hey|good \w+|thanks|ok|yes)\b[^a-z]*(?:there\W*)?$", re.IGNORECASE)


def read_values(folder: Path, *, held_out: bool) -> Iterator[str]:
    """What fills slots: every other value is held out."""
    values: dict[str, None] = {}
    for service in read_sgd_services(folder):
        for slot in service["slots"]:
            values.update(dict.fromkeys(value for value in slot["possible_values"] if not value.isdigit()))
    for dialogue in json.loads((folder / "dialogue/sgd/dialogues.json").read_text(encoding="utf-8")):
        for turn in dialogue["turns"]:
            for action in turn["frames"][0]["actions"]:
                if action["act"] in ("INFORM", "OFFER") and action["slot"] not in ("intent", ""):
                    values.update(dict.fromkeys(action["values"]))
    for line in read_lines(folder / "nlu/snips/val.jsonl"):
        values.update(dict.fromkeys(entity["value"] for entity in line["entities"]))
    yield from [value for value in values if len(value) > 1][held_out::2]


def read_star_openings(folder: Path) -> Iterator[Said]:
    """The first thing that users of STAR asked for, under the task of their dialogue; all held out."""
    for path in sorted((folder / "dialogue/star/dialogues").glob("*.json")):
        dialogue = json.loads(path.read_text(encoding="utf-8"))
        task = dialogue["Scenario"]["WizardCapabilities"][0]["Task"]
        for event in dialogue["Events"]:
            if (
                event["Agent"] == "User"
                and event["Action"] == "utter"
                and len(event["Text"].split()) > 3
                and not _GREETING.match(event["Text"])
            ):
                yield Said(event["Text"], f"star/{task}", True)
                break


def read_other_sentences(folder: Path) -> Iterator[str]:
    """More sentences of users and systems without a goal: breadth for the vectors."""
    for dialogue in json.loads((folder / "dialogue/sgd/dialogues.json").read_text(encoding="utf-8")):
        if dialogue["services"][0] not in HELD_OUT_SERVICES:
            yield from (turn["utterance"] for turn in dialogue["turns"])
    for line in read_lines(folder / "nlu/restaurants8k/train.jsonl")[::2]:
        yield line["text"]
    for service in read_sgd_services(folder):
        if service["service_name"] in HELD_OUT_SERVICES:
            continue
        yield service["description"]
        yield from (slot["description"] for slot in service["slots"])
        yield from (intent["description"] for intent in service["intents"])


def read_glosses(folder: Path) -> Iterator[tuple[str, str]]:
    """WordNet's meanings: the words of each, and what they mean."""
    for kind in ("noun", "verb", "adj", "adv"):
        for line in (folder / f"data.{kind}").read_text(encoding="utf-8").splitlines():
            if line.startswith("  "):
                continue
            head, _, gloss = line.partition(" | ")
            parts = head.split()
            count = int(parts[3], 16)
            words = [
                parts[4 + 2 * place].partition("(")[0].replace("_", " ").lower() for place in range(count)
            ]
            yield ", ".join(words), gloss.strip()
