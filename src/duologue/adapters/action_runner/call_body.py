"""The body of a call, put together from pieces that were written before: events travel again with every call."""

from collections.abc import Sequence

import msgspec

from duologue.core.events import Event
from duologue.core.values import OpenData
from duologue.ports.action_runner import ActionCall
from duologue.wire.action_call import format_action_call
from duologue.wire.encoding import encode_json
from duologue.wire.events import encode_event

_MOST_EVENTS = 8192
_LARGE = 4096
"""Bytes of an event that is written anew each time, so that what is kept stays small."""


class BodyWriter:
    """Writes calls as JSON; one for each server."""

    def __init__(self) -> None:
        self._written: dict[bytes, bytes] = {}

    def write(self, call: ActionCall, events: Sequence[Event], *, domain_digest: str) -> bytes:
        """The call without the domain."""
        body = format_bare_call(call)
        tracker = {name: value for name, value in body.pop("tracker").items() if name != "events"}
        body["domain_digest"] = domain_digest
        written = b"[%b]" % b",".join([self._write_event(event) for event in events])
        return add_member(encode_json(body), "tracker", add_member(encode_json(tracker), "events", written))

    def _write_event(self, event: Event) -> bytes:
        try:
            # The same for equal events only, and a fraction of what the public JSON costs.
            key = msgspec.json.encode(event)
        except UnicodeEncodeError:
            return encode_event(event)
        written = self._written.get(key)
        if written is None:
            written = encode_event(event)
            if len(key) <= _LARGE:
                self._keep(key, written)
        return written

    def _keep(self, key: bytes, written: bytes) -> None:
        if len(self._written) >= _MOST_EVENTS:
            del self._written[next(iter(self._written))]  # the one that came first
        self._written[key] = written


def format_bare_call(call: ActionCall) -> OpenData:
    """The call without events and domain, which are written apart."""
    return format_action_call(
        call.action_name,
        state=call.state,
        events=(),
        domain=call.domain,
        formatted_domain=None,
        idempotency_key=call.idempotency_key,
    )


def add_member(encoded: bytes, name: str, value: bytes) -> bytes:
    """The JSON of an object that is not empty, with one more member, whose value is JSON already."""
    return b'%b,"%b":%b}' % (encoded[:-1], name.encode(), value)
