"""A configuration of Rasa 1 or 2 in the format of today: components and policies by their new names."""

from typing import Any

from duologue.core.nlu_components import PIPELINE_TEMPLATES, find_kind, list_implied_options, resolve_name
from duologue.project.fields import is_items, is_mapping, with_text_keys
from duologue.project.migration.text_blocks import TextBlocks
from duologue.project.writing.yaml_text import write_yaml
from duologue.project.yaml_tree import Node

_POLICIES = {"EmbeddingPolicy": "TEDPolicy", "KerasPolicy": "TEDPolicy", "SklearnPolicy": "TEDPolicy"}
_RULE_LIKE = frozenset(("FallbackPolicy", "FormPolicy", "MappingPolicy", "TwoStageFallbackPolicy"))
_FALLBACKS = frozenset(("FallbackPolicy", "TwoStageFallbackPolicy"))
_DEFAULT_NLU_THRESHOLD = 0.3


def migrate_config_text(blocks: TextBlocks, tree: Node, assistant_id: str) -> list[str]:
    """Edit `config.yml`; gives sentences about what the author should look at."""
    data = with_text_keys(tree.value)
    notes: list[str] = []
    policies = _list_entries(data.get("policies"))
    pipeline = _migrate_pipeline(data.get("pipeline"), policies)
    _replace(blocks, data, "pipeline", pipeline)
    _replace(blocks, data, "policies", _migrate_policies(policies))
    added = {key: value for key, value in _list_heads(assistant_id).items() if key not in data}
    if added:
        blocks.add(1, write_yaml(added).splitlines())
    if uses_two_stage_fallback(data):
        notes.append(
            "The two stages of the fallback are a rule now: `nlu_fallback` runs `action_two_stage_fallback`."
        )
    return notes


def uses_two_stage_fallback(data: dict[str, Any]) -> bool:
    """Whether the configuration names the policy that a rule replaces."""
    return any(_name_of(entry) == "TwoStageFallbackPolicy" for entry in _list_entries(data.get("policies")))


def _list_heads(assistant_id: str) -> dict[str, Any]:
    return {"recipe": "default.v1", "assistant_id": assistant_id}


def _migrate_pipeline(written: Any, policies: list[Any]) -> list[Any] | None:
    """The new entries; None if there is no pipeline. Any, because authors write it."""
    if isinstance(written, str):
        entries: list[Any] = [
            {"name": name, **options} for name, options in PIPELINE_TEMPLATES.get(written, ())
        ]
    elif is_items(written):
        entries = [_migrate_component(entry) for entry in written]
    else:
        return None
    fallback = next((entry for entry in policies if _name_of(entry) in _FALLBACKS), None)
    if fallback is not None and all(_name_of(entry) != "FallbackClassifier" for entry in entries):
        options = fallback if is_mapping(fallback) else {}
        classifier: dict[str, Any] = {
            "name": "FallbackClassifier",
            "threshold": options.get("nlu_threshold", _DEFAULT_NLU_THRESHOLD),
        }
        if "ambiguity_threshold" in options:
            classifier["ambiguity_threshold"] = options["ambiguity_threshold"]
        entries.append(classifier)
    return entries


def _migrate_component(entry: Any) -> Any:
    name = entry.get("name") if is_mapping(entry) else entry
    if not isinstance(name, str) or resolve_name(name) == name or find_kind(name) is None:
        return entry
    options = {**entry, "name": resolve_name(name)} if is_mapping(entry) else {"name": resolve_name(name)}
    return options | list_implied_options(name)


def _migrate_policies(entries: list[Any]) -> list[Any]:
    """The new entries: one rule policy does the work of four earlier ones."""
    migrated: list[Any] = []
    rule_policy: dict[str, Any] = {"name": "RulePolicy"}
    is_replaced = False
    for entry in entries:
        name = _name_of(entry)
        options = entry if is_mapping(entry) else {}
        if name in _RULE_LIKE:
            is_replaced = True
            if "core_threshold" in options:
                rule_policy["core_fallback_threshold"] = options["core_threshold"]
            if "fallback_action_name" in options:
                rule_policy["core_fallback_action_name"] = options["fallback_action_name"]
        elif name in _POLICIES:
            migrated.append({**options, "name": _POLICIES[name]})
        else:
            migrated.append(entry)
    if is_replaced and all(_name_of(entry) != "RulePolicy" for entry in migrated):
        migrated.append(rule_policy)
    return migrated


def _replace(blocks: TextBlocks, data: dict[str, Any], key: str, entries: list[Any] | None) -> None:
    """Write a list anew if it has changed, its comments in front."""
    if entries is None or not data.get(key) or entries == data[key]:
        return
    first, end = blocks.find_range(key)
    comments = blocks.list_comments(first, end)
    blocks.replace(first, end, [*comments, *write_yaml({key: entries}).splitlines()])


def _list_entries(value: Any) -> list[Any]:
    return value if is_items(value) else []


def _name_of(entry: Any) -> str:
    """The component's name without the path of its class. Any, because authors write it."""
    name = entry.get("name") if is_mapping(entry) else entry
    return str(name).rpartition(".")[2] if str(name).startswith("rasa.") else str(name)
