"""A component of the author's own, found by its dotted path."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from duologue.core.errors import DefinitionError
from duologue.core.values import OpenData
from duologue.understanding.nlu.component import NluComponent, NluResources

_PAGE = "docs/reference/custom-components.md"
_WHAT_TO_WRITE = (
    "write a class with `create(options, resources)` and `process(message)`, "
    f"and `train`, `dump` and `restore` if it learns; see {_PAGE}"
)


def create_custom(path: str, options: OpenData, resources: NluResources) -> NluComponent:
    """The component that a dotted path names.

    Raises:
        DefinitionError: there is no such module or class, it was made for Rasa, or it refuses its options.
    """
    found = _find_class(path)
    create: Callable[[OpenData, NluResources], NluComponent] | None = getattr(found, "create", None)
    if create is None or not callable(getattr(found, "process", None)):
        raise DefinitionError(f"`{path}` is no component: {_WHAT_TO_WRITE}.")
    try:
        return create(dict(options), resources)
    except DefinitionError:
        raise
    # Whatever an author's code raises is the author's to read.
    except Exception as error:
        raise DefinitionError(
            f"The component `{path}` cannot be made: {type(error).__name__}: {error}."
        ) from error


def _find_class(path: str) -> Any:
    module_name, _, name = path.rpartition(".")
    try:
        module = import_module(module_name)
    except ModuleNotFoundError as error:
        raise DefinitionError(_explain_missing(path, module_name, error.name or "")) from None
    except Exception as error:
        raise DefinitionError(
            f"The module of the component `{path}` cannot be imported: {type(error).__name__}: {error}."
        ) from error
    found = getattr(module, name, None)
    if found is None:
        raise DefinitionError(
            f"The module `{module_name}` has no `{name}`; mend `{path}` in `pipeline` of `config.yml`."
        )
    if _is_made_for_rasa(found):
        raise DefinitionError(f"The component `{path}` was made for Rasa: {_WHAT_TO_WRITE}.")
    return found


def _explain_missing(path: str, module_name: str, missing: str) -> str:
    if missing.partition(".")[0] == "rasa":
        return f"The component `{path}` was made for Rasa, which is not installed: {_WHAT_TO_WRITE}."
    if missing and (module_name == missing or module_name.startswith(f"{missing}.")):
        return (
            f"There is no module `{missing}` for the component `{path}`; "
            "put it into the project's folder, or mend the path in `pipeline` of `config.yml`."
        )
    return f"The component `{path}` needs the module `{missing}`, which is not installed; install it."


def _is_made_for_rasa(found: Any) -> bool:
    ancestors = getattr(found, "__mro__", ())
    return any(ancestor.__module__.partition(".")[0] == "rasa" for ancestor in ancestors)
