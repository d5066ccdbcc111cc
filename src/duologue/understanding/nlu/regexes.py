"""The regular expressions of a project, made fit for the Python that runs."""

import re
from collections.abc import Mapping, Sequence

import msgspec

from duologue.core.errors import DefinitionError
from duologue.understanding.nlu.component import NluResources
from duologue.understanding.nlu.plan import PlannedComponent

_READERS = frozenset(("RegexFeaturizer", "RegexEntityExtractor"))
_FLAGS = re.compile(r"\(\?([aimsux]+)\)")


def take_regexes(plan: Sequence[PlannedComponent], resources: NluResources) -> NluResources:
    """The resources with expressions that can be compiled; those that nobody looks at are left out.

    Raises:
        DefinitionError: an expression cannot be used; names it.
    """
    if all(one.name not in _READERS for one in plan):
        return msgspec.structs.replace(resources, regexes={})
    return msgspec.structs.replace(resources, regexes=_mend_all(resources.regexes))


def _mend_all(regexes: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(_mend(pattern, name) for pattern in patterns) for name, patterns in regexes.items()}


def _mend(pattern: str, name: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        # Older Pythons took flags such as `(?i)` anywhere; now they stand first.
        moved = "".join(found[0] for found in _FLAGS.finditer(pattern)) + _FLAGS.sub("", pattern)
        if moved != pattern:
            return _mend(moved, name)
        raise DefinitionError(
            f"The regular expression `{pattern}` of `{name}` cannot be used: {error}; mend it in the NLU data."
        ) from None
    return pattern
