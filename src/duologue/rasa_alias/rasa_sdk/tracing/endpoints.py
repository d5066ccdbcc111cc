"""Where other servers are, as `endpoints.yml` says."""

# ruff: noqa: PLR0917 - the parameters are those of rasa_sdk.

import logging
import os
from typing import Any

from .. import utils

logger = logging.getLogger(__name__)

DEFAULT_ENCODING = "utf-8"


class EndpointConfig:
    """Where one server is, and how to reach it."""

    def __init__(
        self,
        url: str | None = None,
        params: dict[str, Any] | None = None,
        headers: dict[str, Any] | None = None,
        basic_auth: dict[str, str] | None = None,
        token: str | None = None,
        token_name: str = "token",
        cafile: str | None = None,
        **kwargs: Any,
    ) -> None:
        self.url = url
        self.params = params or {}
        self.headers = headers or {}
        self.basic_auth = basic_auth or {}
        self.token = token
        self.token_name = token_name
        # `store_type` is an older name of `type`.
        self.type = kwargs.pop("store_type", kwargs.pop("type", None))
        self.cafile = cafile
        self.kwargs = kwargs

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "EndpointConfig":
        """Make one from an entry of the file."""
        return EndpointConfig(**data)


def read_endpoint_config(filename: str, endpoint_type: str) -> EndpointConfig | None:
    """Read one entry of the file; None if it, or the file, is missing."""
    if not filename:
        return None
    try:
        content = utils.read_yaml(utils.read_file(filename))
    except FileNotFoundError:
        logger.error(f"Failed to read endpoint configuration from {os.path.abspath(filename)}. No such file.")
        return None
    entry = content.get(endpoint_type)
    return None if entry is None else EndpointConfig.from_dict(entry)
