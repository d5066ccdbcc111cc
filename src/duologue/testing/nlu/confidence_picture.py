"""How sure right and wrong predictions were, as a picture: an SVG that any browser shows."""

from collections.abc import Sequence
from xml.sax.saxutils import escape

_BINS = 25
_ROW = 16
_HALF = 260
_MIDDLE = 380
_TOP = 84
_FONT = "font-family='system-ui, sans-serif'"
_RIGHT, _WRONG = "#2166ac", "#c43c39"


def draw_confidences(right: Sequence[float], wrong: Sequence[float], title: str) -> str:
    """Two histograms back to back: on the left how sure right predictions were, on the right wrong ones."""
    sides = (_count(right), _count(wrong))
    height = _TOP + _BINS * _ROW + 50
    parts = [
        f"<svg xmlns='http://www.w3.org/2000/svg' width='760' height='{height}' viewBox='0 0 760 {height}'>",
        "<rect width='100%' height='100%' fill='white'/>",
        f"<text x='20' y='32' {_FONT} font-size='17' font-weight='600'>{escape(title)}</text>",
        _write(_MIDDLE - 40, _TOP - 18, f"right: {len(right)}", "end", _RIGHT),
        _write(_MIDDLE + 40, _TOP - 18, f"wrong: {len(wrong)}", "start", _WRONG),
        *_draw_side(sides[0], -1, _RIGHT),
        *_draw_side(sides[1], 1, _WRONG),
        *_draw_scale(),
        _write(
            _MIDDLE, height - 14, "confidence in the middle, number of predictions at the sides", "middle"
        ),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _count(confidences: Sequence[float]) -> list[int]:
    counts = [0] * _BINS
    for confidence in confidences:
        counts[min(_BINS - 1, max(0, int(confidence * _BINS)))] += 1
    return counts


def _draw_side(counts: Sequence[int], direction: int, colour: str) -> list[str]:
    """Each side has a scale of its own: there are far fewer wrong predictions than right ones."""
    most = max(counts) or 1
    drawn: list[str] = []
    for place, count in enumerate(counts):
        if not count:
            continue
        width = max(1.0, _HALF * count / most)
        y = _TOP + (_BINS - 1 - place) * _ROW
        edge = _MIDDLE + direction * 34
        x = edge if direction > 0 else edge - width
        drawn.append(
            f"<rect x='{x:.1f}' y='{y + 1}' width='{width:.1f}' height='{_ROW - 2}' fill='{colour}'/>"
        )
        anchor = "start" if direction > 0 else "end"
        drawn.append(_write(edge + direction * (width + 5), y + 12, str(count), anchor, "#555"))
    return drawn


def _draw_scale() -> list[str]:
    return [
        _write(_MIDDLE, _TOP + (_BINS - share * _BINS / 10) * _ROW + 4, f"{share / 10:.1f}", "middle", "#555")
        for share in range(0, 11, 2)
    ]


def _write(x: float, y: float, text: str, anchor: str, colour: str = "#222") -> str:
    return (
        f"<text x='{x:.1f}' y='{y:.1f}' {_FONT} font-size='11' fill='{colour}' "
        f"text-anchor='{anchor}'>{escape(text)}</text>"
    )
