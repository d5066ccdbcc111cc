"""What `endpoints.yml` says: the services around the assistant. Values may hold secrets; never put them in messages."""

from typing import Literal, TypeAlias

import msgspec

from duologue.core.values import OpenData


class BasicAuth(msgspec.Struct, frozen=True, kw_only=True):
    """A user name and a password for a web service."""

    username: str
    password: str


class WebService(msgspec.Struct, frozen=True, kw_only=True):
    """How to call a web service."""

    url: str | None = None
    params: dict[str, str] = {}
    headers: dict[str, str] = {}
    basic_auth: BasicAuth | None = None
    token: str | None = None
    token_name: str = "token"
    """The query parameter that carries the token."""
    cafile: str | None = None
    options: OpenData = {}
    """Keys of this one service, such as `wait_time_between_pulls` of the model server."""


class CircuitBreakerOptions(msgspec.Struct, frozen=True, kw_only=True):
    """When a server that fails is left alone."""

    failures: int = 5
    """Failures in a row after which it is; 0 = never."""
    seconds: float = 10.0
    """How long, before one call tries again."""


class ActionEndpoint(msgspec.Struct, frozen=True, kw_only=True):
    """Where custom actions run: in this process, or behind a URL. The module wins if both are given."""

    actions_module: str | None = None
    service: WebService = WebService()
    enable_selective_domain: bool = False
    """Send the domain only to actions that ask for it."""
    timeout: float | None = None
    """Seconds that an action may take; None leaves it to the environment."""
    timeouts: dict[str, float] = {}
    """The same for single actions."""
    retries: int = 2
    """Further attempts where a call cannot do anything twice."""
    circuit_breaker: CircuitBreakerOptions = CircuitBreakerOptions()
    compress: bool | None = None
    """Send bodies compressed; None leaves it to the environment."""
    client_certificate: str | None = None
    """Our certificate for mutual TLS."""
    client_key: str | None = None
    client_key_password: str | None = None
    remember: str | None = None
    """Where the results of actions in this process are kept: `memory`, `sqlite:///…`, `redis://…`, `postgresql://…`, `off`."""
    place: str = ""
    """`file:line` of the entry, for messages about it."""


class TypedEndpoint(msgspec.Struct, frozen=True, kw_only=True):
    """A service of a given kind, such as `type: redis`; the options belong to the kind."""

    type: str | None = None
    """As written; None if the entry has no `type`."""
    options: OpenData = {}
    place: str = ""
    """`file:line` of the entry, for messages about it."""
    places: dict[str, str] = {}
    """The same of each option."""

    def find_place(self, option: str) -> str:
        """Where an option stands, or the entry if it has none of that name."""
        return self.places.get(option, self.place) or "endpoints.yml"


RoutingStrategy: TypeAlias = Literal[
    "simple-shuffle",
    "least-busy",
    "latency-based-routing",
    "cost-based-routing",
    "usage-based-routing",
]


class RouterOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How a group of models chooses among them, and how patient it is."""

    routing_strategy: RoutingStrategy = "simple-shuffle"
    cooldown_time: float = 10.0
    """Seconds that a model which fails is left alone."""
    allowed_fails: int = 1
    """Failures in a row that a model may have; one more and it is left alone."""
    num_retries: int = 2
    """How often one request is sent again, to another model if there is one."""
    redis_host: str | None = None
    redis_port: int = 6379
    redis_password: str | None = None
    redis_url: str | None = None
    use_chat_completions_endpoint: bool | None = None
    """For every model of the group; None if the models say it themselves."""


class ModelEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One model of a provider."""

    provider: str
    """The provider's usual name, or a dotted path to the project's own code."""
    options: OpenData = {}
    """`model`, `api_base`, `api_key`, `timeout` … and whatever else the provider knows."""
    place: str = ""
    """`file:line`, for messages about it."""


class ModelGroup(msgspec.Struct, frozen=True, kw_only=True):
    """Language models, or models of embeddings, that stand in for one another."""

    id: str
    models: tuple[ModelEntry, ...] = ()
    router: RouterOptions | None = None
    place: str = ""


class ConversationDeletion(msgspec.Struct, frozen=True, kw_only=True):
    """When conversations that are over are deleted."""

    min_after_session_end: float
    """Minutes."""
    cron: str
    """Five fields, in UTC."""


class Privacy(msgspec.Struct, frozen=True, kw_only=True):
    """What is to become of conversations when they are over."""

    deletion: ConversationDeletion | None = None
    options: OpenData = {}
    """The whole block as written."""


class Endpoints(msgspec.Struct, frozen=True, kw_only=True):
    """All services; None where the file says nothing and the embedded default applies."""

    action_endpoint: ActionEndpoint | None = None
    tracker_store: TypedEndpoint | None = None
    lock_store: TypedEndpoint | None = None
    timer_store: TypedEndpoint | None = None
    event_broker: TypedEndpoint | None = None
    nlg: TypedEndpoint | None = None
    """`type: rephrase`, a dotted class, or no type and a `url` among the options."""
    models: WebService | None = None
    """The server that model archives are fetched from."""
    model_groups: tuple[ModelGroup, ...] = ()
    secrets_manager: TypedEndpoint | None = None
    tracing: tuple[TypedEndpoint, ...] = ()
    metrics: TypedEndpoint | None = None
    vector_store: TypedEndpoint | None = None
    mcp_servers: tuple[OpenData, ...] = ()
    privacy: Privacy = Privacy()
    interaction_handling: OpenData = {}

    def find_model_group(self, group_id: str) -> ModelGroup | None:
        return next((group for group in self.model_groups if group.id == group_id), None)
