"""A trained labeller as files: JSON for what can be read, plain arrays for the weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO

import msgspec

from duologue.core.errors import DefinitionError
from duologue.understanding.nlu.component import NluResources
from duologue.understanding.nlu.entities.arrays import Floats
from duologue.understanding.nlu.entities.labels import EntityKind
from duologue.understanding.nlu.entities.network import REACHES, Network
from duologue.understanding.nlu.entities.options import EntityOptions
from duologue.understanding.nlu.entities.text_reader import ReadingKnowledge

_ABOUT = "entities.json"
_LAYERS = range(len(REACHES))


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredModel:
    """All that a trained labeller is."""

    kinds: tuple[EntityKind, ...]
    knowledge: ReadingKnowledge
    options: EntityOptions
    network: Network | None


class _About(msgspec.Struct, frozen=True, kw_only=True):
    kinds: tuple[EntityKind, ...]
    knowledge: ReadingKnowledge
    options: EntityOptions


def format_model(stored: StoredModel) -> dict[str, bytes]:
    """The files of a model."""
    about = _About(kinds=stored.kinds, knowledge=stored.knowledge, options=stored.options)
    files = {_ABOUT: msgspec.json.encode(about, order="deterministic")}
    if stored.network is not None:
        files |= {f"{name}.npy": _format_array(array) for name, array in _list_arrays(stored.network).items()}
    return files


def parse_model(files: Mapping[str, bytes], resources: NluResources) -> StoredModel:
    """The model that the files hold, if its encoder is at hand."""
    about = msgspec.json.decode(files[_ABOUT], type=_About)
    _require_encoder(about.knowledge.encoder, resources)
    return StoredModel(
        kinds=about.kinds,
        knowledge=about.knowledge,
        options=about.options,
        network=_parse_network(files) if about.kinds else None,
    )


def _require_encoder(name: str | None, resources: NluResources) -> None:
    found = resources.encoder.name if resources.encoder else None
    if name is not None and found != name:
        raise DefinitionError(
            f"The model was trained with the sentence encoder `{name}`, and here is"
            f" {f'`{found}`' if found else 'none'}: install the same one, or train again."
        )


def _list_arrays(network: Network) -> dict[str, Floats]:
    arrays = {
        "features": network.features,
        "dense": network.dense,
        "bias": network.bias,
        "labels": network.labels,
        "label_bias": network.label_bias,
        "transitions": network.transitions,
    }
    for layer in _LAYERS:
        arrays[f"context_{layer}"] = network.contexts[layer]
        arrays[f"context_bias_{layer}"] = network.context_biases[layer]
    return arrays


def _parse_network(files: Mapping[str, bytes]) -> Network:
    def parse(name: str) -> Floats:
        return _parse_array(files[f"{name}.npy"])

    return Network(
        features=parse("features"),
        dense=parse("dense"),
        bias=parse("bias"),
        contexts=tuple(parse(f"context_{layer}") for layer in _LAYERS),
        context_biases=tuple(parse(f"context_bias_{layer}") for layer in _LAYERS),
        labels=parse("labels"),
        label_bias=parse("label_bias"),
        transitions=parse("transitions"),
    )


def _format_array(array: Floats) -> bytes:
    import numpy as np

    written = BytesIO()
    np.lib.format.write_array(written, np.ascontiguousarray(array.astype(np.float16)), allow_pickle=False)
    return written.getvalue()


def _parse_array(data: bytes) -> Floats:
    import numpy as np

    array = np.lib.format.read_array(BytesIO(data), allow_pickle=False)
    return np.asarray(array, dtype=np.float32)
