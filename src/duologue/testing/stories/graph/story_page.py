"""A story graph as one page that needs nothing else: it can be scrolled, and one story of many picked out."""

from collections.abc import Iterator, Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

from duologue.testing.stories.graph.story_graph import START, Link, Node, Said, StoryGraph
from duologue.testing.stories.graph.story_layout import (
    BOX_HEIGHT,
    BOX_WIDTH,
    ROW,
    Spot,
    StoryLayout,
    find_tail,
    lay_out,
)

_MARGIN = 24
_LONGEST_ACTION = 27
_LONGEST_LABEL = 25

_STYLE = """\
:root { --page: #ffffff; --ink: #1f2328; --faint: #59636e; --card: #f6f8fa; --line: #8c959f;
  --said: #0550ae; --box: #eef4fb; --end: #1a7f37; --picked: #bc4c00; }
@media (prefers-color-scheme: dark) { :root { --page: #0d1117; --ink: #e6edf3; --faint: #9198a1; --card: #161b22;
  --line: #6e7681; --said: #79c0ff; --box: #16263a; --end: #3fb950; --picked: #ffa657; } }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 14px system-ui, -apple-system, "Segoe UI", sans-serif; }
header { position: sticky; left: 0; top: 0; display: flex; gap: 16px; align-items: baseline; padding: 14px 24px;
  background: var(--page); border-bottom: 1px solid var(--card); z-index: 1; width: calc(100vw - 64px); }
h1 { font-size: 17px; margin: 0; } h2 { font-size: 15px; margin: 24px 24px 0; }
p { margin: 0; color: var(--faint); } select { font: inherit; max-width: 40vw; margin-left: auto; }
svg { display: block; } svg text { font-size: 12.5px; fill: var(--ink); }
svg .said { fill: var(--said); font-size: 12px; } svg .fact { fill: var(--faint); font-size: 11px; }
svg .label { paint-order: stroke; stroke: var(--page); stroke-width: 5px; stroke-linejoin: round; }
.box { fill: var(--box); stroke: var(--line); } .end .box { stroke: var(--end); stroke-width: 2.5; }
.start { fill: var(--ink); } .link { fill: none; stroke: var(--line); stroke-width: 1.4; }
.return { stroke-dasharray: 4 4; } .arrow { fill: var(--line); }
.is-picking g:not(.picked) { opacity: .16; } .picked .link { stroke: var(--picked); stroke-width: 2.2; }
.picked .box { stroke: var(--picked); }"""

_SCRIPT = """\
document.querySelector('select').addEventListener('change', event => {
  const picked = event.target.value;
  document.body.classList.toggle('is-picking', picked !== '');
  let first = null;
  for (const group of document.querySelectorAll('svg g')) {
    const isPicked = picked !== '' && group.dataset.stories.split(' ').includes(picked);
    group.classList.toggle('picked', isPicked);
    if (isPicked && !first) first = group;
  }
  if (first) first.scrollIntoView({block: 'center', inline: 'start'});
});"""


def write_page(title: str, graphs: Mapping[str, StoryGraph], examples: Mapping[str, Sequence[str]]) -> str:
    """The page.

    Args:
        graphs: by their headings; empty ones are left out.
        examples: sentences of each intent, of which some are shown where one points at it.
    """
    shown = {heading: graph for heading, graph in graphs.items() if len(graph.nodes) > 1}
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        f"<title>{escape(title)}</title>",
        f"<style>\n{_STYLE}\n</style></head><body>",
        f"<header><h1>{escape(title)}</h1><p>{_count(shown)}</p>{_write_choice(shown)}</header>",
    ]
    for place, (heading, graph) in enumerate(shown.items()):
        parts.append(f"<h2>{escape(heading)}</h2>")
        parts.append(_Drawing(graph, examples, prefix=f"{place}-").draw())
    if not shown:
        parts.append("<h2>There is no story yet.</h2>")
    parts.append(f"<script>\n{_SCRIPT}\n</script></body></html>\n")
    return "\n".join(parts)


def _count(graphs: Mapping[str, StoryGraph]) -> str:
    counts = [f"{heading}: {len(graph.names)}" for heading, graph in graphs.items()]
    return escape(" · ".join([*counts, "a green frame: a story ends here"]))


def _write_choice(graphs: Mapping[str, StoryGraph]) -> str:
    options = [
        f'<option value="{group}-{place}">{escape(name)}</option>'
        for group, graph in enumerate(graphs.values())
        for place, name in enumerate(graph.names)
    ]
    return f'<select><option value="">All of them</option>{"".join(options)}</select>'


