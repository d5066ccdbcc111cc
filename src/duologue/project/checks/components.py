"""Components that understand: their options, their prompts, the models that they name."""

from collections.abc import Collection, Iterable, Iterator
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from zoneinfo import available_timezones

import msgspec

from duologue.core.generator_options import GENERATOR_DSLS, GeneratorOptions
from duologue.core.nlu_options import NLU_ADAPTER, NluAdapterOptions
from duologue.core.templates import TemplateError, check_jinja
from duologue.project.checks.subject import Subject
from duologue.project.definition import AssistantConfig, Component
from duologue.project.fields import describe, is_mapping, with_text_keys
from duologue.project.places import below
from duologue.project.problems import Problems, Spot, find_nearest, suggest_name
from duologue.project.project_reader import ProjectReading
from duologue.project.prompt_templates import read_prompt_template

_DEPRECATED = {
    "LLMCommandGenerator": "Use `CompactLLMCommandGenerator`.",
    "MultiStepLLMCommandGenerator": "It works in one step here, like `CompactLLMCommandGenerator`; use that.",
    "SingleStepLLMCommandGenerator": "Use `CompactLLMCommandGenerator`.",
}
_MODEL_BLOCKS = (("llm",), ("embeddings",), ("flow_retrieval", "embeddings"))
_CLAIMS: dict[Any, str] = {
    bool: "must be `true` or `false`",
    int: "must be a whole number",
    float: "must be a number",
    str: "must be a text",
    dict: "must be a mapping",
    tuple: "must be a list of names",
}


def check_generators(subject: Subject) -> None:
    """Check every command generator of the pipeline."""
    pipeline = below(subject.place_of("config"), "pipeline")
    for position, component in enumerate(subject.definition.config.pipeline or ()):
        if component.name in GENERATOR_DSLS:
            _check_generator(component, below(pipeline, position), subject)


def check_adapter(subject: Subject) -> None:
    """Check what turns intents and entities into commands."""
    pipeline = below(subject.place_of("config"), "pipeline")
    for position, component in enumerate(subject.definition.config.pipeline or ()):
        if component.name == NLU_ADAPTER:
            spot = below(pipeline, position)
            check_struct(component.options, NluAdapterOptions, spot, subject.problems, f"`{component.name}`")


def _check_generator(component: Component, spot: Spot, subject: Subject) -> None:
    problems = subject.problems
    if component.name in _DEPRECATED:
        problems.warn(spot, f"`{component.name}` is deprecated.", _DEPRECATED[component.name])
    check_struct(component.options, GeneratorOptions, spot, problems, f"`{component.name}`")
    _warn_of_old_keys(component, spot, problems)
    check_timezone(component.options.get("timezone"), below(spot, "timezone"), problems)
    for key in ("prompt_template", "prompt"):
        path = component.options.get(key)
        if isinstance(path, str):
            check_template(path, below(spot, key), subject)


# ------------------------------------------------------------------------------------------ options


def check_struct(
    options: dict[str, Any],
    shape: type[msgspec.Struct],
    spot: Spot,
    problems: Problems,
    what: str,
    *,
    others: Collection[str] = (),
) -> None:
    """Compare a mapping with the struct that it is read as: unknown keys, values of the wrong type.

    Args:
        others: keys that are known and mean nothing; a slip may have been meant for one of them.
    """
    fields = {field.name: field.type for field in msgspec.structs.fields(shape)}
    for key, value in options.items():
        place = below(spot, key)
        if key not in fields:
            problems.warn(
                place,
                f"{what} has an unknown key `{key}`; it is ignored.",
                suggest_name(key, (*fields, *others)),
            )
        elif value is not None:
            _check_value(key, value, fields[key], place, problems)


def _check_value(key: str, value: Any, expected: Any, place: Spot, problems: Problems) -> None:
    shape = _find_struct(expected)
    if shape is not None and is_mapping(value):
        check_struct(with_text_keys(value), shape, place, problems, f"`{key}`")
        return
    try:
        msgspec.convert(value, expected, strict=False)
    except msgspec.ValidationError:
        problems.error(place, f"`{key}` {_claim(expected)}, not {describe(value, (key,))}.")


def _find_struct(expected: Any) -> type[msgspec.Struct] | None:
    """The struct that a mapping is read as. Any, because annotations have no type of their own."""
    return expected if isinstance(expected, type) and issubclass(expected, msgspec.Struct) else None


