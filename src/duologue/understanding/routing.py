"""Coexistence: a session belongs to the flows of an assistant or to its classic part, and a router decides which.

The decision is kept in the slot `route_session_to_calm`, so it is taken once for a session, or for one message where
the configuration calls it non-sticky.
"""

import logging
from enum import StrEnum
from typing import Protocol

import msgspec
from msgspec.structs import replace

from duologue.core import commands as cmd
from duologue.core.messages import UserMessage
from duologue.core.router_options import ROUTER, ROUTING_SLOT
from duologue.core.understanding import Entity, Evidence, Intent, ModelCall, Understanding
from duologue.flows.offers import Offers
from duologue.understanding.classic_rung import fills_only, says_something
from duologue.understanding.ladder import Ladder, Rung

NO_CLASSIC_PART = "routed to the classic part, and the assistant has none"

_log = logging.getLogger(__name__)


class Route(StrEnum):
    """Where a message goes."""

    FLOWS = "flows"
    """To the flows, and the session with it."""
    CLASSIC = "classic part"
    """To stories and rules, and the session with it."""
    CLASSIC_ONCE = "classic part, once"
    """This message only."""
    UNKNOWN = "unknown"
    """Nobody can tell: the model is away, or the intent is too doubtful."""


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """A route and what speaks for it."""

    route: Route
    reason: str
    confidence: float = 1.0
    calls: tuple[ModelCall, ...] = ()
    intent: Intent | None = None
    intent_ranking: tuple[Intent, ...] = ()
    entities: tuple[Entity, ...] = ()


class Router(Protocol):
    """Decides for one message."""

    async def route(self, message: UserMessage, offers: Offers) -> Decision:
        """Where the message goes. Never raises: what it cannot tell is `Route.UNKNOWN`."""
        ...

    def warm_up(self) -> None:
        """Make ready what the first message would otherwise wait for."""
        ...


class RoutingRung:
    """Asks the side that the session belongs to, and the router where that is still open.

    A message of which the router cannot tell where it goes is for the classic part if there is one, else for the
    flows; the next message is routed afresh. A decision for a classic part that does not exist is not kept either: no
    conversation may be shut out of the flows for good.
    """

    name = "router"

    def __init__(self, router: Router, flows: Ladder, classic: Rung | None = None) -> None:
        """`flows` is the ladder of an assistant without a router; `classic` understands for stories and rules."""
        self._router = router
        self._flows = flows
        self._classic = classic

    def warm_up(self) -> None:
        self._router.warm_up()
        self._flows.warm_up()
        if self._classic is not None:
            self._classic.warm_up()

    async def prepare(self) -> None:
        """Let the rungs of the flows get what they have to wait for."""
        await self._flows.prepare()

    async def understand(self, message: UserMessage, offers: Offers) -> Understanding | None:
        belongs_to_flows = offers.slots.get(ROUTING_SLOT)
        if message.text.startswith("/"):
            return await self._follow_payload(message, offers, is_open=belongs_to_flows is None)
        if belongs_to_flows is True:
            return await self._flows.understand(message, offers)
        if belongs_to_flows is False:
            return await self._ask_classic(message, offers)
        decision = await self._decide(message, offers)
        understanding = await self._follow(decision, message, offers)
        return _explain(understanding, decision)

    async def _follow_payload(self, message: UserMessage, offers: Offers, *, is_open: bool) -> Understanding:
        """An exact payload needs no router; one that starts a flow is the session's decision."""
        understanding = await self._flows.understand(message, offers)
        starts = any(isinstance(command, cmd.StartFlow) for command in understanding.commands)
        if self._classic is not None and not starts and _is_for_classic(understanding, offers):
            return await self._ask_classic(message, offers)
        return _stick(understanding, offers, to_flows=True) if starts and is_open else understanding

    async def _decide(self, message: UserMessage, offers: Offers) -> Decision:
        try:
            return await self._router.route(message, offers)
        except Exception as error:  # it promises not to raise; a message must not be lost if it does
            _log.error("understanding.rung_failed", exc_info=error, extra={"rung": self.name})
            return Decision(route=Route.UNKNOWN, reason="the router failed", confidence=0.0)

    async def _follow(self, decision: Decision, message: UserMessage, offers: Offers) -> Understanding:
        match decision.route:
            case Route.FLOWS:
                return _stick(await self._flows.understand(message, offers), offers, to_flows=True)
            case Route.UNKNOWN if self._classic is None:
                return await self._flows.understand(message, offers)
            case Route.CLASSIC if self._classic is not None:
                return _stick(await self._ask_classic(message, offers), offers, to_flows=False)
            case Route.CLASSIC | Route.CLASSIC_ONCE | Route.UNKNOWN:
                return await self._ask_classic(message, offers)

    async def _ask_classic(self, message: UserMessage, offers: Offers) -> Understanding:
        understanding = await self._classic.understand(message, offers) if self._classic else None
        return understanding or Understanding(
            commands=(cmd.CannotHandle(reason="cannot_handle_not_supported"),),
            evidence=(
                Evidence(
                    rung="classic",
                    confidence=0.0,
                    reason="not understood" if self._classic else NO_CLASSIC_PART,
                ),
            ),
        )


def _is_for_classic(understanding: Understanding, offers: Offers) -> bool:
    """Whether a payload that starts no flow is for stories and rules: in their sessions, and where no flow waits."""
    belongs_to_flows = offers.slots.get(ROUTING_SLOT)
    if belongs_to_flows is None:
        is_open = understanding.intent is not None and fills_only(understanding) and not offers.state.stack
        return is_open or not says_something(understanding)
    return not belongs_to_flows


def _stick(understanding: Understanding, offers: Offers, *, to_flows: bool) -> Understanding:
    """Let the session stay where this message goes, if the project declares the slot that remembers it."""
    if ROUTING_SLOT not in offers.domain.slots:
        return understanding
    kept = cmd.SetSlot(name=ROUTING_SLOT, value=to_flows, extractor=ROUTER)
    return replace(understanding, commands=(kept, *understanding.commands))


def _explain(understanding: Understanding, decision: Decision) -> Understanding:
    evidence = Evidence(
        rung=RoutingRung.name,
        confidence=decision.confidence,
        reason=decision.reason,
        calls=decision.calls,
        details={"route": decision.route.value},
    )
    return replace(
        understanding,
        evidence=(*understanding.evidence, evidence),
        intent=understanding.intent or decision.intent,
        intent_ranking=understanding.intent_ranking or decision.intent_ranking,
        entities=understanding.entities or decision.entities,
    )
