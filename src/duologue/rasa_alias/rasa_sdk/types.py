"""The shapes of what travels to an action."""

from duologue.sdk.payloads import ActionCall, DomainDict, TrackerState

__all__ = ["ActionCall", "DomainDict", "TrackerState"]
