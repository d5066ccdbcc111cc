"""Open data: what authors and channels put into slots, metadata and custom payloads."""

from typing import Any, TypeAlias

# `Any` on purpose: these hold whatever JSON an author, a channel or an action sends.
SlotValue: TypeAlias = Any
"""A JSON value held by a slot; None means that the slot is not set."""

OpenData: TypeAlias = dict[str, Any]
"""A JSON object whose keys belong to an author or a channel, not to us."""
