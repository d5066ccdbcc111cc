"""What an author or a component may choose about the labelling of entities."""

import re
from collections.abc import Mapping, Sequence

import msgspec

from duologue.understanding.nlu.message import TrainingExample

_INNER_COMMA = re.compile(r"[,，、،](?!\d)")


class EntityOptions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How entities are learned and found."""

    extractor: str = "DIETClassifier"
    """The name that found entities carry."""
    split_by_comma: bool | Mapping[str, bool] | None = None
    """Whether `apples, pears` is two entities: always, never, or by entity name with `default` for the others.

    None: always, but for the names of which an example marks commas within.
    """
    use_lookups: bool = True
    use_regexes: bool = True
    use_vectors: bool = True
    """The light word vectors of the language."""
    seed: int = 0


def is_split(options: EntityOptions, entity: str) -> bool | None:
    """Whether entities of this name are split at commas; None as learned."""
    choice = options.split_by_comma
    return choice if choice is None or isinstance(choice, bool) else choice.get(entity)


def settle_commas(options: EntityOptions, examples: Sequence[TrainingExample]) -> EntityOptions:
    """The options with a choice for each entity that examples mark, but for those that only learning can tell."""
    choice = options.split_by_comma
    if isinstance(choice, bool):
        return options
    given = choice or {}
    marked: dict[str, bool] = {}
    for example in examples:
        for one in example.entities:
            value = example.text[one.start : one.end]
            marked[one.entity] = marked.get(one.entity, False) or bool(_INNER_COMMA.search(value))
    by_name = {
        entity: given.get(entity, given.get("default", True))
        for entity, has_commas in sorted(marked.items())
        if entity in given or "default" in given or not has_commas
    }
    return msgspec.structs.replace(options, split_by_comma=by_name)
