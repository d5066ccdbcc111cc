"""Which flows a prompt shows: the ones nearest to what was said, never more than the author wants."""

import asyncio
import logging
import time
from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

import msgspec

from duologue.core.generator_options import FlowRetrievalOptions
from duologue.core.stack import FlowFrame
from duologue.flows.offers import Offers
from duologue.understanding.generators.flow_vectors import FlowVectors
from duologue.understanding.generators.flow_views import FlowView, FlowViews

_PAUSE_AFTER_FAILURE = 30.0
"""Seconds for which embeddings are not asked for again after they failed."""
_LONGEST_WAIT = 5.0
"""Seconds for which a turn waits for vectors."""
_QUERY_CHARACTERS = 1_500

_log = logging.getLogger(__name__)


class NamedFlow(Protocol):
    """A flow that a ranker found."""

    @property
    def flow_id(self) -> str: ...


class FlowRanker(Protocol):
    """Ranks flows by the words of a message, without a network."""

    def rank(self, text: str, *, limit: int) -> Sequence[NamedFlow]: ...


class Ranking(StrEnum):
    """What ranked the flows."""

    ALL = "all"
    EMBEDDINGS = "embeddings"
    WORDS = "words"


class ShownFlows(msgspec.Struct, frozen=True, kw_only=True):
    """The flows of one prompt, the nearest first."""

    flows: tuple[FlowView, ...]
    ranked_by: Ranking


class FlowRetriever:
    """Chooses the flows of a prompt."""

    def __init__(
        self,
        views: FlowViews,
        options: FlowRetrievalOptions,
        ranker: FlowRanker,
        vectors: FlowVectors | None = None,
    ) -> None:
        self._views = views
        self._options = options
        self._ranker = ranker
        self._vectors = vectors
        self._asks_again_at = 0.0

    @property
    def shows_all(self) -> bool:
        """Whether every flow that may start is shown, so that nothing needs to be chosen."""
        return not self._options.active or len(self._views.by_id) <= self._options.num_flows

    async def choose(self, text: str, offers: Offers) -> ShownFlows:
        """The flows to show for a message: startable ones only, and those under way."""
        startable = {
            view.flow_id: view
            for view in self._views.by_id.values()
            if not view.has_guard or offers.is_startable(offers.flows.user_flows[view.flow_id])
        }
        if self.shows_all:
            return ShownFlows(flows=tuple(startable.values()), ranked_by=Ranking.ALL)
        query = self._query(text, offers)
        ranked = await self._rank_by_meaning(query)
        by = Ranking.WORDS if ranked is None else Ranking.EMBEDDINGS
        if ranked is None:
            ranked = self._rank_by_words(query)
        chosen = [flow_id for flow_id in ranked if flow_id in startable][: self._options.num_flows]
        kept = [view.flow_id for view in startable.values() if view.is_always_shown]
        under_way = [frame.flow_id for frame in reversed(offers.state.stack) if isinstance(frame, FlowFrame)]
        shown = (self._views.find(flow_id) for flow_id in dict.fromkeys((*chosen, *kept, *under_way)))
        return ShownFlows(flows=tuple(view for view in shown if view is not None), ranked_by=by)

    async def prepare(self) -> None:
        """Embed the flows ahead of the first message. Never raises: without vectors words decide."""
        if self._vectors is not None and not self.shows_all:
            try:
                await self._vectors.prepare()
            except Exception as error:
                self._give_up(error)

    async def _rank_by_meaning(self, query: str) -> list[str] | None:
        # While flows are embedded at the start, nobody waits: words tell in the meantime.
        if self._vectors is None or self._vectors.is_busy or time.monotonic() < self._asks_again_at:
            return None
        try:
            async with asyncio.timeout(_LONGEST_WAIT):
                return await self._vectors.rank(query)
        except asyncio.CancelledError:
            raise
        except Exception as error:  # whatever a remote model does, the words still tell
            self._give_up(error)
            return None

    def _give_up(self, error: Exception) -> None:
        self._asks_again_at = time.monotonic() + _PAUSE_AFTER_FAILURE
        _log.warning("retrieval.embeddings_failed", extra={"error": f"{type(error).__name__}: {error}"})

    def _rank_by_words(self, query: str) -> list[str]:
        found = [match.flow_id for match in self._ranker.rank(query, limit=self._options.num_flows)]
        # Words that no flow knows say nothing about which is meant: then the first ones of the project follow.
        return list(dict.fromkeys((*found, *self._views.by_id)))

    def _query(self, text: str, offers: Offers) -> str:
        """What was said in the last turns, the message at the end."""
        lines: list[str] = [text]
        turns = 1
        for line in reversed(offers.state.transcript):
            if turns >= self._options.turns_to_embed:
                break
            lines.append(line.text)
            turns += line.is_user
        return "\n".join(reversed(lines))[-_QUERY_CHARACTERS:]
