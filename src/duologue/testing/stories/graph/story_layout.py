"""Places the nodes of a story graph: from left to right by how far they are from the beginning, and below each other."""

import msgspec

from duologue.testing.stories.graph.story_graph import START, Node, StoryGraph

BOX_WIDTH = 200
BOX_HEIGHT = 34
COLUMN = BOX_WIDTH + 170
"""Room for what is said between two columns."""
ROW = 58


class Spot(msgspec.Struct, frozen=True):
    """The middle of a node's left edge."""

    x: float
    y: float


class StoryLayout(msgspec.Struct, frozen=True, kw_only=True):
    """Where every node is, by its number."""

    spots: tuple[Spot, ...]
    width: float
    height: float


def lay_out(graph: StoryGraph) -> StoryLayout:
    """A tree of the nodes, each below the first of those one column before it that lead to it; no two overlap."""
    depths = _find_depths(graph)
    children = _find_children(graph, depths)
    rows: dict[int, float] = {}
    next_row = 0
    waiting = [(START, False)]
    while waiting:
        number, has_placed_children = waiting.pop()
        if not children[number]:
            rows[number] = next_row
            next_row += 1
        elif has_placed_children:
            rows[number] = (rows[children[number][0]] + rows[children[number][-1]]) / 2
        else:
            waiting.append((number, True))
            waiting += [(child, False) for child in reversed(children[number])]
    spots = [Spot(depths[node.number] * COLUMN, rows[node.number] * ROW + ROW / 2) for node in graph.nodes]
    return StoryLayout(
        spots=tuple(spots), width=max(depths) * COLUMN + BOX_WIDTH, height=max(1, next_row) * ROW
    )


def _find_depths(graph: StoryGraph) -> list[int]:
    depths = [0] * len(graph.nodes)
    for link in sorted(graph.links, key=lambda link: link.source):
        if not link.is_return:
            depths[link.target] = max(depths[link.target], depths[link.source] + 1)
    return depths


def _find_children(graph: StoryGraph, depths: list[int]) -> list[list[int]]:
    children: list[list[int]] = [[] for _ in graph.nodes]
    placed = {START}
    for link in graph.links:
        if (
            link.target not in placed
            and depths[link.target] == depths[link.source] + 1
            and not link.is_return
        ):
            placed.add(link.target)
            children[link.source].append(link.target)
    return children


def find_tail(node: Node, layout: StoryLayout) -> Spot:
    """The middle of a node's right edge."""
    spot = layout.spots[node.number]
    return Spot(spot.x + (BOX_HEIGHT if node.number == START else BOX_WIDTH), spot.y)
