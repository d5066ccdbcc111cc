"""Vectors of passages that were embedded before are kept on disk."""

from collections.abc import Sequence
from pathlib import Path

from duologue.adapters.embedder.vector_cache import CachingEmbedder
from duologue.ports.embedder import TextRole, Vector


class CountingEmbedder:
    """Embeds a text as its length, and remembers what it was asked."""

    def __init__(self, name: str = "counting") -> None:
        self.name = name
        self.asked: list[str] = []

    async def embed(self, texts: Sequence[str], role: TextRole) -> Sequence[Vector]:
        self.asked.extend(texts)
        return [[1.0, float(len(text)), float(role == "query")] for text in texts]

    async def close(self) -> None:
        self.asked.clear()


def _files(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def test_a_passage_is_embedded_once_even_across_restarts(tmp_path: Path) -> None:
    first = CountingEmbedder()
    made = await CachingEmbedder(first, tmp_path).embed(
        ["block a card", "pay a bill", "block a card"], "passage"
    )
    assert first.asked == ["block a card", "pay a bill"]
    second = CountingEmbedder()
    kept = await CachingEmbedder(second, tmp_path).embed(
        ["pay a bill", "something new", "block a card"], "passage"
    )
    assert second.asked == ["something new"]
    assert [list(vector) for vector in kept] == [list(made[1]), [1.0, 13.0, 0.0], list(made[0])]


async def test_questions_are_never_kept(tmp_path: Path) -> None:
    inner = CountingEmbedder()
    cache = CachingEmbedder(inner, tmp_path)
    await cache.embed(["my card is gone"], "query")
    await cache.embed(["my card is gone"], "query")
    assert inner.asked == ["my card is gone"] * 2
    assert _files(tmp_path) == []


async def test_models_do_not_share_vectors(tmp_path: Path) -> None:
    await CachingEmbedder(CountingEmbedder("one"), tmp_path).embed(["a card"], "passage")
    other = CountingEmbedder("two")
    await CachingEmbedder(other, tmp_path).embed(["a card"], "passage")
    assert other.asked == ["a card"]


async def test_a_damaged_file_only_costs_time(tmp_path: Path) -> None:
    await CachingEmbedder(CountingEmbedder(), tmp_path).embed(["a card"], "passage")
    for path in _files(tmp_path):
        path.write_bytes(b"not what it was")
    again = CountingEmbedder()
    assert len(await CachingEmbedder(again, tmp_path).embed(["a card"], "passage")) == 1
    assert again.asked == ["a card"]


async def test_a_folder_that_cannot_be_written_only_costs_time(tmp_path: Path) -> None:
    place = tmp_path / "file"
    place.write_text("in the way")
    assert len(await CachingEmbedder(CountingEmbedder(), place / "vectors").embed(["a card"], "passage")) == 1
