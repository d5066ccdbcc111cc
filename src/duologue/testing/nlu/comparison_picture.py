"""Pipelines compared over shares of the data, as a picture: an SVG that any browser shows."""

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

_FONT = "font-family='system-ui, sans-serif'"
_COLOURS = ("#2166ac", "#c43c39", "#1b7837", "#8c510a", "#762a83", "#4d4d4d")
_LEFT, _TOP, _WIDTH, _HEIGHT = 70, 60, 560, 320


def draw_comparison(scores: Mapping[str, Sequence[Sequence[float]]], sizes: Sequence[int]) -> str:
    """A line for each pipeline: its mean F1 over the runs, with the spread around it.

    Args:
        scores: by pipeline, for each run one figure for each of `sizes`.
        sizes: how many examples were learned from.
    """
    values = [figure for runs in scores.values() for run in runs for figure in run]
    scale = _Scale(min(sizes), max(sizes), min(values))
    lines = [
        part
        for place, (name, runs) in enumerate(scores.items())
        for part in _draw_line(name, runs, sizes, scale, place)
    ]
    height = _TOP + _HEIGHT + 70 + 18 * len(scores)
    return (
        "\n".join(
            [
                f"<svg xmlns='http://www.w3.org/2000/svg' width='680' height='{height}' "
                f"viewBox='0 0 680 {height}'>",
                "<rect width='100%' height='100%' fill='white'/>",
                f"<text x='20' y='32' {_FONT} font-size='17' font-weight='600'>F1 of intents by examples learned"
                "</text>",
                *_draw_grid(sizes, scale),
                *lines,
                "</svg>",
            ]
        )
        + "\n"
    )


class _Scale:
    def __init__(self, fewest: int, most: int, lowest: float) -> None:
        self._fewest, self._span = fewest, max(1, most - fewest)
        self.floor = max(0.0, min(0.9, int(lowest * 10) / 10))

    def x(self, size: float) -> float:
        return _LEFT + _WIDTH * (size - self._fewest) / self._span

    def y(self, figure: float) -> float:
        return _TOP + _HEIGHT * (1 - (figure - self.floor) / (1 - self.floor))


def _draw_grid(sizes: Sequence[int], scale: _Scale) -> list[str]:
    drawn: list[str] = []
    steps = 5
    for step in range(steps + 1):
        figure = scale.floor + (1 - scale.floor) * step / steps
        y = scale.y(figure)
        drawn.append(f"<path d='M{_LEFT} {y:.1f}h{_WIDTH}' stroke='#e2e2e2'/>")
        drawn.append(_write(_LEFT - 8, y + 4, f"{figure:.2f}", "end"))
    drawn += [_write(scale.x(size), _TOP + _HEIGHT + 20, str(size), "middle") for size in sizes]
    drawn.append(_write(_LEFT + _WIDTH / 2, _TOP + _HEIGHT + 42, "examples learned from", "middle"))
    return drawn


def _draw_line(
    name: str, runs: Sequence[Sequence[float]], sizes: Sequence[int], scale: _Scale, place: int
) -> list[str]:
    colour = _COLOURS[place % len(_COLOURS)]
    columns = [[run[at] for run in runs] for at in range(len(sizes))]
    means = [sum(column) / len(column) for column in columns]
    points = sorted(zip(sizes, means, columns, strict=True))
    path = " ".join(f"{scale.x(size):.1f},{scale.y(mean):.1f}" for size, mean, _ in points)
    y = _TOP + _HEIGHT + 66 + 18 * place
    return [
        f"<polyline points='{path}' fill='none' stroke='{colour}' stroke-width='2'/>",
        *(
            f"<path d='M{scale.x(size):.1f} {scale.y(min(column)):.1f}V{scale.y(max(column)):.1f}' "
            f"stroke='{colour}' stroke-opacity='0.35' stroke-width='6'/>"
            f"<circle cx='{scale.x(size):.1f}' cy='{scale.y(mean):.1f}' r='3.5' fill='{colour}'/>"
            for size, mean, column in points
        ),
        f"<rect x='{_LEFT}' y='{y - 9}' width='12' height='12' fill='{colour}'/>",
        _write(_LEFT + 20, y + 1, name, "start"),
    ]


def _write(x: float, y: float, text: str, anchor: str) -> str:
    return (
        f"<text x='{x:.1f}' y='{y:.1f}' {_FONT} font-size='11' fill='#333' "
        f"text-anchor='{anchor}'>{escape(text)}</text>"
    )
