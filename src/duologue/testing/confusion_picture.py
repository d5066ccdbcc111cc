"""A confusion matrix as a picture: an SVG that any browser shows."""

from collections import Counter
from collections.abc import Sequence
from xml.sax.saxutils import escape

from duologue.testing.label_report import NONE

_CELL = 26
_LETTER = 6.2
"""How wide a letter is on average, at the size that labels have."""
_FONT = "font-family='system-ui, sans-serif'"
_MOST_LETTERS = 40


def draw_confusion_matrix(gold: Sequence[str | None], predicted: Sequence[str | None], title: str) -> str:
    """Rows are what was expected, columns what was predicted; a cell is the darker the more of its row it holds."""
    pairs = Counter(
        (expected or NONE, happened or NONE) for expected, happened in zip(gold, predicted, strict=True)
    )
    labels = sorted({label for pair in pairs for label in pair})
    return _Drawing(title, labels, pairs).draw()


class _Drawing:
    def __init__(self, title: str, labels: Sequence[str], pairs: Counter[tuple[str, str]]) -> None:
        self._title = title
        self._labels = labels
        self._pairs = pairs
        longest = max((min(len(label), _MOST_LETTERS) for label in labels), default=0)
        self._margin = round(longest * _LETTER) + 14
        self._left = self._margin + 22
        self._top = 62
        self._side = max(1, len(labels)) * _CELL

    def draw(self) -> str:
        width = max(self._left + self._side + 20, round(len(self._title) * 9) + 40)
        height = self._top + self._side + self._margin + 34
        middle = self._left + self._side / 2
        parts = [
            f"<svg xmlns='http://www.w3.org/2000/svg' width='{width}' height='{height}' "
            f"viewBox='0 0 {width} {height}'>",
            "<rect width='100%' height='100%' fill='white'/>",
            f"<text x='20' y='32' {_FONT} font-size='17' font-weight='600'>{escape(self._title)}</text>",
            *self._draw_cells(),
            *self._draw_labels(),
            f"<text x='{middle}' y='{height - 10}' {_FONT} font-size='12' fill='#555' "
            "text-anchor='middle'>predicted</text>",
            f"<text transform='translate(16 {self._top + self._side / 2}) rotate(-90)' {_FONT} "
            "font-size='12' fill='#555' text-anchor='middle'>expected</text>",
            "</svg>",
        ]
        return "\n".join(parts) + "\n"

    def _draw_cells(self) -> list[str]:
        drawn: list[str] = []
        for row, expected in enumerate(self._labels):
            total = sum(self._pairs[expected, other] for other in self._labels)
            for column, happened in enumerate(self._labels):
                count = self._pairs[expected, happened]
                drawn.append(self._draw_cell(row, column, count, count / total if total else 0.0))
        return drawn

    def _draw_cell(self, row: int, column: int, count: int, share: float) -> str:
        x, y = self._left + column * _CELL, self._top + row * _CELL
        colour = _shade(share, is_right=row == column)
        cell = f"<rect x='{x}' y='{y}' width='{_CELL}' height='{_CELL}' fill='{colour}' stroke='#e2e2e2'/>"
        if not count:
            return cell
        ink = "white" if share > 0.55 else "#222"
        size = 11 if count < 1000 else 9
        return cell + (
            f"<text x='{x + _CELL / 2}' y='{y + _CELL / 2 + 4}' {_FONT} font-size='{size}' fill='{ink}' "
            f"text-anchor='middle'>{count}</text>"
        )

    def _draw_labels(self) -> list[str]:
        drawn: list[str] = []
        bottom = self._top + self._side + 10
        for place, label in enumerate(self._labels):
            text = escape(label if len(label) <= _MOST_LETTERS else label[: _MOST_LETTERS - 1] + "…")
            centre = place * _CELL + _CELL / 2
            drawn.append(
                f"<text x='{self._left - 6}' y='{self._top + centre + 4}' {_FONT} font-size='11' "
                f"text-anchor='end'>{text}</text>"
            )
            drawn.append(
                f"<text transform='translate({self._left + centre + 4} {bottom}) rotate(-90)' {_FONT} "
                f"font-size='11' text-anchor='end'>{text}</text>"
            )
        return drawn


def _shade(share: float, *, is_right: bool) -> str:
    """From white to blue on the diagonal, from white to red beside it."""
    if not share:
        return "#ffffff"
    depth = 0.15 + 0.85 * share
    dark = (33, 102, 172) if is_right else (196, 60, 57)
    red, green, blue = (round(255 - (255 - channel) * depth) for channel in dark)
    return f"#{red:02x}{green:02x}{blue:02x}"
