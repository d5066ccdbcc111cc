"""The packaged sentence encoder as one graph of ONNX, its products in 8-bit arithmetic with fixed scales."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

LAYERS, HEADS, WIDTH = 6, 12, 384
MIDDLE = 4
"""The layer whose outputs stand beside the last one's in the vectors of word pieces."""
LONGEST = 128
"""Word pieces of a text; what follows is not read."""
_EVENED = 0.8
"""How much of the difference between inputs is moved into the weights: 0 nothing, 1 all of it."""

Array = NDArray[Any]
Weights = Mapping[str, Array]
Ranges = Mapping[str, tuple[Array, Array]]
"""The least and the largest number that is met in each column of what goes into a product."""


class Graph:
    """A graph of ONNX in the making."""

    def __init__(self, ranges: Ranges | None) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.sources: dict[str, None] = {}
        self._ranges = ranges

    def hold(self, name: str, array: Array) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def add(self, kind: str, inputs: list[str], output: str, domain: str = "", **given: Any) -> str:
        self.nodes.append(helper.make_node(kind, inputs, [output], name=output, domain=domain, **given))
        return output

    def multiply(self, source: str, name: str, weight: Array, bias: Array) -> str:
        """`source` times weights, with a bias."""
        self.sources[source] = None
        bias_name = self.hold(f"{name}.bias", bias.astype(np.float32))
        if self._ranges is None:
            held = self.hold(f"{name}.weight", weight.astype(np.float32))
            return self.add("Add", [self.add("MatMul", [source, held], f"{name}.product"), bias_name], name)
        low, high = self._ranges[source]
        # A few columns are twenty times as large as the others, and one scale for all would round those away.
        evening = _even_out(np.maximum(-low, high), np.abs(weight).max(axis=1))
        evened = self.add("Mul", [source, self.hold(f"{name}.evening", 1 / evening)], f"{name}.evened")
        lowest, highest = min(0.0, (low / evening).min()), max(0.0, (high / evening).max())
        step = np.float32((highest - lowest) / 255)
        step_name = self.hold(f"{name}.step", np.array(step))
        middle = self.hold(f"{name}.middle", np.array(np.round(-lowest / step), dtype=np.uint8))
        rounded, scale = _round_columns(weight * evening[:, None])
        inputs = [
            self.add("QuantizeLinear", [evened, step_name, middle], f"{name}.rounded"),
            self.hold(f"{name}.weight", rounded),
            step_name,
            self.hold(f"{name}.scale", scale),
            middle,
            self.hold(f"{name}.zero", np.zeros(len(scale), dtype=np.int8)),
            bias_name,
        ]
        return self.add("MatMulIntegerToFloat", inputs, name, "com.microsoft")


def _even_out(inputs: Array, weights: Array) -> Array:
    """By what each column of the inputs is divided, and its row of weights multiplied."""
    factors = (inputs + 1e-6) ** _EVENED / (weights + 1e-6) ** (1 - _EVENED)
    return (factors / np.exp(np.log(factors).mean())).astype(np.float32)


def _round_columns(weight: Array) -> tuple[Array, Array]:
    """8-bit weights, and the scale of each column."""
    scale = np.abs(weight).max(axis=0) / 127
    return np.clip(np.round(weight / scale), -127, 127).astype(np.int8), scale.astype(np.float32)


def build(weights: Weights, ranges: Ranges | None = None, *, shows: bool = False) -> onnx.ModelProto:
    """The whole encoder: word pieces of texts of one length in, the vectors of the pieces out, of a middle layer and the last.

    Exact without `ranges`, in 8-bit arithmetic with them. `shows`: what goes into products is put out too.
    """
    graph = Graph(ranges)
    state = _embed(graph, weights)
    middle = state
    for layer in range(LAYERS):
        state = _add_layer(graph, weights, layer, state)
        if layer + 1 == MIDDLE:
            middle = state
    graph.add("Concat", [middle, state], "tokens", axis=2)
    shown = graph.sources if shows else ()
    described = helper.make_graph(
        graph.nodes,
        "sentence_encoder",
        [helper.make_tensor_value_info("pieces", TensorProto.INT64, ["texts", "count"])],
        [
            helper.make_tensor_value_info("tokens", TensorProto.FLOAT, ["texts", "count", 2 * WIDTH]),
            *(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in shown),
        ],
        graph.constants,
    )
    versions = [helper.make_opsetid("", 18), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(described, opset_imports=versions, ir_version=9, producer_name="duologue")


def _embed(graph: Graph, weights: Weights) -> str:
    table = weights["embeddings.word_embeddings.weight"]
    scale = np.abs(table).max(axis=1, keepdims=True) / 127 + 1e-12
    graph.hold("words", np.round(table / scale).astype(np.int8))
    graph.hold("words.scale", scale.astype(np.float32))
    places = (
        weights["embeddings.position_embeddings.weight"]
        + weights["embeddings.token_type_embeddings.weight"][0]
    )
    graph.hold("places", places[:LONGEST].astype(np.float32)[None])
    graph.add("Gather", ["words", "pieces"], "picked")
    graph.add("Cast", ["picked"], "cast", to=TensorProto.FLOAT)
    graph.add("Gather", ["words.scale", "pieces"], "picked.scale")
    graph.add("Mul", ["cast", "picked.scale"], "looked_up")
    graph.add("Shape", ["pieces"], "length", start=1, end=2)
    graph.hold("zero", np.array([0]))
    graph.hold("one", np.array([1]))
    graph.add("Slice", ["places", "zero", "length", "one"], "placed")
    graph.add("Add", ["looked_up", "placed"], "summed")
    return _normalise(graph, weights, "embeddings.LayerNorm", "summed")


def _add_layer(graph: Graph, weights: Weights, layer: int, state: str) -> str:
    at = f"encoder.layer.{layer}."

    def part(name: str) -> tuple[Array, Array]:
        return weights[f"{at}{name}.weight"].T, weights[f"{at}{name}.bias"]

    read = [part(f"attention.self.{name}") for name in ("query", "key", "value")]
    joined = graph.multiply(
        state,
        f"{at}read",
        np.concatenate([weight for weight, _ in read], axis=1),
        np.concatenate([bias for _, bias in read]),
    )
    names = [f"{at}{name}" for name in ("query", "key", "value")]
    graph.nodes.append(helper.make_node("Split", [joined], names, axis=2, num_outputs=3, name=f"{at}split"))
    graph.add("MultiHeadAttention", names, f"{at}seen", "com.microsoft", num_heads=HEADS)
    noticed = graph.multiply(f"{at}seen", f"{at}noticed", *part("attention.output.dense"))
    kept = _normalise(graph, weights, f"{at}attention.output.LayerNorm", noticed, beside=state)
    thought = graph.multiply(kept, f"{at}thought", *part("intermediate.dense"))
    graph.add("Gelu", [thought], f"{at}weighed", "com.microsoft")
    said = graph.multiply(f"{at}weighed", f"{at}said", *part("output.dense"))
    return _normalise(graph, weights, f"{at}output.LayerNorm", said, beside=kept)


def _normalise(graph: Graph, weights: Weights, name: str, source: str, *, beside: str = "") -> str:
    """`source`, with what stands `beside` it added."""
    factors = [graph.hold(f"{name}.{part}", weights[f"{name}.{part}"]) for part in ("weight", "bias")]
    if beside:
        inputs = [source, beside, *factors]
        return graph.add("SkipLayerNormalization", inputs, f"{name}.out", "com.microsoft", epsilon=1e-12)
    return graph.add("LayerNormalization", [source, *factors], f"{name}.out", axis=-1, epsilon=1e-12)
