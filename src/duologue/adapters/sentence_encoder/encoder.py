"""Runs the packaged transformer: vectors of sentences and of their word pieces."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from importlib import import_module, resources
from typing import TYPE_CHECKING, Any, Protocol

from duologue.adapters.sentence_encoder.word_pieces import Piece, WordPieces
from duologue.ports.sentence_encoder import EncodedText, SentenceEncoder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float32]

NAME = "minilm-l6-intents/2"
"""Changes whenever the vectors do: what was learned with others cannot be used with these."""
WIDTH = 384
_MOST_PIECES = 126
"""Word pieces of a text that are read, the marks of start and end not counted."""
_AT_ONCE = 24
"""Sentences that are read together: more would not be quicker, and need memory."""


class _Session(Protocol):
    def run(self, output_names: Sequence[str], input_feed: dict[str, object]) -> list[Numbers]: ...


class PackagedEncoder:
    """A `SentenceEncoder` that needs onnxruntime.

    Only sentences of equally many word pieces are read together. No filling stands between them, and the scales
    of the 8-bit arithmetic are fixed, so a sentence means the same alone and beside others.
    """

    def __init__(self, session: _Session, pieces: WordPieces, *, threads: int = 1) -> None:
        """Use `read_encoder`."""
        self._session = session
        self._pieces = pieces
        self._threads = max(1, threads)

    @property
    def name(self) -> str:
        return NAME

    @property
    def width(self) -> int:
        return WIDTH

    @property
    def token_width(self) -> int:
        return 2 * WIDTH

    def encode(self, texts: Sequence[str]) -> list[EncodedText]:
        """Encode each text; several groups at a time if there are several threads."""
        cut = [self._pieces.cut(text, most=_MOST_PIECES) for text in texts]
        groups = list(_group(cut))
        found: list[EncodedText | None] = [None] * len(texts)
        for group, encoded in zip(groups, self._encode_groups(groups, cut), strict=True):
            for place, one in zip(group, encoded, strict=True):
                found[place] = one
        return [one for one in found if one is not None]

    def _encode_groups(
        self, groups: Sequence[Sequence[int]], cut: Sequence[Sequence[Piece]]
    ) -> Iterable[list[EncodedText]]:
        pieces = ([cut[place] for place in group] for group in groups)
        if self._threads == 1 or len(groups) == 1:
            return map(self._encode, pieces)
        with ThreadPoolExecutor(self._threads, thread_name_prefix="encoder") as pool:
            return list(pool.map(self._encode, pieces))

    def _encode(self, group: Sequence[Sequence[Piece]]) -> list[EncodedText]:
        """Sentences of equally many pieces."""
        import numpy as np

        start, end = self._pieces.start, self._pieces.end
        numbers = [[start, *(piece.number for piece in pieces), end] for pieces in group]
        (states,) = self._session.run(("tokens",), {"pieces": np.array(numbers, dtype=np.int64)})
        return [_describe(state, pieces) for state, pieces in zip(states, group, strict=True)]


def _describe(state: Numbers, pieces: Sequence[Piece]) -> EncodedText:
    """From the states of a text's pieces, those of its two marks among them."""
    import numpy as np

    summed = state[:, -WIDTH:].sum(axis=0)
    return EncodedText(
        sentence=summed / np.sqrt(np.square(summed).sum()),
        # Half the precision is plenty for a labeller, and a training holds these of every sentence.
        tokens=state[1:-1].astype(np.float16).astype(np.float32),
        spans=np.array([(piece.start, piece.end) for piece in pieces], dtype=np.int32).reshape(-1, 2),
    )


def _group(cut: Sequence[Sequence[Piece]]) -> Iterable[list[int]]:
    """The places of texts that are read together."""
    places = defaultdict[int, list[int]](list)
    for place, pieces in enumerate(cut):
        places[len(pieces)].append(place)
    for _, alike in sorted(places.items()):
        for start in range(0, len(alike), _AT_ONCE):
            yield alike[start : start + _AT_ONCE]


@lru_cache(maxsize=4)
def read_encoder(threads: int = 1) -> SentenceEncoder | None:
    """The packaged encoder; None if onnxruntime is not installed.

    `threads` is how many sentences it encodes at a time.
    """
    try:
        onnxruntime: Any = import_module("onnxruntime")
    except ImportError:
        return None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    folder = resources.files("duologue.adapters.sentence_encoder") / "model"
    session: _Session = onnxruntime.InferenceSession(
        (folder / "encoder.onnx").read_bytes(), options, providers=["CPUExecutionProvider"]
    )
    vocabulary = (folder / "pieces.txt").read_text(encoding="utf-8").splitlines()
    return PackagedEncoder(session, WordPieces(vocabulary), threads=threads)
