"""The flows of an assistant as one self-contained SVG: which steps the tests came through, and which they missed."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import assert_never
from xml.sax.saxutils import escape

import msgspec

from duologue.core.stack import END
from duologue.flows.flow import Flow
from duologue.flows.steps import ActionStep, CallStep, CollectStep, LinkStep, NoopStep, SetSlotsStep, Step
from duologue.testing.e2e.coverage import Coverage, FlowCoverage
from duologue.testing.e2e.output.flow_layout import (
    BOX_HEIGHT,
    BOX_WIDTH,
    Box,
    Edge,
    FlowLayout,
    Point,
    lay_out,
)

StepPlaces = Mapping[tuple[str, str], str]
"""Flow and step to `file:line`."""

_MARGIN = 24.0
_HEAD = 40.0
_CARD_GAP = 28.0
_WIDEST_ROW = 1800.0
_LEGEND = 44.0
_LONGEST_TITLE = 28
_LONGEST_ID = 33
_LONGEST_LABEL = 30

# Colours by state, light and dark; states differ in their outline too, for those who do not tell green from red.
_STYLE = """\
svg { --page: #ffffff; --ink: #1f2328; --faint: #59636e; --card: #f6f8fa; --line: #818b98;
  --covered: #d9f4df; --covered-line: #1a7f37; --doubtful: #fff3c4; --doubtful-line: #9a6700;
  --missed: #ffe3e1; --missed-line: #cf222e; }
@media (prefers-color-scheme: dark) {
  svg { --page: #0d1117; --ink: #e6edf3; --faint: #9198a1; --card: #161b22; --line: #6e7681;
    --covered: #12331d; --covered-line: #3fb950; --doubtful: #3a2d05; --doubtful-line: #d29922;
    --missed: #3c1416; --missed-line: #f85149; } }
text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: var(--ink); }
.faint { font-size: 11px; fill: var(--faint); }
.head { font-size: 15px; font-weight: 600; }
.middle { text-anchor: middle; }
.page { fill: var(--page); }
.card { fill: var(--card); stroke: var(--line); stroke-opacity: .35; }
.edge { fill: none; stroke: var(--line); stroke-width: 1.3; }
.return { stroke-dasharray: 2 3; }
.label { font-size: 11px; fill: var(--faint); paint-order: stroke; stroke: var(--card); stroke-width: 4px; }
.covered { fill: var(--covered); stroke: var(--covered-line); stroke-width: 1.5; }
.doubtful { fill: var(--doubtful); stroke: var(--doubtful-line); stroke-width: 1.5; stroke-dasharray: 8 3; }
.missed { fill: var(--missed); stroke: var(--missed-line); stroke-width: 1.5; stroke-dasharray: 4 3; }
.end { fill: var(--card); stroke: var(--line); }
.arrow { fill: var(--line); }"""
_LEGENDS = (
    ("covered", "in a test that passed"),
    ("doubtful", "only in tests that failed"),
    ("missed", "in no test"),
)


class _Card(msgspec.Struct, frozen=True, kw_only=True):
    flow: Flow
    coverage: FlowCoverage
    layout: FlowLayout

    @property
    def width(self) -> float:
        return max(self.layout.width, BOX_WIDTH + 60) + 2 * _MARGIN

    @property
    def height(self) -> float:
        return self.layout.height + _HEAD + 2 * _MARGIN


def draw_flows(flows: Sequence[Flow], coverage: Coverage, places: StepPlaces, *, title: str) -> str:
    """A card for each flow, in the order given."""
    covered = {flow.flow_id: flow for flow in coverage.flows}
    cards = [
        _Card(flow=flow, coverage=covered[flow.id], layout=lay_out(flow))
        for flow in flows
        if flow.id in covered
    ]
    spots = list(_pack(cards))
    width = max((spot.x + card.width for card, spot in spots), default=400.0) + _MARGIN
    height = max((spot.y + card.height for card, spot in spots), default=_LEGEND) + _MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {width:.0f} {height:.0f}"'
        f' width="{width:.0f}" height="{height:.0f}">',
        f"<title>{_clean(title)}</title>",
        f"<style>\n{_STYLE}\n</style>",
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7"'
        ' orient="auto-start-reverse"><path class="arrow" d="M0 0 8 4 0 8z"/></marker></defs>',
        f'<rect class="page" width="{width:.0f}" height="{height:.0f}"/>',
        *_draw_legend(f"{title}: {coverage.percent:.0f} % of {coverage.steps} steps"),
    ]
    for card, spot in spots:
        parts += _draw_card(card, spot, places)
    return "\n".join([*parts, "</svg>", ""])


def _pack(cards: Sequence[_Card]) -> Iterator[tuple[_Card, Point]]:
    """Cards in rows, from left to right."""
    x, y, tallest = _MARGIN, _LEGEND + _MARGIN, 0.0
    for card in cards:
        if x > _MARGIN and x + card.width > _WIDEST_ROW:
            x, y, tallest = _MARGIN, y + tallest + _CARD_GAP, 0.0
        yield card, Point(x, y)
        x += card.width + _CARD_GAP
        tallest = max(tallest, card.height)


def _draw_legend(title: str) -> Iterator[str]:
    yield f'<text class="head" x="{_MARGIN}" y="28">{_clean(title)}</text>'
    for number, (state, text) in enumerate(_LEGENDS):
        x = _MARGIN + number * 190
        yield f'<rect class="{state}" x="{x}" y="40" width="18" height="12" rx="3"/>'
        yield f'<text class="faint" x="{x + 24}" y="50">{text}</text>'


def _draw_card(card: _Card, spot: Point, places: StepPlaces) -> Iterator[str]:
    coverage = card.coverage
    yield f'<g transform="translate({spot.x:.1f} {spot.y:.1f})">'
    yield f'<rect class="card" width="{card.width:.1f}" height="{card.height:.1f}" rx="10"/>'
    yield f'<text class="head" x="{_MARGIN}" y="30">{_clean(_shorten(card.flow.id, 40))}</text>'
    told = f"{coverage.percent:.0f} % of {coverage.steps} steps"
    yield f'<text class="faint" x="{_MARGIN}" y="47">{told}</text>'
    left = (card.width - card.layout.width) / 2
    yield f'<g transform="translate({left:.1f} {_HEAD + _MARGIN:.1f})">'
    siblings: Counter[str] = Counter()
    for edge in card.layout.edges:
        yield from _draw_edge(edge, siblings[edge.source])
        siblings[edge.source] += 1
    for box in card.layout.boxes:
        yield from _draw_box(box, card, places)
    yield "</g></g>"


def _draw_edge(edge: Edge, number: int) -> Iterator[str]:
    kind = "edge return" if edge.is_return else "edge"
    path = _draw_straight(edge.points) if edge.is_return else _draw_curve(edge.points)
    yield f'<path class="{kind}" d="{path}" marker-end="url(#tip)"/>'
    if edge.label:
        first, second = edge.points[:2]
        # Labels of neighbours stand at two heights, so that long ones do not cover each other.
        share = 0.7 if number % 2 else 0.42
        x, y = (second.x - 4, first.y - 6) if edge.is_return else _between(first, second, share)
        anchor = "end" if edge.is_return else "middle"
        yield (
            f'<text class="label" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">'
            f"{_clean(_shorten(edge.label, _LONGEST_LABEL))}<title>{_clean(edge.label)}</title></text>"
        )


def _between(one: Point, other: Point, share: float) -> tuple[float, float]:
    return one.x + (other.x - one.x) * share, one.y + (other.y - one.y) * share + 4


def _draw_straight(points: Sequence[Point]) -> str:
    first, *others = points
    return f"M{first.x:.1f} {first.y:.1f}" + "".join(f"L{point.x:.1f} {point.y:.1f}" for point in others)


def _draw_curve(points: Sequence[Point]) -> str:
    """Curves between layers, straight lines through them."""
    path = f"M{points[0].x:.1f} {points[0].y:.1f}"
    for number, (one, other) in enumerate(pairwise(points)):
        if number % 2:
            path += f"L{other.x:.1f} {other.y:.1f}"
        else:
            middle = (one.y + other.y) / 2
            path += f"C{one.x:.1f} {middle:.1f} {other.x:.1f} {middle:.1f} {other.x:.1f} {other.y:.1f}"
    return path


def _draw_box(box: Box, card: _Card, places: StepPlaces) -> Iterator[str]:
    x, y = box.top.x, box.top.y
    step = card.flow.find_step(box.step_id)
    if step is None:
        yield f'<rect class="end" x="{x - 30:.1f}" y="{y:.1f}" width="60" height="26" rx="13"/>'
        yield f'<text class="faint middle" x="{x:.1f}" y="{y + 17:.1f}">{END}</text>'
        return
    state = _find_state(step.id, card.coverage)
    title = describe_step(step)
    place = places.get((card.flow.id, step.id), "")
    tip = "\n".join(part for part in (title, step.id, place, dict(_LEGENDS)[state]) if part)
    yield f'<g><title>{_clean(tip)}</title><rect class="{state}" x="{x - BOX_WIDTH / 2:.1f}" y="{y:.1f}"'
    yield f' width="{BOX_WIDTH:.0f}" height="{BOX_HEIGHT:.0f}" rx="7"/>'
    yield f'<text class="middle" x="{x:.1f}" y="{y + 19:.1f}">{_clean(_shorten(title, _LONGEST_TITLE))}</text>'
    name = _clean(_shorten(step.id, _LONGEST_ID))
    yield f'<text class="faint middle" x="{x:.1f}" y="{y + 35:.1f}">{name}</text></g>'


def _find_state(step_id: str, coverage: FlowCoverage) -> str:
    if step_id in coverage.missed:
        return "missed"
    return "doubtful" if step_id in coverage.missed_by_passed else "covered"


def describe_step(step: Step) -> str:
    """What a step does, in two or three words."""
    match step:
        case CollectStep():
            return f"ask {step.slot}"
        case ActionStep():
            return step.action
        case SetSlotsStep():
            return f"set {', '.join(name for name, _ in step.slots)}"
        case CallStep():
            return f"call {step.flow_id}"
        case LinkStep():
            return f"link to {step.flow_id}"
        case NoopStep():
            return "branch"
        case _:
            assert_never(step)


def _shorten(text: str, longest: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _clean(text: str) -> str:
    # What XML cannot hold would make the whole picture unreadable.
    return escape(
        "".join(character if character.isprintable() or character == "\n" else "\ufffd" for character in text)
    )
