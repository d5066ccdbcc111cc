"""The details of a call over gRPC that failed."""

from enum import Enum

from pydantic import BaseModel, Field


class ActionExecutionFailed(BaseModel):
    """An action declined to run."""

    action_name: str = Field(alias="action_name")
    message: str = Field(alias="message")


# Written `str, Enum` because its text, unlike a `StrEnum`'s, is the one authors know.
class ResourceNotFoundType(str, Enum):  # noqa: UP042
    """What was not found."""

    ACTION = "ACTION"
    DOMAIN = "DOMAIN"


class ResourceNotFound(BaseModel):
    """An action, or the domain, is not there."""

    action_name: str = Field(alias="action_name")
    message: str = Field(alias="message")
    resource_type: ResourceNotFoundType = Field(alias="resource_type")
