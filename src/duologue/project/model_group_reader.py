"""`model_groups` of `endpoints.yml` is read: providers known, keys complete, models of a group alike."""

import re
from collections.abc import Iterator
from typing import Any, TypeGuard, get_args

from duologue.project.endpoints import ModelEntry, ModelGroup, RouterOptions, RoutingStrategy
from duologue.project.fields import Fields, is_items, is_mapping, number_of
from duologue.project.model_blocks import normalise_model
from duologue.project.model_providers import PROVIDER_NAMES, ModelProvider, find_provider, is_own_code
from duologue.project.problems import find_nearest, suggest_name

_GROUP_KEYS = ("id", "models", "router")
_ROUTER_KEYS = frozenset((*RouterOptions.__struct_fields__, "cache_responses"))
_STRATEGIES: tuple[str, ...] = get_args(RoutingStrategy)
_NUMBERS = (
    "timeout",
    "temperature",
    "top_p",
    "weight",
    "input_cost_per_token",
    "output_cost_per_token",
)
_COUNTS = ("max_tokens", "max_completion_tokens", "rpm", "tpm")
_KNOWN_OPTIONS = frozenset(
    (
        *_NUMBERS,
        *_COUNTS,
        "model",
        "model_id",
        "deployment",
        "api_base",
        "api_key",
        "api_version",
        "extra_parameters",
        "logit_bias",
        "reasoning_effort",
        "use_chat_completions_endpoint",
        "oauth",
        "cache",
        "seed",
        "stop",
        "organization",
        "headers",
        "extra_headers",
        "extra_body",
        "aws_access_key_id",
        "aws_secret_access_key",
        "aws_session_token",
        "aws_region_name",
        "model_kwargs",
        "encode_kwargs",
        "dimensions",
        "ssl_verify",
    )
)
_NAME_OF_EMBEDDER = re.compile(
    r"embed|ada-002|similarity|voyage|minilm|sentence-|mpnet|nomic|(^|[/-])(bge|e5|gte)-", re.IGNORECASE
)
_VARIABLE = re.compile(r"\$\{[^{}]*\}")


def read_model_groups(fields: Fields) -> tuple[ModelGroup, ...]:
    """The groups of an endpoints file; what is wrong with them becomes problems."""
    groups: dict[str, ModelGroup] = {}
    for entry in fields.entries("model_groups"):
        group_id = entry.text("id")
        if group_id is None:
            entry.problems.error(entry.place, "A model group has no `id`.")
        elif group_id in groups:
            entry.problems.error(entry.place, f"There is already a model group `{group_id}`.", "Rename one.")
        else:
            groups[group_id] = _read_group(entry, group_id)
    return tuple(groups.values())


def _read_group(fields: Fields, group_id: str) -> ModelGroup:
    fields.warn_unknown(_GROUP_KEYS, f"The model group `{group_id}`")
    entries = list(fields.entries("models"))
    if not entries:
        fields.problems.error(fields.place, f"The model group `{group_id}` has no `models`.")
    models = tuple(model for entry in entries if (model := _read_model(entry)) is not None)
    router = _read_router(fields) if fields.has("router") else None
    group = ModelGroup(id=group_id, models=models, router=router, place=str(fields.place))
    _check_kinds(fields, group)
    _check_chat_endpoint(fields, group)
    if router is not None and len(entries) == 1:
        fields.problems.warn(
            fields.place.at("router"),
            f"The model group `{group_id}` has a router and one model only; nothing is routed.",
            "Add another model, or remove `router`; retries and cool-down work either way.",
        )
    return group


# ---------------------------------------------------------------- one model


def _read_model(fields: Fields) -> ModelEntry | None:
    name, options = normalise_model(fields.data)
    if name is None:
        fields.problems.error(
            fields.place,
            "A model has no `provider`.",
            "Name one, such as `openai`; a server of your own that speaks the OpenAI protocol is `self-hosted`.",
        )
        return None
    model = Fields(options, fields.place, fields.problems)
    provider = find_provider(name)
    if provider is not None:
        _check_needs(model, provider)
    elif not is_own_code(name) and not _is_open(name):
        fields.problems.error(
            fields.place.at("provider"),
            f"There is no provider `{name}`.",
            suggest_name(name, PROVIDER_NAMES)
            or "A server that speaks the OpenAI protocol is `self-hosted` with `api_base`.",
        )
    _check_values(model)
    _check_oauth(model, name)
    _warn_of_slips(model)
    return ModelEntry(provider=name, options=options, place=str(fields.place))


def _check_needs(fields: Fields, provider: ModelProvider) -> None:
    name = provider.names[0]
    for keys in provider.needs:
        # An address may come from the environment, which is looked at when the model is opened.
        if any(fields.has(key) for key in keys) or (keys == ("api_base",) and provider.base_variables):
            continue
        wanted = " or ".join(f"`{key}`" for key in keys)
        fields.problems.error(fields.place, f"A model of the provider `{name}` needs {wanted}.")


def _check_values(fields: Fields) -> None:
    for key in ("model", "model_id", "deployment", "api_base", "api_version"):
        fields.text(key)
    for key in _NUMBERS:
        if not _is_open(fields.data.get(key)):
            fields.number(key, 0.0)
    for key in _COUNTS:
        _check_count(fields, key)
    seconds = number_of(fields.data.get("timeout"))
    if seconds is not None and not seconds > 0:
        fields.refuse("timeout", "must be a number of seconds, more than 0")
    if not _is_open(fields.data.get("use_chat_completions_endpoint")):
        fields.flag("use_chat_completions_endpoint", default=True)
    base = fields.data.get("api_base")
    if isinstance(base, str) and not _is_open(base) and not base.startswith(("http://", "https://")):
        fields.refuse("api_base", "must be an address that begins with `http://` or `https://`")


