"""`config.yml`: languages, pipeline and policies."""

from typing import Any

from duologue.project.definition import AssistantConfig, Component
from duologue.project.fields import Fields, is_mapping, is_scalar, text_of, with_text_keys

CONFIG_KEYS = frozenset(
    (
        "additional_languages",
        "assistant_id",
        "core_target",
        "importers",
        "language",
        "nlu_target",
        "pipeline",
        "policies",
        "predict_schema",
        "recipe",
        "spaces",
        "train_schema",
        "version",
    )
)
DEFAULT_RECIPE = "default.v1"
_PLACEHOLDER = "placeholder_default"


def read_config(fields: Fields) -> AssistantConfig:
    """The configuration; what is missing gets its default."""
    fields.warn_unknown(CONFIG_KEYS, "The configuration")
    recipe = fields.text("recipe") or DEFAULT_RECIPE
    if recipe != DEFAULT_RECIPE:
        fields.problems.error(
            fields.place.at("recipe"),
            f"The recipe `{recipe}` is not supported yet.",
            f"Use `{DEFAULT_RECIPE}` with `pipeline` and `policies`.",
        )
    if fields.has("importers"):
        fields.problems.warn(
            fields.place.at("importers"),
            "`importers` is not supported yet; the project's own files are read.",
        )
    return AssistantConfig(
        recipe=recipe,
        language=fields.text("language") or "en",
        additional_languages=fields.texts("additional_languages"),
        assistant_id=_read_assistant_id(fields),
        pipeline=_read_components(fields, "pipeline"),
        policies=_read_components(fields, "policies"),
    )


def _read_assistant_id(fields: Fields) -> str:
    written = fields.text("assistant_id")
    if written in (None, "", _PLACEHOLDER):
        fields.problems.warn(
            fields.place.at("assistant_id"),
            "The assistant has no `assistant_id`; its events cannot be told from those of another.",
            "Add `assistant_id:` with a unique name.",
        )
        return ""
    return written or ""


def _read_components(fields: Fields, key: str) -> tuple[Component, ...] | None:
    value = fields.data.get(key)
    if value is None:
        return None
    if isinstance(value, str):
        fields.problems.error(
            fields.place.at(key),
            f"The ready-made {key} `{value}` of Rasa 1 is not supported.",
            "List the components, or leave the key empty for the defaults.",
        )
        return None
    components: list[Component] = []
    for place, item in fields.items(key):
        component = _read_component(item)
        if component is None:
            fields.refuse_at(place, f"An entry of `{key}` needs a `name`.")
        else:
            components.append(component)
    return tuple(components)


def _read_component(item: Any) -> Component | None:
    if is_scalar(item):
        return Component(name=text_of(item))
    if not is_mapping(item):
        return None
    options = with_text_keys(item)
    name = options.get("name")
    if not is_scalar(name):
        return None
    return Component(
        name=text_of(name), options={key: value for key, value in options.items() if key != "name"}
    )
