"""What `endpoints.yml` says: the services around the assistant. Values may hold secrets; never put them in messages."""

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


class ActionEndpoint(msgspec.Struct, frozen=True, kw_only=True):
    """Where custom actions run: in this process, or behind a URL. The module wins if both are given."""

    actions_module: str | None = None
    service: WebService = WebService()
    enable_selective_domain: bool = False
    """Send the domain only to actions that ask for it."""


class TypedEndpoint(msgspec.Struct, frozen=True, kw_only=True):
    """A service of a given kind, such as `type: redis`; the options belong to the kind."""

    type: str | None = None
    """As written; None if the entry has no `type`."""
    options: OpenData = {}


class ModelGroup(msgspec.Struct, frozen=True, kw_only=True):
    """Language models that stand in for one another."""

    id: str
    models: tuple[OpenData, ...] = ()
    router: OpenData = {}


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
    privacy: OpenData = {}
    interaction_handling: OpenData = {}

    def find_model_group(self, group_id: str) -> ModelGroup | None:
        return next((group for group in self.model_groups if group.id == group_id), None)
