"""A model that runs inside the process, by the package of that name."""

import sys
from types import SimpleNamespace
from typing import Any

import numpy
import pytest

from duologue.adapters.embedder.sentence_transformers import open_embedder
from duologue.core.errors import DefinitionError

MODULE = "sentence_transformers"


class Transformer:
    """As the package has it."""

    def __init__(self, name: str, device: str = "cpu") -> None:
        if name == "missing":
            raise OSError("no such model")
        self.device = device

    def encode(self, texts: list[str], **options: Any) -> Any:
        assert options == {"batch_size": 8, "normalize_embeddings": True}
        return numpy.array([[1.0, 0.0]] * len(texts))


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, MODULE, SimpleNamespace(SentenceTransformer=Transformer))


@pytest.mark.usefixtures("package")
async def test_texts_become_vectors_with_the_projects_options() -> None:
    options = {"model": "m", "model_kwargs": {"device": "cpu"}, "encode_kwargs": {"batch_size": 8}}
    embedder = open_embedder(options)
    assert await embedder.embed(["a", "b"], "query") == [[1.0, 0.0], [1.0, 0.0]]
    assert await embedder.embed([], "query") == []
    assert embedder.name == "huggingface_local/m"
    await embedder.close()


@pytest.mark.usefixtures("package")
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "has no `model`"),
        ({"model": "missing"}, "The model huggingface_local/missing cannot be loaded: no such model"),
        ({"model": "m", "model_kwargs": {"colour": 1}}, "cannot be loaded"),
    ],
)
def test_what_cannot_be_loaded_is_one_sentence(options: dict[str, Any], message: str) -> None:
    with pytest.raises(DefinitionError, match=message):
        open_embedder(options)


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, MODULE, None)
    with pytest.raises(DefinitionError, match="pip install sentence-transformers"):
        open_embedder({"model": "m"})
