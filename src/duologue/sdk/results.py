"""Check what an action gave back, and make plain JSON of it."""

from typing import Any, cast

import msgspec

from duologue.sdk.errors import ActionResultError
from duologue.sdk.payloads import ActionResult


class ResultChecker(msgspec.Struct, frozen=True, kw_only=True):
    """Checks the results of one action; whatever an author returns may arrive here, hence `Any`."""

    action_name: str
    place: str

    def check(self, events: Any, messages: list[dict[str, Any]]) -> ActionResult:
        """Give the events and messages as plain JSON that shares nothing with the author's objects."""
        if events and not isinstance(events, list | tuple):
            raise self._error(f"returned a {_kind(events)}; return a list of events, such as [SlotSet(…)]")
        # `isinstance` narrows `Any` to a list of unknown things, hence the cast.
        returned = cast("list[Any]", events or [])
        return {
            "events": [self._check_event(event) for event in returned],
            "responses": [self._make_plain("a message", message) for message in messages],
        }

    def _check_event(self, event: Any) -> dict[str, Any]:
        if not isinstance(event, dict):
            raise self._error(
                f"returned a {_kind(event)} among its events; make them with duologue.sdk.events"
            )
        fields: dict[str, Any] = dict(event)  # pyright: ignore[reportUnknownArgumentType]
        kind = fields.get("event")
        if not isinstance(kind, str) or not kind:
            raise self._error("returned a dictionary without 'event'; make events with duologue.sdk.events")
        label = f"slot '{fields.get('name')}'" if kind == "slot" else f"its event '{kind}'"
        return self._make_plain(label, fields)

    def _make_plain(self, label: str, value: dict[str, Any]) -> dict[str, Any]:
        try:
            plain: dict[str, Any] = msgspec.to_builtins(value, str_keys=True, enc_hook=_make_builtin)
        except (TypeError, ValueError, RecursionError) as error:
            raise self._error(f"put something into {label} that JSON cannot hold ({error})") from error
        return plain

    def _error(self, what: str) -> ActionResultError:
        return ActionResultError(self.action_name, f"Action '{self.action_name}' ({self.place}) {what}.")


def _make_builtin(value: Any) -> Any:
    """Turn a subclass of a JSON type, such as a number of numpy, into the type itself."""
    kinds: tuple[Any, ...] = (str, int, float, dict, list)
    for kind in kinds:
        if isinstance(value, kind):
            return kind(value)
    raise TypeError(_kind(value))


def _kind(value: Any) -> str:
    return f"value of type {type(value).__name__}"
