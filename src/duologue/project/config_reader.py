"""`config.yml`: languages, pipeline and policies."""

from typing import Any

from duologue.core.nlu_components import PIPELINE_TEMPLATES
from duologue.project.definition import AssistantConfig, Component
from duologue.project.fields import Fields, is_mapping, is_scalar, text_of, with_text_keys
from duologue.project.problems import suggest_name

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
    if fields.has("importers") and not _reads_own_files(fields):
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


def _reads_own_files(fields: Fields) -> bool:
    """Whether `importers` names only the one that reads the project's own files, which happens anyway."""
    components = _read_components(fields, "importers") or ()
    return all(component.name.rpartition(".")[2] == "RasaFileImporter" for component in components)


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
        return _read_ready_made(fields, key, value)
    components: list[Component] = []
    for place, item in fields.items(key):
        component = _read_component(item)
        if component is None:
            fields.refuse_at(place, f"An entry of `{key}` needs a `name`.")
        else:
            components.append(component)
    return tuple(components)


def _read_ready_made(fields: Fields, key: str, name: str) -> tuple[Component, ...] | None:
    """Rasa 1 gave whole pipelines a name."""
    found = PIPELINE_TEMPLATES.get(name) if key == "pipeline" else None
    if found is None:
        fields.problems.error(
            fields.place.at(key),
            f"There is no ready-made {key} `{name}`.",
            suggest_name(name, PIPELINE_TEMPLATES)
            or "List the components, or leave the key empty for the defaults.",
        )
        return None
    fields.problems.warn(
        fields.place.at(key),
        f"`{name}` is a ready-made pipeline of Rasa 1; it is taken as {', '.join(part for part, _ in found)}.",
        "List the components, which `duologue data migrate` does.",
    )
    return tuple(Component(name=component, options=options) for component, options in found)


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
