"""The domain in calls: written once, and left out where the server has it already or does not need it."""

import hashlib

import msgspec

from duologue.adapters.action_runner.attempts import DIGEST_FEATURE
from duologue.core.domain import Domain
from duologue.core.values import OpenData
from duologue.wire.domain import format_domain
from duologue.wire.encoding import encode_json

_MISSES_IN_A_ROW = 3
_CALLS_WITH_DOMAIN = 100
"""After so many misses the domain goes with so many calls: it has many workers to reach, or they have many callers."""


class WrittenDomain(msgspec.Struct, frozen=True, kw_only=True):
    """A domain as it is sent."""

    digest: str
    formatted: OpenData
    encoded: bytes
    """`formatted` as JSON."""


class DomainMemory:
    """Knows which domain a server has; one for each server.

    Only a server that showed the feature `domain-digest`, or once asked for a domain, is known to keep one:
    older ones pass over the digest and would run actions without any domain.
    """

    def __init__(self, *, is_selective: bool) -> None:
        """`is_selective`: only actions that declare `send_domain` get the domain unasked."""
        self._is_selective = is_selective
        self._domain: Domain | None = None
        self._written = WrittenDomain(digest="", formatted={}, encoded=b"{}")
        self._keeps_domains = False
        self._kept_digest: str | None = None
        self._misses = 0
        self._calls_with_domain = 0

    def write(self, domain: Domain) -> WrittenDomain:
        """The domain to send, with its digest, which goes with every call."""
        if self._domain is not domain:
            formatted = format_domain(domain)
            encoded = encode_json(formatted)
            digest = hashlib.sha256(encoded).hexdigest()
            self._domain = domain
            self._written = WrittenDomain(digest=digest, formatted=formatted, encoded=encoded)
        return self._written

    def must_send(self, action_name: str, domain: Domain, features: frozenset[str]) -> bool:
        """Whether the domain itself goes with a call of the action; `features` are those that the server showed."""
        if self._is_selective and action_name not in domain.actions_with_domain:
            return False
        if not self._keeps_domains and DIGEST_FEATURE not in features:
            return True
        if self._calls_with_domain > 0:
            self._calls_with_domain -= 1
            return True
        return self._kept_digest != self.write(domain).digest

    def learn_kept(self, digest: str, *, was_sent: bool) -> None:
        """A call with this digest was answered; `was_sent`: the domain went with it."""
        self._kept_digest = digest
        if not was_sent:
            self._misses = 0

    def learn_missed(self) -> None:
        """The server asked for the domain; the call is to be sent again with it."""
        self._keeps_domains = True
        self._kept_digest = None
        self._misses += 1
        if self._misses >= _MISSES_IN_A_ROW:
            self._misses, self._calls_with_domain = 0, _CALLS_WITH_DOMAIN
