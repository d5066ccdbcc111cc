"""What `rasa_sdk.grpc_errors` offers: the details of a failed call."""

from enum import Enum

import msgspec


# Written `str, Enum` because its text, unlike a `StrEnum`'s, is the one authors know.
class ResourceNotFoundType(str, Enum):  # noqa: UP042
    """What was not found."""

    ACTION = "ACTION"
    DOMAIN = "DOMAIN"


class ActionExecutionFailed(msgspec.Struct, kw_only=True):
    """An action raised."""

    action_name: str
    message: str


class ResourceNotFound(msgspec.Struct, kw_only=True):
    """An action or its domain is missing."""

    action_name: str
    message: str
    resource_type: ResourceNotFoundType
