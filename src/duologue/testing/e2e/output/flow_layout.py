"""Places the steps of a flow for a picture: in layers from the first step down to the end."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import msgspec

from duologue.core.stack import END
from duologue.flows.flow import Flow
from duologue.flows.steps import LinkStep, Step

BOX_WIDTH = 210.0
BOX_HEIGHT = 44.0
LANE_WIDTH = 14.0
"""Room for a line that passes a layer between its boxes."""
GAP_ACROSS = 22.0
GAP_DOWN = 52.0
RETURN_LANE = 16.0


class Point(msgspec.Struct, frozen=True):
    """A spot of the picture; y grows downwards."""

    x: float
    y: float


class Box(msgspec.Struct, frozen=True, kw_only=True):
    """A step, or the end, with the middle of its upper edge."""

    step_id: str
    top: Point


class Edge(msgspec.Struct, frozen=True, kw_only=True):
    """A line from one box to another, through these points."""

    source: str
    target: str
    label: str
    points: tuple[Point, ...]
    is_return: bool = False
    """It leads back up."""


class FlowLayout(msgspec.Struct, frozen=True, kw_only=True):
    """One flow, laid out from 0, 0."""

    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]
    width: float
    height: float


class _Link(msgspec.Struct, frozen=True, kw_only=True):
    source: str
    target: str
    label: str


class _Slot(msgspec.Struct, frozen=True):
    """What stands in a layer: a step, or a line that passes on its way to another layer."""

    name: str
    line: int = -1

    @property
    def width(self) -> float:
        return BOX_WIDTH if self.line < 0 else LANE_WIDTH


def lay_out(flow: Flow) -> FlowLayout:
    """The steps in layers, each as far down as the longest way to it; lines that lead back run on the right."""
    if not flow.steps:
        return FlowLayout(boxes=(), edges=(), width=BOX_WIDTH, height=BOX_HEIGHT)
    links = list(_list_links(flow))
    order = {step.id: place for place, step in enumerate(flow.steps)} | {END: len(flow.steps)}
    forward = [link for link in links if order[link.target] > order[link.source]]
    depths = _find_depths(order, forward)
    layers, chains = _fill_layers(order, depths, forward)
    _order_layers(layers, chains)
    spots = _place(layers)
    width = max(spots[slot].x + slot.width / 2 for layer in layers for slot in layer)
    edges = [_draw_forward(link, chain, spots) for link, chain in zip(forward, chains, strict=True)]
    returns = [link for link in links if order[link.target] <= order[link.source]]
    for number, link in enumerate(returns, start=1):
        edges.append(_draw_return(link, width + number * RETURN_LANE, spots))
    boxes = [Box(step_id=slot.name, top=spots[slot]) for layer in layers for slot in layer if slot.line < 0]
    return FlowLayout(
        boxes=tuple(boxes),
        edges=tuple(edges),
        width=width + (len(returns) + 1) * RETURN_LANE if returns else width,
        height=len(layers) * (BOX_HEIGHT + GAP_DOWN) - GAP_DOWN,
    )


def _list_links(flow: Flow) -> Iterator[_Link]:
    known = {step.id for step in flow.steps} | {END}
    for place, step in enumerate(flow.steps):
        following = flow.steps[place + 1].id if place + 1 < len(flow.steps) else END
        for target, label in _list_targets(step, following):
            if target in known:
                yield _Link(source=step.id, target=target, label=label)


def _list_targets(step: Step, following: str) -> Iterator[tuple[str, str]]:
    if isinstance(step, LinkStep):
        yield END, ""
    elif step.next is None:
        yield following, ""
    elif isinstance(step.next, str):
        yield step.next, ""
    else:
        for branch in step.next:
            yield branch.target, "else" if branch.condition is None else str(branch.condition)


def _find_depths(order: dict[str, int], forward: Sequence[_Link]) -> dict[str, int]:
    depths = dict.fromkeys(order, 0)
    for link in sorted(forward, key=lambda link: order[link.source]):
        depths[link.target] = max(depths[link.target], depths[link.source] + 1)
    depths[END] = max(depths.values()) + (0 if depths[END] == max(depths.values()) > 0 else 1)
    return depths


def _fill_layers(
    order: dict[str, int], depths: dict[str, int], forward: Sequence[_Link]
) -> tuple[list[list[_Slot]], list[list[_Slot]]]:
    """The layers with what stands in them, and for each link its way through them."""
    layers: list[list[_Slot]] = [[] for _ in range(max(depths.values()) + 1)]
    for name in order:
        layers[depths[name]].append(_Slot(name))
    chains: list[list[_Slot]] = []
    for number, link in enumerate(forward):
        passing = range(depths[link.source] + 1, depths[link.target])
        lanes = [_Slot(link.target, number) for _ in passing]
        for depth, lane in zip(passing, lanes, strict=True):
            layers[depth].append(lane)
        chains.append([_Slot(link.source), *lanes, _Slot(link.target)])
    return [layer for layer in layers if layer], chains


def _order_layers(layers: list[list[_Slot]], chains: Sequence[Sequence[_Slot]]) -> None:
    """Move what hangs together beside each other, so that few lines cross: two rounds down."""
    above: dict[tuple[int, _Slot], list[_Slot]] = {}
    depth_of = {slot: depth for depth, layer in enumerate(layers) for slot in layer if slot.line < 0}
    for chain in chains:
        start = depth_of[chain[0]]
        for step, (upper, lower) in enumerate(pairwise(chain), start=1):
            above.setdefault((start + step, lower), []).append(upper)
    for depth in range(1, len(layers)):
        rank = {slot: place for place, slot in enumerate(layers[depth - 1])}
        span = max(1, len(rank))

        def middle(slot: _Slot, depth: int = depth, rank: dict[_Slot, int] = rank, span: int = span) -> float:
            parents = [rank[parent] / span for parent in above.get((depth, slot), ()) if parent in rank]
            return sum(parents) / len(parents) if parents else 1.0

        layers[depth].sort(key=middle)


def _place(layers: Sequence[Sequence[_Slot]]) -> "_Spots":
    widths = [sum(slot.width for slot in layer) + GAP_ACROSS * (len(layer) - 1) for layer in layers]
    widest = max(widths)
    spots = _Spots()
    for depth, (layer, width) in enumerate(zip(layers, widths, strict=True)):
        x = (widest - width) / 2
        for slot in layer:
            spots.put(slot, Point(x + slot.width / 2, depth * (BOX_HEIGHT + GAP_DOWN)))
            x += slot.width + GAP_ACROSS
    return spots


class _Spots:
    """Where everything stands; a line has a spot in each layer that it passes."""

    def __init__(self) -> None:
        self._spots: dict[_Slot, list[Point]] = {}

    def put(self, slot: _Slot, spot: Point) -> None:
        self._spots.setdefault(slot, []).append(spot)

    def __getitem__(self, slot: _Slot) -> Point:
        return self._spots[slot][0]

    def list_all(self, slot: _Slot) -> Sequence[Point]:
        """From top to bottom."""
        return self._spots[slot]


def _draw_forward(link: _Link, chain: Sequence[_Slot], spots: _Spots) -> Edge:
    start, end = spots[chain[0]], spots[chain[-1]]
    points = [Point(start.x, start.y + BOX_HEIGHT)]
    if len(chain) > 2:
        for spot in spots.list_all(chain[1]):
            points += [spot, Point(spot.x, spot.y + BOX_HEIGHT)]
    return Edge(source=link.source, target=link.target, label=link.label, points=(*points, end))


def _draw_return(link: _Link, lane: float, spots: _Spots) -> Edge:
    start, end = spots[_Slot(link.source)], spots[_Slot(link.target)]
    leaves = Point(start.x + BOX_WIDTH / 2, start.y + BOX_HEIGHT / 2)
    arrives = Point(end.x + BOX_WIDTH / 2, end.y + BOX_HEIGHT / 2)
    return Edge(
        source=link.source,
        target=link.target,
        label=link.label,
        points=(leaves, Point(lane, leaves.y), Point(lane, arrives.y), arrives),
        is_return=True,
    )
