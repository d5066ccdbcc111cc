"""The address of results in Redis, with everything that it may say."""

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec

from duologue.adapters.tracker_store.redis_options import RedisTrackerStoreOptions
from duologue.core.errors import StorageRefusedError

_NAMES = frozenset(
    {
        *("deployment_mode", "endpoints", "sentinel_service", "key_prefix", "socket_timeout"),
        *("ssl_ca_certs", "ssl_certfile", "ssl_keyfile", "wait_for_disk", "wait_for_replicas"),
    }
)


def read_redis_address(url: str) -> RedisTrackerStoreOptions:
    """The options of an address such as `redis://host/1?deployment_mode=sentinel&endpoints=a:26379,b:26379`.

    Raises:
        StorageRefusedError: one of them has a value that it cannot have.
    """
    parts = urlsplit(url)
    query = parse_qsl(parts.query, keep_blank_values=True)
    # What is not ours is for the driver.
    rest = urlencode([(name, value) for name, value in query if name not in _NAMES])
    place = parts._replace(netloc=parts.netloc or ("" if parts.scheme == "unix" else "localhost"), query=rest)
    given: dict[str, Any] = {name: value for name, value in query if name in _NAMES}
    if "endpoints" in given:
        given["endpoints"] = tuple(given["endpoints"].split(","))
    try:
        return msgspec.convert({**given, "url": place.geturl()}, RedisTrackerStoreOptions, strict=False)
    except msgspec.ValidationError as error:
        raise StorageRefusedError(f"The address of Redis for results cannot be read: {error}.") from None
