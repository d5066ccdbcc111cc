"""What the pipeline learns from: the examples and tables of a definition, in the shape that components read."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from duologue.core.domain import Domain
from duologue.core.understanding import Entity
from duologue.core.values import OpenData
from duologue.ports.sentence_encoder import SentenceEncoder
from duologue.project.definition import AssistantDefinition, IntentExample
from duologue.understanding.nlu.component import NluResources
from duologue.understanding.nlu.message import TrainingExample, list_requested

RESPONSE_PREFIX = "utter_"


def list_training_examples(examples: Iterable[IntentExample]) -> tuple[TrainingExample, ...]:
    """Every example once: the same sentence with the same intent and entities teaches nothing more."""
    unique: dict[bytes, TrainingExample] = {}
    for example in map(read_training_example, examples):
        # The same answer to another question is another example.
        asked = list_requested(example)
        key = msgspec.json.encode(
            (example.text, example.intent, example.response_key, example.entities, asked)
        )
        unique.setdefault(key, example)
    return tuple(unique.values())


def read_training_example(example: IntentExample) -> TrainingExample:
    """One example of the project, its retrieval intent taken apart."""
    intent, slash, _ = example.intent.partition("/")
    return TrainingExample(
        text=example.text,
        intent=intent,
        response_key=example.intent if slash else None,
        entities=tuple(map(_read_entity, example.entities)),
        metadata=example.metadata,
    )


def _read_entity(mark: Mapping[str, Any]) -> Entity:
    return Entity(
        entity=mark["entity"],
        value=mark.get("value"),
        start=mark.get("start"),
        end=mark.get("end"),
        role=mark.get("role"),
        group=mark.get("group"),
    )


def make_resources(
    definition: AssistantDefinition,
    *,
    encoder: SentenceEncoder | None = None,
    threads: int = 1,
    duckling_url: str | None = None,
) -> NluResources:
    """What the components of the definition's pipeline have in common."""
    data = definition.training_data
    return NluResources(
        language=definition.config.language,
        encoder=encoder,
        synonyms=data.synonyms,
        lookups=data.lookups,
        regexes=data.regexes,
        responses=_list_retrieval_responses(definition.domain, data.examples),
        entity_names=tuple(sorted(definition.domain.entities)),
        threads=threads,
        duckling_url=duckling_url,
    )


def _list_retrieval_responses(
    domain: Domain, examples: Iterable[IntentExample]
) -> dict[str, tuple[OpenData, ...]]:
    """The responses that answer retrieval intents, as authors write them, by `<intent>/<key>`."""
    retrieval = {example.intent.partition("/")[0] for example in examples if "/" in example.intent}
    found: dict[str, tuple[OpenData, ...]] = {}
    for name, variations in domain.responses.items():
        key = name.removeprefix(RESPONSE_PREFIX)
        if "/" in key and key.partition("/")[0] in retrieval:
            found[key] = tuple(msgspec.to_builtins(variation) for variation in variations)
    return found
