"""What an action server does, whatever it is asked over."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Protocol

from duologue.sdk.dispatcher import CollectingDispatcher
from duologue.sdk.errors import ActionMissingDomain
from duologue.sdk.payloads import ActionResult
from duologue.wire.domain import copy_domain

FEATURES_NAME = "duologue-features"
"""HTTP header and gRPC metadata in every answer: what this server does beyond the protocol."""
IDEMPOTENCY_NAME = "idempotency-key"
"""HTTP header and gRPC metadata of a call; a field `idempotency_key` of the body says the same."""


MOST_DOMAINS = 4
"""Domains that are kept: of several assistants, or of two versions of one while it is rolled out."""


class CallRunner(Protocol):
    """Runs actions: the executor itself, or something around it."""

    def names(self) -> list[str]:
        """The names of all actions, in alphabetical order."""
        ...

    async def run(
        self, call: Mapping[str, Any], dispatcher: CollectingDispatcher | None = None
    ) -> ActionResult:
        """Run the action that a call names; `ActionExecutor.run` says what it raises."""
        ...


class ActionService:
    """Runs calls of the action protocol, and keeps the domain between them."""

    def __init__(self, runner: CallRunner, *, features: frozenset[str] = frozenset()) -> None:
        """`features`: `domain-digest` always, `idempotency` where results are remembered, `streaming`."""
        self.runner = runner
        self.features = features | {"domain-digest"}
        self._domains: OrderedDict[str, dict[str, Any]] = OrderedDict()

    def names(self) -> list[str]:
        """The names of all actions."""
        return self.runner.names()

    async def run(
        self, call: Mapping[str, Any], dispatcher: CollectingDispatcher | None = None
    ) -> ActionResult | None:
        """Answer a call; None if it names no action.

        Raises:
            ActionMissingDomain: it has a digest of a domain that is not known here.
            ActionNotFound, ActionExecutionRejection, ActionFailedError: as the executor.
        """
        name = call.get("next_action")
        if not name:
            return None
        return await self.runner.run({**call, "domain": self._find_domain(name, call)}, dispatcher)

    def _find_domain(self, name: str, call: Mapping[str, Any]) -> dict[str, Any]:
        given, digest = call.get("domain"), call.get("domain_digest")
        if not digest:  # callers that are older than digests leave the domain out on purpose
            return given or {}
        if given is not None:
            self._domains[digest] = given
        elif digest not in self._domains:
            raise ActionMissingDomain(name)
        self._domains.move_to_end(digest)
        while len(self._domains) > MOST_DOMAINS:
            self._domains.popitem(last=False)
        # Authors change what they are given; later calls must not see it.
        return copy_domain(self._domains[digest])
