"""`action_endpoint` of an endpoints file: where the project's own code runs, and how patiently it is called."""

from duologue.project.endpoints import ActionEndpoint, CircuitBreakerOptions
from duologue.project.fields import Fields, number_of
from duologue.project.service_reader import SERVICE_KEYS, read_service

_KEYS = SERVICE_KEYS | {
    "actions_module",
    "circuit_breaker",
    "client_certificate",
    "client_key",
    "client_key_password",
    "compress",
    "enable_selective_domain",
    "remember",
    "retries",
    "timeout",
    "timeouts",
}
_BREAKER_KEYS = frozenset(CircuitBreakerOptions.__struct_fields__)


def read_action_endpoint(entry: Fields) -> ActionEndpoint:
    """The endpoint; what does not fit becomes a problem with its line."""
    entry.warn_unknown(_KEYS, "`action_endpoint`")
    if not entry.has("url") and not entry.has("actions_module"):
        entry.problems.error(entry.place, "`action_endpoint` needs `url` or `actions_module`.")
    if entry.has("client_key") and not entry.has("client_certificate"):
        entry.problems.error(entry.place.at("client_key"), "`client_key` needs `client_certificate`.")
    if entry.has("remember") and entry.has("url") and not entry.has("actions_module"):
        entry.problems.warn(
            entry.place.at("remember"),
            "`remember` is about actions that run in this process.",
            "Give it to the action server: `duologue actions --remember …`.",
        )
    return ActionEndpoint(
        actions_module=entry.text("actions_module"),
        service=read_service(entry, _KEYS),
        enable_selective_domain=entry.flag("enable_selective_domain", default=False),
        timeout=_read_seconds(entry, "timeout") if entry.has("timeout") else None,
        timeouts=_read_timeouts(entry),
        retries=_read_count(entry, "retries", 2),
        circuit_breaker=_read_breaker(entry),
        compress=entry.flag("compress", default=False) if entry.has("compress") else None,
        client_certificate=entry.text("client_certificate"),
        client_key=entry.text("client_key"),
        client_key_password=entry.text("client_key_password"),
        remember=entry.text("remember"),
        place=str(entry.place),
    )


def _read_timeouts(entry: Fields) -> dict[str, float]:
    inner = entry.child("timeouts")
    read = {name: _read_seconds(inner, name) for name in inner.data}
    return {name: seconds for name, seconds in read.items() if seconds is not None}


def _read_breaker(entry: Fields) -> CircuitBreakerOptions:
    default = CircuitBreakerOptions()
    if not entry.has("circuit_breaker"):
        return default
    inner = entry.child("circuit_breaker")
    inner.warn_unknown(_BREAKER_KEYS, "`circuit_breaker`")
    seconds = _read_seconds(inner, "seconds") if inner.has("seconds") else None
    return CircuitBreakerOptions(
        failures=_read_count(inner, "failures", default.failures), seconds=seconds or default.seconds
    )


def _read_seconds(fields: Fields, key: str) -> float | None:
    seconds = number_of(fields.data.get(key))
    if seconds is None or not 0 < seconds < float("inf"):
        fields.refuse(key, "must be a number of seconds, more than 0")
        return None
    return seconds


def _read_count(fields: Fields, key: str, default: int) -> int:
    count = fields.number(key, default)
    if count < 0 or count != int(count):
        fields.refuse(key, "must be a whole number, 0 or more")
        return default
    return int(count)
