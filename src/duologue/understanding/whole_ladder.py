"""The ladder of an assistant, put together: certain rungs, the trained part, a model, our own rules, and a router."""

from collections.abc import Sequence

from duologue.understanding.classic_rung import ClassicRung, FlowsFirstRung
from duologue.understanding.ladder import Ladder, Rung
from duologue.understanding.merging_rung import MergingRung
from duologue.understanding.nlu_rung import NluRung
from duologue.understanding.routing import Router, RoutingRung


def build_ladder(
    certain: Sequence[Rung],
    below: Sequence[Rung],
    *,
    nlu: NluRung | None = None,
    local: Rung | None = None,
    router: Router | None = None,
    classic: ClassicRung | None = None,
    minimize_num_calls: bool = True,
) -> Ladder:
    """The whole ladder.

    Args:
        certain: payloads and plain answers, which need nobody else.
        below: what answers the rest, the last of them always.
        nlu: the trained part; what it says and what `below` says are merged.
        local: reads further values in a message for which `below` is not asked.
        router: decides between all of these and the classic part of the assistant.
        classic: the classic part; without a router it answers what the flows do not understand.
        minimize_num_calls: where the trained part found enough, `below` is not asked.
    """
    rest = (
        below
        if nlu is None
        else (MergingRung(nlu, Ladder(below), local=local, minimize_num_calls=minimize_num_calls),)
    )
    ladder = Ladder((*certain, *rest))
    if router is not None:
        return Ladder((RoutingRung(router, ladder, classic),))
    return ladder if classic is None else Ladder((FlowsFirstRung(ladder, classic),))
