"""What an author or a component may choose about the labelling of entities."""

from collections.abc import Mapping

import msgspec


class EntityOptions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How entities are learned and found."""

    extractor: str = "DIETClassifier"
    """The name that found entities carry."""
    split_by_comma: bool | Mapping[str, bool] | None = None
    """Whether `apples, pears` is two entities: always, never, or by entity name; None as the examples show it."""
    use_lookups: bool = True
    use_regexes: bool = True
    use_vectors: bool = True
    """The light word vectors of the language."""
    seed: int = 0


def is_split(options: EntityOptions, entity: str) -> bool | None:
    """Whether entities of this name are split at commas; None as learned."""
    choice = options.split_by_comma
    return choice if choice is None or isinstance(choice, bool) else choice.get(entity)
