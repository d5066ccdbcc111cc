"""Scores become confidences: how often an intent with such a score was right, and how near nothing it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from duologue.understanding.nlu.features.arrays import Floats, Places

_SHARPNESSES = (4.0, 5.0, 6.5, 8.0, 10.0, 12.5, 15.0, 19.0, 24.0, 30.0, 38.0, 48.0)
_STRICTNESS = 20.0
"""How sudden the step from a text like the examples to one unlike them is."""
_MISSED = 0.003
"""The share of the examples' own kind that may look unlike them."""
_LEAST_LEVEL, _MOST_LEVEL = 0.12, 0.5
_KNOWN_OTHERS = 0.95
"""The share of other topics that are to look unlike the examples."""
_MARGIN = 0.03
_TRUST = 300
"""How many examples it takes to believe them half."""
_BOLDNESS = 1.8
"""Projects' thresholds expect an intent that is likely right to be close to 1."""


class Calibration(msgspec.Struct, frozen=True, kw_only=True):
    """How scores are read."""

    sharpness: float
    """How much a difference of scores says about which of two intents it is."""
    level: float
    """A text whose best score is at this level is as likely none of the intents as one of them."""
    strictness: float = _STRICTNESS

    def read(self, scores: Floats) -> Floats:
        """The confidence of each label; they add up to 1 for a text that is surely one of them."""
        import numpy as np

        chances = _share_out(scores * self.sharpness)
        best = scores.max(axis=-1, keepdims=True)
        return chances / (1 + np.exp(np.clip(-self.strictness * (best - self.level), -50, 50)))


def calibrate(scores: Floats, labels: Places, others: Floats) -> Calibration:
    """The reading that would have been right most often on examples not learned from.

    `others` are scores of texts that are none of the intents.
    """
    import numpy as np

    sharpness = min(_SHARPNESSES, key=lambda one: _surprise(scores * one, labels))
    best = scores[scores.argmax(axis=1) == labels].max(axis=1, initial=0.0)
    own = np.quantile(best, (_MISSED, 0.5)) if len(best) else np.full(2, _LEAST_LEVEL)
    # Few examples say little about how alike others will be: then what lies beyond other topics is let in.
    other = float(np.quantile(others.max(axis=1), _KNOWN_OTHERS)) + _MARGIN
    trust = len(best) / (len(best) + _TRUST)
    level = trust * float(own[0]) + (1 - trust) * min(max(other, float(own[0])), float(own[1]))
    return Calibration(
        sharpness=round(sharpness * _BOLDNESS, 4),
        level=round(min(max(level, _LEAST_LEVEL), _MOST_LEVEL), 4),
    )


def _surprise(logits: Floats, labels: Places) -> float:
    import numpy as np

    chances = _share_out(logits)[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(chances, 1e-9)).mean())


def _share_out(logits: Floats) -> Floats:
    import numpy as np

    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)
