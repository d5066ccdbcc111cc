"""What the executor gives back, as models of pydantic."""

from typing import Any

from pydantic import BaseModel, Field


class ActionExecutorRunResult(BaseModel):
    """The events and messages of one action."""

    events: list[dict[str, Any]] = Field(alias="events")
    responses: list[dict[str, Any]] = Field(alias="responses")


class ActionName(BaseModel):
    """The name of one action."""

    name: str = Field(alias="name")
