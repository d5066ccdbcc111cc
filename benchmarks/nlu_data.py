"""Sentences with intents and entities to measure the trained pipeline with, read from JSON lines."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from duologue.core.understanding import Entity
from duologue.understanding.nlu.message import REQUESTED_SLOTS, TrainingExample

OUT_OF_SCOPE = "oos"
"""Goes by no intent: a sentence that the assistant must own up to not understanding."""
_EVERY = 10


class NluSet(msgspec.Struct, frozen=True, kw_only=True):
    """What is learned, and what is asked afterwards."""

    name: str
    train: tuple[TrainingExample, ...]
    test: tuple[TrainingExample, ...]
    out_of_scope: tuple[str, ...] = ()
    """Other sentences that are asked."""


def read_sets(folder: Path) -> list[NluSet]:
    """The sets in a folder, each on a part that it does not learn from; what is not there is left out."""
    sets: list[NluSet] = []
    if (banking := read_examples(folder / "banking77/train.jsonl")) is not None:
        train, test = _hold_out(banking)
        sets.append(NluSet(name="BANKING77", train=train, test=test))
        sets.extend(_read_few(folder / "banking77/few_shot.json", banking))
    if (clinc := read_examples(folder / "clinc150/train.jsonl")) is not None:
        sets.append(
            NluSet(
                name="CLINC150",
                train=clinc,
                test=read_examples(folder / "clinc150/val.jsonl") or (),
                # Not `oos_train`: the packaged encoder was tuned with it.
                out_of_scope=tuple(
                    example.text for example in read_examples(folder / "clinc150/oos_val.jsonl") or ()
                ),
            )
        )
    if (snips := read_examples(folder / "snips/train.jsonl")) is not None:
        sets.append(NluSet(name="SNIPS", train=snips, test=read_examples(folder / "snips/val.jsonl") or ()))
    if (restaurants := read_examples(folder / "restaurants8k/train.jsonl")) is not None:
        train, test = _hold_out(restaurants)
        name = "Restaurants-8k"
        sets.append(NluSet(name=name, train=_forget_questions(train), test=_forget_questions(test)))
        sets.append(NluSet(name=f"{name}, the question known", train=train, test=test))
    return sets


def read_given(train: Path, test: Path) -> NluSet:
    """Two files of the reader's own; sentences of `test` whose intent is `oos` are out of scope."""
    asked = read_examples(test) or ()
    return NluSet(
        name=f"{train.parent.name}/{test.stem}",
        train=tuple(one for one in read_examples(train) or () if one.intent != OUT_OF_SCOPE),
        test=tuple(one for one in asked if one.intent != OUT_OF_SCOPE),
        out_of_scope=tuple(one.text for one in asked if one.intent == OUT_OF_SCOPE),
    )


def read_examples(path: Path) -> tuple[TrainingExample, ...] | None:
    """One example a line: `text`, `intent`, `entities`, `requested_slots`; None without the file."""
    if not path.exists():
        return None
    lines = path.read_text(encoding="utf-8").splitlines()
    return tuple(_read_example(json.loads(line)) for line in lines if line.strip())


def _read_example(line: dict[str, Any]) -> TrainingExample:
    entities = [
        Entity(entity=one["entity"], value=one.get("value", ""), start=one["start"], end=one["end"])
        for one in line.get("entities") or ()
    ]
    return TrainingExample(
        text=line["text"],
        intent=line.get("intent") or line.get("label") or "",
        entities=tuple(entities),
        metadata={name: line[name] for name in (REQUESTED_SLOTS,) if name in line},
    )


def _forget_questions(examples: Iterable[TrainingExample]) -> tuple[TrainingExample, ...]:
    return tuple(msgspec.structs.replace(example, metadata={}) for example in examples)


def _hold_out(examples: Iterable[TrainingExample]) -> tuple[tuple[TrainingExample, ...], ...]:
    """Every tenth sentence of each intent is asked, the others are learned."""
    met = Counter[str]()
    train: list[TrainingExample] = []
    test: list[TrainingExample] = []
    for example in examples:
        (train if met[example.intent] % _EVERY else test).append(example)
        met[example.intent] += 1
    return tuple(train), tuple(test)


def _read_few(path: Path, examples: Sequence[TrainingExample]) -> list[NluSet]:
    if not path.exists():
        return []
    chosen: list[int] = json.loads(path.read_text(encoding="utf-8"))["10"]
    taken = set(chosen)
    return [
        NluSet(
            name="BANKING77, 10 an intent",
            train=tuple(examples[number] for number in chosen),
            test=tuple(example for number, example in enumerate(examples) if number not in taken),
        )
    ]