def _claim(expected: Any) -> str:
    """What a value must be, for a message."""
    if _find_struct(expected) is not None:
        return _CLAIMS[dict]
    origin = get_origin(expected)
    if origin is Literal:
        return f"must be {' or '.join(f'`{choice}`' for choice in get_args(expected))}"
    if origin is Annotated:
        kind, *limits = get_args(expected)
        return f"{_claim(kind)} {_claim_limit(limits)}"
    if origin in (Union, UnionType):
        return _claim(next(part for part in get_args(expected) if part is not NoneType))
    return _CLAIMS[origin or expected]


def _claim_limit(limits: Iterable[object]) -> str:
    """What the limits of a number or a text ask for."""
    for limit in limits:
        if isinstance(limit, msgspec.Meta):
            if limit.le is not None:
                return "from 0 to 1"
            if limit.min_length is not None:
                return "that is not empty"
            if limit.ge == 0:
                return "not below 0"
    return "above 0"


def _warn_of_old_keys(component: Component, spot: Spot, problems: Problems) -> None:
    options = component.options
    if "prompt" in options:
        problems.warn(below(spot, "prompt"), "`prompt` is deprecated.", "Call it `prompt_template`.")
    if "prompt_templates" in options:
        problems.warn(
            below(spot, "prompt_templates"),
            "The prompts of the generator of many steps are not used.",
            "Write one `prompt_template`, or leave it out.",
        )
    llm = options.get("llm")
    if is_mapping(llm) and llm and "model_group" not in llm:
        problems.warn(
            below(spot, "llm"),
            "A model written out in `config.yml` is deprecated.",
            "Move it to `model_groups` in `endpoints.yml` and name it with `model_group`.",
        )


def check_timezone(zone: Any, place: Spot, problems: Problems) -> None:
    """Note a name that no table of time zones knows."""
    if not isinstance(zone, str) or zone.upper() == "UTC":
        return
    known = available_timezones()
    # A machine without a table of time zones cannot tell.
    if known and zone not in known:
        nearest = find_nearest(zone, known) or _find_city(zone, known)
        problems.error(
            place,
            f"There is no time zone `{zone}`.",
            f"Did you mean `{nearest}`?" if nearest else "Write an IANA name such as `Europe/Berlin`.",
        )


def _find_city(zone: str, known: Iterable[str]) -> str | None:
    """`Berlin` → `Europe/Berlin`."""
    city = zone.replace(" ", "_").rpartition("/")[2].casefold()
    return next((name for name in sorted(known) if name.rpartition("/")[2].casefold() == city), None)


def check_template(path: str, place: Spot, subject: Subject) -> None:
    text = read_prompt_template(subject.reading.root, path)
    if text is None:
        subject.problems.warn(
            place,
            f"The prompt template `{path}` cannot be read; the built-in prompt takes its place.",
            "Write the path as it counts from the project's folder.",
        )
        return
    try:
        check_jinja(text)
    except TemplateError as error:
        subject.problems.error(place, str(error))


# ------------------------------------------------------------------------------------ model groups


def check_model_groups(reading: ProjectReading, group_ids: Collection[str]) -> Problems:
    """Every model group that `config.yml` names must be one of these, which `endpoints.yml` defines.

    Where there are none at all, the assistant works without a model, and one warning says so.
    """
    problems = Problems()
    config = reading.places.find("config")
    if reading.definition is None or config is None:
        return problems
    for named, keys in _list_named_groups(reading.definition.config):
        place = below(config, *keys)
        if not group_ids:
            problems.warn(
                place,
                f"There is no model group `{named}`: no endpoints define any, so no language model is asked.",
                "Define it under `model_groups` in `endpoints.yml`.",
            )
        elif named not in group_ids:
            problems.error(
                place,
                f"There is no model group `{named}`.",
                suggest_name(named, group_ids)
                or f"`endpoints.yml` defines {', '.join(f'`{known}`' for known in sorted(group_ids))}.",
            )
    return problems


def _list_named_groups(config: AssistantConfig) -> Iterator[tuple[str, tuple[object, ...]]]:
    """Each name with the keys that lead to it."""
    for key, components in (("pipeline", config.pipeline), ("policies", config.policies)):
        for position, component in enumerate(components or ()):
            for block in _MODEL_BLOCKS:
                value: Any = component.options
                for part in (*block, "model_group"):
                    value = value.get(part) if is_mapping(value) else None
                if isinstance(value, str):
                    yield value, (key, position, *block, "model_group")
