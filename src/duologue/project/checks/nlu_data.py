"""NLU data: sentences for every intent, each under one of them, with marks that can be meant."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from duologue.core.values import OpenData
from duologue.project.checks.subject import Subject
from duologue.project.definition import IntentExample
from duologue.project.places import below
from duologue.project.problems import Spot, suggest_name

_FEWEST_EXAMPLES = 2
_LEFT_OVER_MARK = re.compile(r"\[[^\[\]]*\](?:\(|\s*(?:\(\S[^)]*\)|\{\s*\"))")


def check_nlu_data(subject: Subject) -> None:
    """Check what intents are learned from."""
    examples = subject.definition.training_data.examples
    placed = tuple(zip(examples, subject.reading.example_spots, strict=False))
    _check_intents(subject)
    _check_texts(subject, placed)
    _check_marks(subject, placed)


def _check_intents(subject: Subject) -> None:
    """Intents are declared and have enough sentences."""
    _check_choice(subject)
    counts = Counter(example.intent for example in subject.definition.training_data.examples)
    for intent in subject.reading.places.list_names("example"):
        spot = subject.place_of("example", intent)
        if intent and not _is_declared(subject, intent):
            subject.problems.warn(
                spot,
                f"There are examples of the intent `{intent}`, which the domain does not declare.",
                suggest_name(intent, subject.domain.intents) or "Declare it under `intents:`.",
            )
        if not counts[intent]:
            subject.problems.warn(
                spot, f"The intent `{intent}` has no examples.", "Add some, or remove the entry."
            )
        elif counts[intent] < _FEWEST_EXAMPLES and intent and not subject.own_flows:
            subject.problems.warn(
                spot,
                f"The intent `{intent}` has only one example.",
                f"Add more: at least {_FEWEST_EXAMPLES}, better 10 or more.",
            )


def _check_choice(subject: Subject) -> None:
    """Stories need intents to be understood, and more than one to choose from."""
    data = subject.definition.training_data
    intents = {example.intent for example in data.examples if example.intent}
    pipeline = below(subject.place_of("config"), "pipeline")
    if subject.own_flows or not (data.stories or data.rules):
        return
    if not data.examples:
        subject.problems.warn(
            pipeline,
            "There are stories or rules and no examples of intents, so that only buttons and `/intent` are understood.",
            "Add examples below `data`, under `nlu:`.",
        )
    elif len(intents) == 1:
        only = next(iter(intents))
        subject.problems.warn(
            subject.place_of("example", only),
            f"`{only}` is the only intent with examples, so that every message is taken for it.",
            "Add examples of the others.",
        )


def _is_declared(subject: Subject, intent: str) -> bool:
    """Whether the domain knows it, the whole of it or what stands before a response key."""
    return intent in subject.known_intents or intent.partition("/")[0] in subject.known_intents


def _check_texts(subject: Subject, placed: tuple[tuple[IntentExample, Spot], ...]) -> None:
    """No sentence teaches two intents, or one twice."""
    seen: dict[str, tuple[IntentExample, Spot]] = {}
    repeated: dict[str, list[tuple[IntentExample, Spot]]] = {}
    for example, spot in placed:
        first, first_spot = seen.setdefault(example.text, (example, spot))
        if first.intent != example.intent and first.intent and example.intent:
            subject.problems.warn(
                spot,
                f"The example `{example.text[:60]}` stands under `{example.intent}` here"
                f" and under `{first.intent}` at {first_spot.file}:{first_spot.line}.",
                "Keep it under one of them.",
            )
        elif first is not example and first.entities == example.entities:
            repeated.setdefault(example.intent, []).append((example, spot))
    for intent, examples in repeated.items():
        example, spot = examples[0]
        more = f", and {len(examples) - 1} more" if len(examples) > 1 else ""
        subject.problems.warn(
            spot,
            f"The intent `{intent}` has the example `{example.text[:60]}` more than once{more}.",
            "Once is enough.",
        )


def _check_marks(subject: Subject, placed: tuple[tuple[IntentExample, Spot], ...]) -> None:
    """Marks lie beside each other, hold words and name entities of the domain."""
    told: set[tuple[str, ...]] = set()
    # Flows can do without entities; what marks them there is only decoration.
    is_told = bool(subject.domain.entities) or not subject.own_flows
    for example, spot in placed:
        for message, hint in _list_slips(example):
            subject.problems.warn(spot, message, hint)
        for entity in example.entities if is_told else ():
            for key, message, hint in _list_unknown(subject, entity):
                if key not in told:
                    told.add(key)
                    subject.problems.warn(spot, message, hint)


def _list_slips(example: IntentExample) -> Iterator[tuple[str, str]]:
    shown = example.text[:60]
    if "[" not in example.text and not example.entities:
        return
    spans = sorted({(entity["start"], entity["end"]) for entity in example.entities})
    if any(later[0] < earlier[1] for earlier, later in pairwise(spans)) or any(
        "[" in example.text[start:end] for start, end in spans
    ):
        yield f"Entity marks of the example `{shown}` overlap.", "Let each word belong to one mark."
    elif _LEFT_OVER_MARK.search(example.text):
        yield (
            f"The example `{shown}` holds something that looks like an entity mark and is none.",
            "Write `[words](entity)`, without a space between and with all brackets closed.",
        )
    for start, end in spans:
        words = example.text[start:end]
        if words != words.strip():
            yield f"An entity mark of `{shown}` holds a space at its edge.", f"Mark `{words.strip()}` only."


def _list_unknown(subject: Subject, entity: OpenData) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """What of an entity the domain does not declare; each with a key, to tell it once."""
    name = entity["entity"]
    declared = subject.domain.entities.get(name)
    if declared is None:
        yield (
            (name,),
            f"The entity `{name}` is marked, but the domain does not declare it.",
            suggest_name(name, subject.domain.entities) or "Declare it under `entities:`.",
        )
        return
    for what, known in (("role", declared.roles), ("group", declared.groups)):
        value = entity.get(what)
        if value is not None and value not in known:
            yield (
                (name, what, str(value)),
                f"The entity `{name}` is marked with the {what} `{value}`, which the domain does not declare.",
                suggest_name(str(value), known) or f"Add it under `{what}s` of the entity.",
            )