class _Drawing:
    def __init__(self, graph: StoryGraph, examples: Mapping[str, Sequence[str]], *, prefix: str) -> None:
        self._graph = graph
        self._examples = examples
        self._prefix = prefix
        self._layout: StoryLayout = lay_out(graph)

    def draw(self) -> str:
        returns = sum(link.is_return for link in self._graph.links)
        width = round(self._layout.width) + 2 * _MARGIN
        height = round(self._layout.height) + 2 * _MARGIN + returns * 14
        arrow = f"arrow{self._prefix}"
        return "\n".join(
            [
                f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
                f'viewBox="{-_MARGIN} {-_MARGIN} {width} {height}">',
                f'<defs><marker id="{arrow}" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="8" '
                'markerHeight="8" orient="auto"><path class="arrow" d="M0 0 8 4 0 8z"/></marker></defs>',
                *self._draw_links(arrow),
                *map(self._draw_node, self._graph.nodes),
                "</svg>",
            ]
        )

    def _draw_links(self, arrow: str) -> Iterator[str]:
        """Lines with the same ends are one line with several labels."""
        together: dict[tuple[int, int], list[Link]] = {}
        for link in self._graph.links:
            together.setdefault((link.source, link.target), []).append(link)
        lowest = self._layout.height
        for links in together.values():
            if links[0].is_return:
                lowest += 14
            yield self._draw_link(links, arrow, lowest)

    def _draw_link(self, links: Sequence[Link], arrow: str, lowest: float) -> str:
        first = links[0]
        start = find_tail(self._graph.nodes[first.source], self._layout)
        end = self._layout.spots[first.target]
        stories = sorted({story for link in links for story in link.stories})
        kind = "link return" if first.is_return else "link"
        path = _curve_back(start, end, lowest) if first.is_return else _curve(start, end)
        labels = [label for link in links for label in _list_labels(link.said)]
        return (
            f"<g {self._mark(stories)}><title>{escape(self._explain(links))}</title>"
            f'<path class="{kind}" d="{path}" marker-end="url(#{arrow})"/>'
            f"{_write_labels(labels, end, lowest if first.is_return else None)}</g>"
        )

    def _draw_node(self, node: Node) -> str:
        spot = self._layout.spots[node.number]
        if node.number == START:
            radius = BOX_HEIGHT / 2
            shape = f'<circle class="start" cx="{spot.x + radius}" cy="{spot.y}" r="{radius - 4}"/>'
            return f"<g {self._mark(node.stories)}>{shape}</g>"
        names = "\n".join(self._graph.names[story] for story in node.stories)
        kind = ' class="end"' if node.is_end else ""
        return (
            f"<g {self._mark(node.stories)}{kind}><title>{escape(node.action)}\n{escape(names)}</title>"
            f'<rect class="box" x="{spot.x}" y="{spot.y - BOX_HEIGHT / 2}" width="{BOX_WIDTH}" '
            f'height="{BOX_HEIGHT}" rx="7"/>'
            f'<text x="{spot.x + BOX_WIDTH / 2}" y="{spot.y + 4.5}" text-anchor="middle">'
            f"{escape(_shorten(node.action, _LONGEST_ACTION))}</text></g>"
        )

    def _mark(self, stories: Sequence[int]) -> str:
        return "data-stories=" + quoteattr(" ".join(f"{self._prefix}{story}" for story in stories))

    def _explain(self, links: Sequence[Link]) -> str:
        lines: list[str] = []
        for link in links:
            lines += [link.said.intent or link.said.text, *link.said.facts]
            lines += [f"“{example}”" for example in self._examples.get(link.said.intent, ())[:3]]
        return "\n".join(line for line in lines if line)


def _list_labels(said: Said) -> Iterator[tuple[str, str]]:
    if said.intent or said.text:
        yield "said", said.intent or f"“{said.text}”"
    for fact in said.facts:
        yield "fact", fact


def _write_labels(labels: Sequence[tuple[str, str]], end: Spot, lowest: float | None) -> str:
    """Above the end of the line, the last of them next to it; of many the first ones are shown."""
    shown = list(dict.fromkeys(labels))
    if len(shown) > 3:
        shown = [*shown[:2], ("fact", f"… {len(shown) - 2} more")]
    right, bottom = (end.x - 12, end.y - 5) if lowest is None else (end.x + 40, lowest - 3)
    return "".join(
        f'<text class="label {kind}" x="{right}" y="{bottom - 13 * (len(shown) - 1 - place)}" '
        f'text-anchor="end">{escape(_shorten(text, _LONGEST_LABEL))}</text>'
        for place, (kind, text) in enumerate(shown)
    )


def _curve(start: Spot, end: Spot) -> str:
    bend = min(70.0, (end.x - start.x) / 2)
    return f"M{start.x} {start.y} C{start.x + bend} {start.y} {start.x + bend} {end.y} {start.x + 2 * bend} {end.y} L{end.x} {end.y}"


def _curve_back(start: Spot, end: Spot, lowest: float) -> str:
    out, back = start.x + 24, end.x - 24
    return (
        f"M{start.x} {start.y} C{out} {start.y} {out} {start.y + ROW / 2} {out} {lowest - 12} "
        f"Q{out} {lowest} {out - 12} {lowest} L{back + 12} {lowest} Q{back} {lowest} {back} {lowest - 12} "
        f"C{back} {end.y + ROW / 2} {back} {end.y} {end.x} {end.y}"
    )


def _shorten(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
