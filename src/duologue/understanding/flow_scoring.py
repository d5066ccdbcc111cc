"""How sure the evidence for a flow makes: a small trained network from evidence to a calibrated score."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import resources
from math import exp, log
from typing import TYPE_CHECKING

import msgspec

from duologue.understanding.flow_alignment import Alignment
from duologue.understanding.flow_meaning import Likeness
from duologue.understanding.message_form import is_question, is_request
from duologue.understanding.word_evidence import FlowFeatures, MessageWords

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float32]

_ASKS_IN_GENERAL = re.compile(
    r"^\W*(?:what (?:is|are|does|do|happens)|what's|how (?:does|do|is|are|long|often|many|much)|why|who|is it|are there|does|do (?:you|they))\b"
)


class ScoringWeights(msgspec.Struct, frozen=True, kw_only=True):
    """A network with one hidden layer; inputs are first brought to mean 0 and deviation 1."""

    features: tuple[str, ...]
    means: tuple[float, ...]
    deviations: tuple[float, ...]
    hidden: tuple[tuple[float, ...], ...]
    hidden_bias: tuple[float, ...]
    out: tuple[float, ...]
    out_bias: float


class FlowScorer:
    """Scores flows by their evidence."""

    def __init__(self, weights: ScoringWeights) -> None:
        import numpy as np

        self._hidden = np.array(weights.hidden, dtype=np.float32)
        self._hidden_bias = np.array(weights.hidden_bias, dtype=np.float32)
        self._out = np.array(weights.out, dtype=np.float32)
        self._out_bias = weights.out_bias
        self._means = np.array(weights.means, dtype=np.float32)
        self._deviations = np.array(weights.deviations, dtype=np.float32)

    def score(self, rows: Sequence[Sequence[float]]) -> list[float]:
        """The chance of each row's flow to be the one that was asked for."""
        import numpy as np

        standard = np.clip((np.array(rows, dtype=np.float32) - self._means) / self._deviations, -4, 4)
        inner = np.tanh(standard @ self._hidden + self._hidden_bias)
        return [1 / (1 + exp(-float(total))) for total in inner @ self._out + self._out_bias]


@lru_cache(maxsize=4)
def read_scorer(name: str) -> FlowScorer:
    """The scorer trained for one kind of vectors: `light` or `deep`."""
    stored = (
        resources.files("duologue.understanding") / "weights" / f"flow_scoring_{name}.json"
    ).read_bytes()
    return FlowScorer(msgspec.json.decode(stored, type=ScoringWeights))


FEATURES = (
    "said", "named", "like_example", "evidence", "wording", "leads_wording", "leads_saying", "has_examples",
    "has_description", "name", "description", "whole", "example", "detail", "examples", "best", "best_lead", "whole_lead",
    "example_lead", "word_lead", "aligned", "aligned_name", "aligned_lead", "aligned_name_lead", "share", "over_background", "over_small_talk", "words", "unknown", "is_question",
    "is_request", "asks_in_general", "flows",
)  # fmt: skip


def list_evidence(
    text: str,
    *,
    said: MessageWords,
    found: Mapping[int, FlowFeatures],
    likeness: Likeness,
    alignment: Alignment | None,
    languages: tuple[str, ...],
) -> list[list[float]]:
    """One row of `FEATURES` for each flow found, in the order of `found`."""
    import numpy as np

    numbers = np.array(list(found), dtype=np.intp)
    span = max(0.1, 1 - likeness.usual)

    def scaled(values: Matrix) -> Matrix:
        return np.where(values != 0, (values - likeness.usual) / span, 0).astype(np.float32)

    best = scaled(likeness.best)
    name, description, whole = scaled(likeness.name), scaled(likeness.description), scaled(likeness.whole)
    example, examples = scaled(likeness.example), scaled(likeness.examples)
    detail = scaled(likeness.detail)
    background = (likeness.background - likeness.usual) / span
    small_talk = (likeness.small_talk - likeness.usual) / span
    powers = np.exp(np.clip(best, -1, 1) / _TEMPERATURE)
    share = powers / powers.sum()
    in_words = np.zeros(len(best), dtype=np.float32)
    for number, features in found.items():
        in_words[number] = features.said + features.named + features.like_example
    leads = [_leads(values)[numbers] for values in (best, whole, example, in_words)]
    zeros = np.zeros(len(best), dtype=np.float32)
    said_aligned, name_aligned = (alignment.said, alignment.named) if alignment else (zeros, zeros)
    aligned = [
        values[numbers] for values in (said_aligned, name_aligned, _leads(said_aligned), _leads(name_aligned))
    ]
    form = [
        min(1.5, log(1 + len(said.words)) / 2),
        said.unknown_share,
        float(is_question(text, languages=languages)),
        float(is_request(text, languages=languages)),
        float(bool(_ASKS_IN_GENERAL.match(text.lower()))),
        log(1 + len(best)) / 4,
    ]
    rows: list[list[float]] = []
    for place, (number, features) in enumerate(found.items()):
        rows.append(
            [
                features.said,
                features.named,
                features.like_example,
                features.evidence,
                features.wording,
                features.leads_wording,
                features.leads_saying,
                float(features.has_examples),
                float(likeness.description[number] != 0),
                float(name[number]),
                float(description[number]),
                float(whole[number]),
                float(example[number]),
                float(detail[number]),
                float(examples[number]),
                float(best[number]),
                *(float(lead[place]) for lead in leads),
                *(float(values[place]) for values in aligned),
                float(share[number]),
                float(best[number]) - background,
                float(best[number]) - small_talk,
                *form,
            ]
        )
    return rows


_TEMPERATURE = 0.1


def _leads(values: Matrix) -> Matrix:
    """How far each value is ahead of the best other."""
    import numpy as np

    if len(values) < 2:
        return values
    order = np.partition(values, -2)
    first, second = float(order[-1]), float(order[-2])
    return (values - np.where(values == first, second, first)).astype(np.float32)
