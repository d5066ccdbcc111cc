"""Policies of an author's own, named by their dotted path."""

import importlib
from collections.abc import Mapping, Sequence
from typing import Protocol, Self, runtime_checkable

from duologue.core.domain import Domain
from duologue.core.errors import DefinitionError
from duologue.core.values import OpenData
from duologue.dialogue.policies.policy import PolicyScene, Prediction
from duologue.dialogue.policies.story_examples import StoryExample

WHAT_TO_WRITE = (
    "Write a class with `create(options, domain)`, `name`, `priority` and `predict(scene)`, "
    "as docs/reference/policies.md shows."
)


class CustomPolicy(Protocol):
    """What a policy of an author's own has to be. It keeps nothing between calls of `predict`."""

    name: str
    priority: int

    @classmethod
    def create(cls, options: OpenData, domain: Domain) -> Self:
        """A policy with the options of `config.yml` (without `name`), not trained yet."""
        ...

    def predict(self, scene: PolicyScene) -> Prediction | None:
        """What it would do; None if it has nothing to say."""
        ...


@runtime_checkable
class LearningPolicy(Protocol):
    """A policy that learns from stories; one that does not leaves these three out."""

    def train(self, examples: Sequence[StoryExample]) -> None:
        """Learn; the same examples always teach the same."""
        ...

    def dump(self) -> Mapping[str, bytes]:
        """What it has learned, as files by name."""
        ...

    def restore(self, files: Mapping[str, bytes]) -> None:
        """Become what was dumped."""
        ...


def create_policy(path: str, options: OpenData, domain: Domain) -> CustomPolicy:
    """The policy at a dotted path.

    Raises:
        DefinitionError: it cannot be found, or is not a policy of ours.
    """
    kind = _find_class(path)
    if any(base.__module__.partition(".")[0] == "rasa" for base in kind.__mro__):
        raise DefinitionError(f"The policy `{path}` is made for Rasa and cannot run here. {WHAT_TO_WRITE}")
    missing = [name for name in ("create", "predict") if not callable(getattr(kind, name, None))]
    if missing:
        raise DefinitionError(
            f"The policy `{path}` has no method `{'` and no `'.join(missing)}`. {WHAT_TO_WRITE}"
        )
    return kind.create(options, domain)  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownVariableType]


def _find_class(path: str) -> type:
    module_name, _, name = path.rpartition(".")
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        raise DefinitionError(_explain_missing(path, module_name, error.name or "")) from error
    except Exception as error:
        raise DefinitionError(
            f"The policy `{path}` cannot be imported: {type(error).__name__}: {error}."
        ) from error
    found = getattr(module, name, None)
    if not isinstance(found, type):
        raise DefinitionError(
            f"The policy `{path}` is not there: the module `{module_name}` has no class `{name}`."
        )
    return found


def _explain_missing(path: str, module_name: str, missing: str) -> str:
    if missing.partition(".")[0] == "rasa":
        return f"The policy `{path}` is made for Rasa and cannot run here. {WHAT_TO_WRITE}"
    if module_name == missing or module_name.startswith(f"{missing}."):
        return (
            f"The policy `{path}` is not there: no module `{missing}` can be found. "
            "Put it into the project's folder, or remove the policy from `config.yml`."
        )
    return f"The policy `{path}` needs the module `{missing}`, which is not installed."
