"""The models of a group, and which of them is asked next."""

import math
import random
from collections.abc import Collection, Sequence
from typing import Generic, Literal, TypeAlias, TypeVar, assert_never

import msgspec

from duologue.adapters.language_model.routing.model_health import ModelHealth
from duologue.adapters.language_model.routing.usage_ledger import LocalUsageLedger, MinuteUsage, UsageLedger
from duologue.ports.clock import Clock, SystemClock

Model = TypeVar("Model")

RoutingStrategy: TypeAlias = Literal[
    "simple-shuffle",
    "least-busy",
    "latency-based-routing",
    "cost-based-routing",
    "usage-based-routing",
]

_LATENCY_MEMORY = 300.0
"""Seconds after which a measured latency no longer counts, so that a slow model gets another chance."""
_NEWEST_SHARE = 0.3


class RoutingRules(msgspec.Struct, frozen=True, kw_only=True):
    """How a group chooses, and how patient it is."""

    strategy: RoutingStrategy = "simple-shuffle"
    cooldown_time: float = 10.0
    """Seconds that a model which fails is left alone."""
    allowed_fails: int = 1
    """Failures in a row that a model may have; one more and it cools down."""
    num_retries: int = 2
    """How often one request is sent again, to another model if there is one."""


class ModelTerms(msgspec.Struct, frozen=True, kw_only=True):
    """What the author says of one model for the sake of routing."""

    weight: float | None = None
    """Share of the requests under `simple-shuffle`."""
    rpm: int | None = None
    """Requests a minute."""
    tpm: int | None = None
    """Tokens a minute."""
    input_cost_per_token: float | None = None
    output_cost_per_token: float | None = None
    timeout: float | None = None
    """Seconds for a whole answer, where whoever asks names no limit."""

    @property
    def price(self) -> float:
        """What a token costs; unknown prices come last."""
        prices = [self.input_cost_per_token, self.output_cost_per_token]
        known = [price for price in prices if price is not None]
        return sum(known) if known else math.inf

    @property
    def share(self) -> float:
        return next((float(part) for part in (self.weight, self.rpm, self.tpm) if part is not None), 1.0)

    def has_room(self, usage: MinuteUsage) -> bool:
        return (self.rpm is None or usage.requests < self.rpm) and (
            self.tpm is None or usage.tokens < self.tpm
        )


class Replica(Generic[Model]):
    """One model of a group, with what this process knows about it."""

    def __init__(self, key: str, model: Model, terms: ModelTerms, health: ModelHealth) -> None:
        self.key = key
        """Names it in the usage ledger; the same in every process that reads the same file."""
        self.model = model
        self.terms = terms
        self.health = health
        self.calls_under_way = 0
        self._latency: float | None = None
        self._measured_at = 0.0

    def get_latency(self, now: float) -> float:
        """Seconds of recent answers; 0 if there was none lately."""
        is_known = self._latency is not None and now - self._measured_at < _LATENCY_MEMORY
        return self._latency or 0.0 if is_known else 0.0

    def note_latency(self, seconds: float, now: float) -> None:
        known = self.get_latency(now)
        self._latency = known + _NEWEST_SHARE * (seconds - known) if known else seconds
        self._measured_at = now


class Member(msgspec.Struct, Generic[Model], frozen=True, kw_only=True):
    """A model as it joins a group."""

    key: str
    model: Model
    terms: ModelTerms = ModelTerms()


class Replicas(Generic[Model]):
    """Chooses among the models of a group that are well."""

    def __init__(
        self,
        members: Sequence[Member[Model]],
        rules: RoutingRules,
        *,
        ledger: UsageLedger | None = None,
        clock: Clock | None = None,
        chance: random.Random | None = None,
    ) -> None:
        self.rules = rules
        self.clock = clock or SystemClock()
        self.chance = chance or random.Random()
        self.ledger = ledger or LocalUsageLedger(self.clock)
        self._all = tuple(
            Replica(
                member.key,
                member.model,
                member.terms,
                ModelHealth(
                    allowed_fails=rules.allowed_fails, cooldown_time=rules.cooldown_time, clock=self.clock
                ),
            )
            for member in members
        )

    @property
    def models(self) -> tuple[Model, ...]:
        return tuple(replica.model for replica in self._all)

    @property
    def due_in(self) -> float:
        """Seconds until one of them may be asked again."""
        return min(replica.health.due_in for replica in self._all)

    def has_ready(self, *, but: Collection[Replica[Model]] = ()) -> bool:
        """Whether a model is well, so that only the limits of this minute can keep it from being asked."""
        return any(replica.health.is_ready for replica in self._all if replica not in but)

    async def choose(
        self, *, tried: Collection[Replica[Model]], refused: Collection[Replica[Model]]
    ) -> Replica[Model] | None:
        """The model to ask now: one that was not tried yet if there is one, and none that has refused for good."""
        ready = [replica for replica in self._all if replica not in refused and replica.health.is_ready]
        if not ready:
            return None if tried else self._choose_early()
        ready = [replica for replica in ready if replica not in tried] or ready
        return await self._pick(ready) if len(ready) > 1 or self._has_limits else ready[0]

    async def note_usage(self, replica: Replica[Model], *, requests: int = 0, tokens: int = 0) -> None:
        if self._has_limits:
            await self.ledger.add(replica.key, requests=requests, tokens=tokens)

    async def close(self) -> None:
        await self.ledger.close()

    @property
    def _has_limits(self) -> bool:
        return self.rules.strategy in ("usage-based-routing", "cost-based-routing")

    def _choose_early(self) -> Replica[Model] | None:
        """All cool: of several, the one that is due first is tried all the same; a lone one is left alone."""
        cooling = [replica for replica in self._all if replica.health.can_be_tried_early]
        if len(self._all) == 1 or len(cooling) < len(self._all):
            return None
        return min(cooling, key=lambda replica: replica.health.due_in)

    async def _pick(self, ready: list[Replica[Model]]) -> Replica[Model] | None:
        # Those that are equal otherwise share the work.
        self.chance.shuffle(ready)
        now = self.clock.monotonic()
        match self.rules.strategy:
            case "simple-shuffle":
                return self.chance.choices(ready, [replica.terms.share for replica in ready])[0]
            case "least-busy":
                return min(ready, key=lambda replica: replica.calls_under_way)
            case "latency-based-routing":
                return min(ready, key=lambda replica: replica.get_latency(now))
            case "cost-based-routing":
                roomy = list(await self._weigh(ready))
                return min(roomy, key=lambda replica: replica.terms.price, default=None)
            case "usage-based-routing":
                usage = await self._weigh(ready)
                return min(usage, key=lambda replica: usage[replica].tokens, default=None)
            case _:
                assert_never(self.rules.strategy)

    async def _weigh(self, ready: list[Replica[Model]]) -> dict[Replica[Model], MinuteUsage]:
        """Those with room in this minute, and what they were given in it."""
        usage = await self.ledger.read([replica.key for replica in ready])
        return {
            replica: usage[replica.key] for replica in ready if replica.terms.has_room(usage[replica.key])
        }