def _check_count(fields: Fields, key: str) -> None:
    value = fields.data.get(key)
    if value is None or _is_open(value):
        return
    number = number_of(value)
    if number is None or number != int(number) or number < 1:
        fields.refuse(key, "must be a whole number, 1 or more")


def _check_oauth(fields: Fields, provider: str) -> None:
    if not fields.has("oauth"):
        return
    oauth = fields.child("oauth")
    if fields.has("api_key"):
        fields.problems.error(
            fields.place.at("oauth"),
            "A model has both `oauth` and `api_key`.",
            "Keep one of the two.",
        )
    if not provider.casefold().startswith("azure"):
        fields.problems.warn(
            fields.place.at("oauth"), f"`oauth` works with the provider `azure` only, not with `{provider}`."
        )
    if is_mapping(fields.data.get("oauth")) and oauth.text("type") is None:
        oauth.problems.error(oauth.place, "`oauth` needs a `type`, such as `azure_entra_id_client_secret`.")


def _warn_of_slips(fields: Fields) -> None:
    """Providers know options that we do not; only a name that is nearly one of ours is doubtful."""
    for key in fields.data:
        if key not in _KNOWN_OPTIONS and (near := find_nearest(str(key), _KNOWN_OPTIONS)):
            fields.problems.warn(
                fields.place.at(key),
                f"A model has an unusual option `{key}`; it goes to the provider as it is.",
                f"Did you mean `{near}`?",
            )


# ---------------------------------------------------------------- the group


def _check_kinds(fields: Fields, group: ModelGroup) -> None:
    kinds = {_tell_kind(model) for model in group.models}
    if len(kinds) > 1:
        fields.problems.error(
            fields.place.at("models"),
            f"The model group `{group.id}` mixes models that chat with models that embed.",
            "Make a group of each kind.",
        )


def _tell_kind(model: ModelEntry) -> str:
    provider = find_provider(model.provider)
    names = [str(model.options.get(key) or "") for key in ("model", "model_id", "deployment")]
    is_embedder = (provider is not None and not provider.has_chat) or any(
        _NAME_OF_EMBEDDER.search(name) for name in names
    )
    return "embed" if is_embedder else "chat"


def _check_chat_endpoint(fields: Fields, group: ModelGroup) -> None:
    key = "use_chat_completions_endpoint"
    values = {str(model.options.get(key, True)).casefold() for model in group.models}
    if len(values) > 1:
        fields.problems.error(
            fields.place.at("models"),
            f"The models of the group `{group.id}` differ in `{key}`.",
            "Write it once, under `router`.",
        )


def _read_router(fields: Fields) -> RouterOptions:
    router = fields.child("router")
    router.warn_unknown(_ROUTER_KEYS, "A `router`")
    defaults = RouterOptions()
    chat_endpoint = router.data.get("use_chat_completions_endpoint")
    return RouterOptions(
        routing_strategy=_read_strategy(router),
        cooldown_time=_read_at_least_zero(router, "cooldown_time", defaults.cooldown_time),
        allowed_fails=int(
            _read_at_least_zero(router, "allowed_fails", defaults.allowed_fails, is_whole=True)
        ),
        num_retries=int(_read_at_least_zero(router, "num_retries", defaults.num_retries, is_whole=True)),
        redis_host=router.text("redis_host"),
        redis_port=int(_read_at_least_zero(router, "redis_port", defaults.redis_port, is_whole=True)),
        redis_password=router.text("redis_password"),
        redis_url=router.text("redis_url"),
        use_chat_completions_endpoint=None
        if chat_endpoint is None
        else router.flag("use_chat_completions_endpoint", default=True),
    )


def _read_strategy(router: Fields) -> RoutingStrategy:
    strategy = router.text("routing_strategy")
    if strategy is None or _is_open(strategy):
        return "simple-shuffle"
    if _is_strategy(strategy):
        return strategy
    router.problems.error(
        router.place.at("routing_strategy"),
        f"There is no routing strategy `{strategy}`.",
        suggest_name(strategy, _STRATEGIES) or f"There are {', '.join(f'`{name}`' for name in _STRATEGIES)}.",
    )
    return "simple-shuffle"


def _is_strategy(name: str) -> TypeGuard[RoutingStrategy]:
    return name in _STRATEGIES


def _read_at_least_zero(fields: Fields, key: str, default: float, *, is_whole: bool = False) -> float:
    value: Any = fields.data.get(key)
    if value is None or _is_open(value):
        return default
    number = number_of(value)
    if number is None or not 0 <= number < 1e9 or (is_whole and number != int(number)):
        fields.refuse(key, f"must be a {'whole ' if is_whole else ''}number, 0 or more")
        return default
    return number


def _is_open(value: object) -> bool:
    """Whether a variable stands there that has no value here: it is known only where the assistant runs."""
    return isinstance(value, str) and _VARIABLE.search(value) is not None


def list_open_variables(value: object) -> Iterator[str]:
    """Names of variables that were not set when the value was read, the deep ones too."""
    if isinstance(value, str):
        yield from (match[0][2:-1].strip() for match in _VARIABLE.finditer(value))
    elif is_mapping(value):
        for part in value.values():
            yield from list_open_variables(part)
    elif is_items(value):
        for part in value:
            yield from list_open_variables(part)
