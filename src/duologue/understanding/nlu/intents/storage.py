"""A trained intent model as files: JSON for what can be read, plain arrays for the weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

import msgspec

from duologue.understanding.nlu.features.counted import CountedTables
from duologue.understanding.nlu.features.meanings import Landmarks, Meanings
from duologue.understanding.nlu.intents.calibration import Calibration

if TYPE_CHECKING:
    from duologue.understanding.nlu.features.arrays import Floats

_ABOUT = "intents.json"


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredIntents:
    """All that a trained model is."""

    labels: tuple[str, ...]
    tables: CountedTables
    weights: Floats
    """Of counted columns, for each label; in half precision, as many as they are."""
    bias: Floats
    meanings: Meanings
    meaning_weights: Floats
    """Of nearness to each landmark, for each label."""
    calibration: Calibration
    encoder: str | None
    """The sentence encoder that it was trained with."""


class _About(msgspec.Struct, frozen=True, kw_only=True):
    labels: tuple[str, ...]
    tables: CountedTables
    views: tuple[str, ...]
    is_direct: bool
    calibration: Calibration
    encoder: str | None


def format_model(stored: StoredIntents) -> dict[str, bytes]:
    """The files of a model."""
    about = _About(
        labels=stored.labels,
        tables=stored.tables,
        views=tuple(stored.meanings.views),
        is_direct=stored.meanings.is_direct,
        calibration=stored.calibration,
        encoder=stored.encoder,
    )
    files = {
        _ABOUT: msgspec.json.encode(about, order="deterministic"),
        "weights.npy": _format_array(stored.weights, "float16"),
        "bias.npy": _format_array(stored.bias, "float32"),
        "meaning_weights.npy": _format_array(stored.meaning_weights, "float32"),
    }
    for name, landmarks in stored.meanings.views.items():
        files[f"{name}_centre.npy"] = _format_array(landmarks.centre, "float32")
        files[f"{name}_scale.npy"] = _format_array(landmarks.scale, "float32")
        files[f"{name}_points.npy"] = _format_array(landmarks.points, "float16")
    return files


def parse_model(files: Mapping[str, bytes]) -> StoredIntents:
    """The model that the files hold."""
    about = msgspec.json.decode(files[_ABOUT], type=_About)
    return StoredIntents(
        labels=about.labels,
        tables=about.tables,
        weights=_parse_array(files["weights.npy"], "float16"),
        bias=_parse_array(files["bias.npy"]),
        meanings=Meanings(
            views={name: _parse_landmarks(files, name) for name in about.views}, is_direct=about.is_direct
        ),
        meaning_weights=_parse_array(files["meaning_weights.npy"]),
        calibration=about.calibration,
        encoder=about.encoder,
    )


def _parse_landmarks(files: Mapping[str, bytes], name: str) -> Landmarks:
    return Landmarks(
        centre=_parse_array(files[f"{name}_centre.npy"]),
        scale=_parse_array(files[f"{name}_scale.npy"]),
        points=_parse_array(files[f"{name}_points.npy"]),
    )


def _format_array(array: Floats, kind: str) -> bytes:
    import numpy as np

    written = BytesIO()
    np.lib.format.write_array(written, np.ascontiguousarray(array.astype(kind)), allow_pickle=False)
    return written.getvalue()


def _parse_array(data: bytes, kind: str = "float32") -> Floats:
    import numpy as np

    return np.asarray(np.lib.format.read_array(BytesIO(data), allow_pickle=False), dtype=kind)
