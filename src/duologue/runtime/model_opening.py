"""From the entries of a model group to one model with retries and routing."""

import random
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any, TypeVar

import msgspec

from duologue.adapters.embedder.router import RoutedEmbedder
from duologue.adapters.language_model.router import RoutedLanguageModel
from duologue.adapters.language_model.routing.attempts import Sleep
from duologue.adapters.language_model.routing.replicas import Member, ModelTerms, Replicas, RoutingRules
from duologue.adapters.language_model.routing.usage_ledger import LocalUsageLedger, UsageLedger
from duologue.core.values import OpenData
from duologue.ports.clock import Clock
from duologue.ports.embedder import Embedder
from duologue.ports.language_model import LanguageModel
from duologue.project.endpoints import ModelEntry, ModelGroup, RouterOptions
from duologue.project.model_providers import is_own_code
from duologue.runtime.adapter_table import (
    EMBEDDERS,
    LANGUAGE_MODELS,
    USAGE_LEDGERS,
    find_missing_extra,
    load_adapter,
)
from duologue.runtime.late_models import LateEmbedder, LateLanguageModel
from duologue.runtime.model_options import ModelNotUsableError, complete_options

_ANSWER_TIMEOUT = 7.0
_EMBEDDING_TIMEOUT = 30.0

Model = TypeVar("Model")
Opener = Callable[[OpenData], Any]  # of a language model or an embedder, as the table says


class ModelOpening:
    """Opens groups; remembers what it opened, so that the SDKs can be imported early."""

    def __init__(
        self, variables: Mapping[str, str], *, clock: Clock, sleep: Sleep, chance: random.Random
    ) -> None:
        self._variables = variables
        self._clock = clock
        self._sleep = sleep
        self._chance = chance
        self._late: list[LateLanguageModel | LateEmbedder] = []

    def open_language_model(self, group: ModelGroup) -> RoutedLanguageModel:
        """The group as one model.

        Raises:
            ModelNotUsableError: a model of it cannot be used as it is written.
        """

        def wait_for(name: str, opener: Callable[[], LanguageModel]) -> LanguageModel:
            late = LateLanguageModel(name, opener)
            self._late.append(late)
            return late

        members = list(self._list_members(group, LANGUAGE_MODELS, wait_for))
        return RoutedLanguageModel(
            members[0].model.name if len(members) == 1 else group.id,
            self._to_replicas(group, members),
            timeout=_find_longest(members, _ANSWER_TIMEOUT),
            sleep=self._sleep,
        )

    def open_embedder(self, group: ModelGroup) -> RoutedEmbedder:
        """The group as one embedder.

        Raises:
            ModelNotUsableError: a model of it cannot be used as it is written.
        """

        def wait_for(name: str, opener: Callable[[], Embedder]) -> Embedder:
            late = LateEmbedder(name, opener)
            self._late.append(late)
            return late

        members = list(self._list_members(group, EMBEDDERS, wait_for))
        return RoutedEmbedder(
            self._to_replicas(group, members),
            timeout=_find_longest(members, _EMBEDDING_TIMEOUT),
            sleep=self._sleep,
        )

    def import_sdks(self) -> None:
        """Open for good what was asked for so far.

        Raises:
            DefinitionError: a model cannot be opened as it is written.
        """
        for late in self._late:
            late.open()

    def _list_members(
        self,
        group: ModelGroup,
        table: Mapping[str, str],
        wait_for: Callable[[str, Callable[[], Any]], Model],
    ) -> Iterator[Member[Model]]:
        if not group.models:
            raise ModelNotUsableError(f"{group.place}: the model group `{group.id}` has no models.")
        for number, entry in enumerate(group.models):
            options = complete_options(entry, self._variables)
            if group.router is not None and group.router.use_chat_completions_endpoint is not None:
                options["use_chat_completions_endpoint"] = group.router.use_chat_completions_endpoint
            name = _name_model(entry)
            opener = _find_opener(entry, table)
            yield Member(
                key=f"{number}:{name}",
                model=wait_for(name, lambda opener=opener, options=options: opener(options)),
                terms=_read_terms(options),
            )

    def _to_replicas(self, group: ModelGroup, members: list[Member[Model]]) -> Replicas[Model]:
        router = group.router or RouterOptions()
        return Replicas(
            members,
            RoutingRules(
                strategy=router.routing_strategy,
                cooldown_time=router.cooldown_time,
                allowed_fails=router.allowed_fails,
                num_retries=router.num_retries,
            ),
            ledger=self._open_ledger(group.id, router),
            clock=self._clock,
            chance=self._chance,
        )

    def _open_ledger(self, group_id: str, router: RouterOptions) -> UsageLedger:
        if not (router.redis_host or router.redis_url) or router.routing_strategy not in (
            "cost-based-routing",
            "usage-based-routing",
        ):
            return LocalUsageLedger(self._clock)
        opener = load_adapter(USAGE_LEDGERS, "redis", what="the counts of a router")
        return opener(group_id, options=msgspec.structs.asdict(router), clock=self._clock)


def _find_opener(entry: ModelEntry, table: Mapping[str, str]) -> Opener:
    if is_own_code(entry.provider):
        return _import_own(entry)
    if entry.provider not in table:
        offered = "embeddings" if table is EMBEDDERS else "a model that chats"
        raise ModelNotUsableError(
            f"{entry.place}: the provider `{entry.provider}` does not offer {offered} here."
        )
    extra = find_missing_extra(table, entry.provider)
    if extra is not None:
        raise ModelNotUsableError(
            f'{entry.place}: the provider `{entry.provider}` needs an extra: pip install "duologue[{extra}]".'
        )

    def open_it(options: OpenData) -> Any:  # as the table's adapters give it
        return load_adapter(table, entry.provider, what="a model's provider")(options)

    return open_it


def _import_own(entry: ModelEntry) -> Opener:
    """The project's own opener, `package.module:function` or `package.module.function`."""
    separator = ":" if ":" in entry.provider else "."
    module, _, name = entry.provider.rpartition(separator)
    try:
        return getattr(import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise ModelNotUsableError(
            f"{entry.place}: the provider `{entry.provider}` cannot be imported: {error}."
        ) from error


def _name_model(entry: ModelEntry) -> str:
    named = (entry.options.get(key) for key in ("deployment", "model", "model_id"))
    return f"{entry.provider}/{next((str(name) for name in named if name), 'default')}"


def _read_terms(options: OpenData) -> ModelTerms:
    known = {key: options[key] for key in ModelTerms.__struct_fields__ if options.get(key) is not None}
    return msgspec.convert(known, ModelTerms, strict=False)


def _find_longest(members: list[Member[Model]], default: float) -> float:
    return max(default if member.terms.timeout is None else member.terms.timeout for member in members)
