"""Embeddings on a cassette: the vectors that a remote model gave, kept beside the answers of language models."""

import base64
import math
import struct
from collections.abc import Sequence

from duologue.ports.embedder import Embedder, TextRole, Vector
from duologue.ports.language_model import ModelRequest
from duologue.testing.cassette import Cassette
from duologue.testing.cassette_file import CassetteFileError, Recording

_LARGEST = 127


class CassetteEmbedder:
    """An `Embedder` that takes vectors from a cassette, or asks the one behind it and records them.

    A vector is kept in a byte a number. The run that records uses what it kept, so that it sees what every replay sees.
    """

    def __init__(self, embedder: Embedder | None, cassette: Cassette, *, name: str) -> None:
        """`embedder` is borrowed; only a cassette that replays does without one."""
        if embedder is None and cassette.mode != "replay":
            raise ValueError("Recording needs an embedder to ask.")
        self._embedder = embedder
        self._cassette = cassette
        self._name = name

    @property
    def name(self) -> str:
        return f"{self._name} on a cassette"

    async def embed(self, texts: Sequence[str], role: TextRole) -> Sequence[Vector]:
        """The recorded vectors, and those of the embedder behind for texts that are new.

        Raises:
            CassetteMissError: a text is not recorded, and no embedder may be asked.
            LanguageModelError: the embedder behind failed.
        """
        model = f"{self._name} ({role})"
        requests = {text: ModelRequest(prefix="", prompt=text) for text in texts}
        keys = {text: self._cassette.compute_key(model, request) for text, request in requests.items()}
        found = {text: self._cassette.find(key) for text, key in keys.items()}
        missing = [text for text, recording in found.items() if recording is None]
        if missing:
            if self._embedder is None or self._cassette.mode == "replay":
                raise self._cassette.miss(model, requests[missing[0]])
            vectors = await self._embedder.embed(missing, role)
            for text, vector in zip(missing, vectors, strict=True):
                recording = Recording(
                    key=keys[text], model=model, request=requests[text], text=pack_vector(vector)
                )
                self._cassette.keep(recording)
                found[text] = recording
        return [unpack_vector(recording.text) for text in texts if (recording := found[text]) is not None]

    async def close(self) -> None:
        """Write what was recorded. The embedder behind is borrowed, and stays open."""
        self._cassette.save()


def pack_vector(vector: Vector) -> str:
    """The vector as text, its largest number as 127."""
    largest = max(map(abs, vector), default=0.0) or 1.0
    numbers = [round(number / largest * _LARGEST) for number in vector]
    return base64.b64encode(struct.pack(f"{len(numbers)}b", *numbers)).decode()


def unpack_vector(text: str) -> Vector:
    """The vector, of length 1 again.

    Raises:
        CassetteFileError: the text is no vector.
    """
    try:
        packed = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise CassetteFileError("A vector of the cassette is damaged; record it again.") from error
    numbers = struct.unpack(f"{len(packed)}b", packed)
    length = math.sqrt(sum(number * number for number in numbers)) or 1.0
    return [number / length for number in numbers]
