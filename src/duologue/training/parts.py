"""Which parts of an assistant are trained, and from what: the recipe, and a fingerprint of each part."""

import hashlib
from collections.abc import Sequence
from typing import Literal, TypeAlias

import msgspec

from duologue.core.errors import DefinitionError
from duologue.dialogue.policies.options import read_policies
from duologue.project.definition import AssistantDefinition, Component
from duologue.training.nlu_data import list_training_examples, make_resources
from duologue.training.source_digest import (
    ROOMS_OF_NLU,
    ROOMS_OF_POLICIES,
    digest_modules,
    digest_rooms,
)
from duologue.understanding.nlu.component import NluResources
from duologue.understanding.nlu.message import TrainingExample
from duologue.understanding.nlu.plan import has_trained_part

Part: TypeAlias = Literal["nlu", "core"]
PARTS: tuple[Part, ...] = ("nlu", "core")


def list_parts(definition: AssistantDefinition) -> tuple[Part, ...]:
    """The parts that training makes of this assistant; none for one that only has flows."""
    return tuple(part for part in PARTS if (_has_nlu if part == "nlu" else _has_core)(definition))


def _has_nlu(definition: AssistantDefinition) -> bool:
    if not definition.training_data.examples:
        return False
    pipeline = definition.config.pipeline
    return has_trained_part(pipeline) or (not pipeline and definition.is_classic)


def _has_core(definition: AssistantDefinition) -> bool:
    data, policies = definition.training_data, definition.config.policies
    if not (data.stories or data.rules):
        return False
    if not policies:
        return definition.is_classic
    try:
        return bool(read_policies(policies)[0])
    except DefinitionError:
        return True  # training says what is wrong with them


def fingerprint_nlu(
    definition: AssistantDefinition,
    resources: NluResources | None = None,
    examples: Sequence[TrainingExample] | None = None,
) -> str:
    """A text that changes with everything that the trained pipeline depends on."""
    resources = resources or make_resources(definition)
    pipeline = definition.config.pipeline or ()
    return _digest(
        digest_rooms(ROOMS_OF_NLU),
        digest_modules(_list_own(pipeline)),
        pipeline,
        list_training_examples(definition.training_data.examples) if examples is None else examples,
        msgspec.structs.replace(resources, encoder=None, threads=1),
        resources.encoder.name if resources.encoder else None,
    )


def fingerprint_core(definition: AssistantDefinition, augmentation: int | None = None) -> str:
    """A text that changes with everything that the trained policies depend on; the wording of responses does not."""
    data, domain = definition.training_data, definition.domain
    policies = definition.config.policies or ()
    return _digest(
        digest_rooms(ROOMS_OF_POLICIES),
        digest_modules(_list_own(policies)),
        policies,
        # Where a story stands teaches nothing.
        [msgspec.structs.replace(story, source="") for story in (*data.stories, *data.rules)],
        msgspec.structs.replace(domain, responses={}),
        sorted(domain.responses),
        definition.config.language,
        augmentation,
    )


def _list_own(components: Sequence[Component]) -> list[str]:
    return [component.name for component in components if "." in component.name]


def _digest(*values: object) -> str:
    digest = hashlib.sha256()
    for value in values:
        digest.update(_encode(value) + b"\0")
    return digest.hexdigest()[:32]


def _encode(value: object) -> bytes:
    try:
        return msgspec.msgpack.encode(value, order="sorted", enc_hook=str)
    except TypeError:
        # YAML allows keys of several kinds side by side, which cannot be sorted; then as they were written.
        return msgspec.msgpack.encode(value, enc_hook=str)
