"""Find the actions in an author's modules."""

import inspect
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, cast

import msgspec

from duologue.sdk.actions import Action, FunctionAction
from duologue.sdk.errors import ActionRegistrationError
from duologue.sdk.package_import import display_path

_OURS = frozenset({"duologue", "rasa_sdk"})
_RUN_PARAMETERS = ["dispatcher", "tracker", "domain"]


class RegisteredAction(msgspec.Struct, frozen=True, kw_only=True):
    """An action ready to run."""

    name: str
    # An author's `run` takes and gives whatever it does; the executor checks what comes back.
    run: Callable[..., Any]
    owner: type | None
    """The class, if it is one."""
    place: str
    """`file:line` of the code that runs."""
    root: Path
    """The folder of the code it belongs to."""
    remember: bool = True
    """Whether its results may be kept for calls that are repeated."""
    checks_slots_of: Literal["form", "domain"] | None = None
    """Whose slots it checks, if it is a validation action."""


def find_actions(modules: Iterable[ModuleType], root: Path) -> Iterator[RegisteredAction]:
    """Find the action classes and marked functions of these modules."""
    seen: set[int] = set()
    for module in modules:
        for candidate in list(vars(module).values()):
            if id(candidate) in seen or not _is_action(candidate, module):
                continue
            seen.add(id(candidate))
            if (found := describe_action(candidate, root)) is not None:
                yield found


def describe_action(candidate: Any, root: Path | None = None) -> RegisteredAction | None:
    """Make a class, an instance or a marked function ready to run; None if it has no name, as a base class has none."""
    place, folder = locate(_function_of(candidate), root)
    instance = _create(candidate, place) if inspect.isclass(candidate) else candidate
    try:
        name = instance.name()
    except NotImplementedError:
        return None
    if not isinstance(name, str) or not name:
        raise ActionRegistrationError(
            f"{place}: name() of {_label(candidate)} must return the action's name as text."
        )
    run = instance.function if isinstance(instance, FunctionAction) else getattr(instance, "run", None)
    require_run(run, name, place)
    owner = None if isinstance(instance, FunctionAction) else _class_of(instance)
    checks_slots_of = _find_checked(_class_of(instance))
    # An installed rasa_sdk's validation actions do not say whether to remember.
    remember = getattr(instance, "remember", checks_slots_of is None)
    return RegisteredAction(
        name=name,
        run=run,  # pyright: ignore[reportArgumentType] - `require_run` has just checked it
        owner=owner,
        place=place,
        root=folder,
        remember=bool(remember),
        checks_slots_of=checks_slots_of,
    )


def require_run(run: Any, name: str, place: str) -> None:
    """Check that something can be called with a dispatcher, a tracker and a domain."""
    if _is_unwritten(getattr(run, "__func__", None)):
        raise ActionRegistrationError(f"{place}: action '{name}' has no run(dispatcher, tracker, domain).")
    try:
        inspect.signature(run).bind(None, None, None)
    except (TypeError, ValueError) as error:
        raise ActionRegistrationError(
            f"{place}: action '{name}' must take three arguments: dispatcher, tracker and domain."
        ) from error


def locate(function: Any, root: Path | None) -> tuple[str, Path]:
    """Give `file:line` of a function, and the folder of the code it belongs to."""
    code = getattr(inspect.unwrap(function), "__code__", None) if callable(function) else None
    if code is None:
        return "(no file)", root or Path.cwd()
    folder = root or Path(code.co_filename).parent
    return f"{display_path(code.co_filename, folder)}:{code.co_firstlineno}", folder


def _is_unwritten(function: Any) -> bool:
    """Say whether it is the `run` of our `Action`, or of the one that `import rasa_sdk` gives."""
    return getattr(function, "__qualname__", "") == "Action.run" and _is_ours(function)


def _is_ours(candidate: Any) -> bool:
    return candidate.__module__.partition(".")[0] in _OURS


def _is_action(candidate: Any, module: ModuleType) -> bool:
    if isinstance(candidate, FunctionAction):
        return True
    if not inspect.isclass(candidate) or inspect.isabstract(candidate):
        return False
    if _is_ours(candidate):
        return False
    if issubclass(candidate, Action):
        return True
    return candidate.__module__ == module.__name__ and _looks_like_action(candidate)


def _looks_like_action(candidate: type) -> bool:
    # An installed rasa_sdk has an `Action` of its own, which is not ours.
    name, run = getattr(candidate, "name", None), getattr(candidate, "run", None)
    if not callable(name) or not callable(run):
        return False
    if any(parent.__name__ == "Action" for parent in candidate.__mro__[1:]):
        return True
    return list(inspect.signature(run).parameters)[1:4] == _RUN_PARAMETERS


def _find_checked(kind: type) -> Literal["form", "domain"] | None:
    # By name: an installed rasa_sdk has classes of its own.
    parents = {parent.__name__ for parent in kind.__mro__}
    if "FormValidationAction" in parents:
        return "form"
    return "domain" if "ValidationAction" in parents else None


def _create(candidate: type, place: str) -> Any:
    try:
        return candidate()
    except Exception as error:
        raise ActionRegistrationError(
            f"{place}: creating {candidate.__qualname__} without arguments raises {type(error).__name__}: {error}"
        ) from error


def _function_of(candidate: Any) -> Any:
    if isinstance(candidate, FunctionAction):
        return candidate.function
    owner = _class_of(candidate)
    own = [vars(owner).get("run"), vars(owner).get("name"), *vars(owner).values()]
    # A class that inherits `run` is still found by something it wrote itself.
    written = (getattr(function, "__func__", function) for function in own)
    return next(
        (function for function in written if hasattr(function, "__code__")), getattr(owner, "run", None)
    )


def _label(candidate: Any) -> str:
    return _class_of(candidate).__qualname__


def _class_of(candidate: Any) -> type[Any]:
    """Give a class itself, and the class of anything else."""
    # `isclass` narrows `Any` to a class of unknown type parameters, hence the cast.
    return cast("type[Any]", candidate if inspect.isclass(candidate) else type(candidate))
