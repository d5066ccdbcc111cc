"""A program that prints every public name of whatever `rasa_sdk` Python finds, with parameters, defaults and parents."""

# pyright: basic, reportMissingImports=false, reportAttributeAccessIssue=false
# ruff: noqa: PERF401

import enum
import importlib
import inspect
import json
import pkgutil
import sys
import types
from typing import Any

import rasa_sdk

OURS = ("duologue", "rasa_sdk")
CONSTANTS = str | int | float | bool | tuple | None


def describe_module(module: types.ModuleType) -> dict[str, Any]:
    names = {*vars(module), *getattr(module, "__all__", ())}
    public = [name for name in sorted(names) if not name.startswith("_") or name == "__version__"]
    described = {name: describe(getattr(module, name)) for name in public}
    return {name: text for name, text in described.items() if text is not None}


def describe(value: Any) -> Any:
    """Describe what the package itself defines; what it only imports is not its own, hence None."""
    if inspect.isclass(value):
        return describe_class(value) if is_ours(value) else None
    if inspect.isfunction(value):
        return describe_parameters(value) if is_ours(value) else None
    return repr(value) if isinstance(value, CONSTANTS) else None


def describe_class(kind: type) -> dict[str, Any]:
    described: dict[str, Any] = {
        "(parents)": [parent.__name__ for parent in kind.__mro__[1:-1]],
        "(parameters)": describe_parameters(kind),
    }
    if issubclass(kind, enum.Enum):
        described["(members)"] = {member.name: member.value for member in kind}
    for name in dir(kind):
        owner = next((parent for parent in kind.__mro__ if name in vars(parent)), kind)
        if not name.startswith("_") and is_ours(owner):
            described[name] = describe_member(kind, name)
    return described


def describe_member(kind: type, name: str) -> str:
    member = inspect.getattr_static(kind, name)
    if isinstance(member, property):
        return "property"
    if isinstance(member, classmethod | staticmethod) or inspect.isfunction(member):
        return f"{type(member).__name__} {describe_parameters(getattr(kind, name))}"
    return "attribute"


def describe_parameters(function: Any) -> str:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return "(?)"
    told = ", ".join(describe_parameter(parameter) for parameter in parameters)
    is_async = inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)
    return f"{'async ' if is_async else ''}({told})"


def describe_parameter(parameter: inspect.Parameter) -> str:
    star = {parameter.VAR_POSITIONAL: "*", parameter.VAR_KEYWORD: "**"}.get(parameter.kind, "")
    only = "keyword " if parameter.kind is parameter.KEYWORD_ONLY else ""
    default = "" if parameter.default is parameter.empty else f"={parameter.default!r}"
    return f"{only}{star}{parameter.name}{default}"


def is_ours(value: Any) -> bool:
    return (value.__module__ or "").partition(".")[0] in OURS


if __name__ == "__main__":
    modules = ["rasa_sdk", *(module.name for module in pkgutil.walk_packages(rasa_sdk.__path__, "rasa_sdk."))]
    # Stock rasa_sdk has these in folders that are no regular packages, where nothing walks.
    for name in ("config", "endpoints", "tracer_register", "utils"):
        modules.append(f"rasa_sdk.tracing.{name}")
    for name in ("attribute_extractors", "instrumentation"):
        modules.append(f"rasa_sdk.tracing.instrumentation.{name}")
    described = {name: describe_module(importlib.import_module(name)) for name in modules if "._" not in name}
    described["rasa_sdk.__main__"] = describe_module(importlib.import_module("rasa_sdk.__main__"))
    json.dump(described, sys.stdout)
