"""Makes the packaged sentence encoder: tunes all-MiniLM-L6-v2 to intents, rounds it to 8 bits, writes its word pieces."""

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from safetensors.numpy import load_file

from duologue.adapters.sentence_encoder.word_pieces import WordPieces
from training import open_data
from training.encoder_graph import LONGEST, Array, Ranges, Weights, build
from training.encoder_tuning import tune

PACKAGED = Path(__file__).parents[1] / "src/duologue/adapters/sentence_encoder/model"
MEASURED_EVERY = 100
LANGUAGES = ("de", "it", "nl", "tr", "zh", "ja", "sr")
OTHER_TEXTS = (
    "hi",
    "?",
    "ok thanks!!!",
    "12345 6789",
    "https://example.org/a?b=c",
    "a" * 50,
    "\N{THUMBS UP SIGN} great",
    "I  want\tto - - go",
    "[" * 20,
)


def read_weights(folder: Path) -> Weights:
    """The weights of the original."""
    found = load_file(folder / "model.safetensors")
    return {name.removeprefix("bert."): array for name, array in found.items()}


def measure_ranges(weights: Weights, pieces: WordPieces, texts: Iterable[str]) -> Ranges:
    """What goes into every product of the exact graph, on texts of many kinds."""
    model = build(weights, shows=True)
    names = [output.name for output in model.graph.output][1:]
    session: Any = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    ranges: dict[str, tuple[Array, Array]] = {}
    for text in texts:
        numbers = [piece.number for piece in pieces.cut(text, most=LONGEST - 2)]
        given = {"pieces": np.array([[pieces.start, *numbers, pieces.end]])}
        for name, array in zip(names, session.run(names, given), strict=True):
            low, high = array[0].min(axis=0), array[0].max(axis=0)
            known = ranges.get(name, (low, high))
            ranges[name] = np.minimum(low, known[0]), np.maximum(high, known[1])
    return ranges


def list_texts(folder: Path) -> Iterator[str]:
    """Sentences of the data sets, of other languages, and oddities."""
    for name in ("clinc150/train", "snips/train", "restaurants8k/train"):
        for line in open_data.read_lines(folder / f"nlu/{name}.jsonl")[::MEASURED_EVERY]:
            yield line["text"]
    for language in LANGUAGES:
        for line in open_data.read_lines(folder / f"nlu/xsid/{language}.valid.jsonl")[:8]:
            yield line["text"]
    yield from OTHER_TEXTS


def main(folder: Path, work: Path) -> None:
    """Write the model and its word pieces, from the folder with `model.safetensors` and `vocab.txt`.

    `work` keeps the tuned weights, so that rounding can be done again without tuning.
    """
    data = Path(os.environ["DUOLOGUE_ACCEPTANCE_DATA"])
    pieces = WordPieces((folder / "vocab.txt").read_text(encoding="utf-8").splitlines())
    kept = work / "tuned.npz"
    if not kept.exists():
        work.mkdir(parents=True, exist_ok=True)
        np.savez(kept, **tune(read_weights(folder), pieces, data))
    weights: Weights = dict(np.load(kept).items())
    model = build(weights, measure_ranges(weights, pieces, list_texts(data)))
    onnx.checker.check_model(model)
    PACKAGED.mkdir(parents=True, exist_ok=True)
    (PACKAGED / "encoder.onnx").write_bytes(model.SerializeToString(deterministic=True))
    (PACKAGED / "pieces.txt").write_bytes((folder / "vocab.txt").read_bytes())


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
