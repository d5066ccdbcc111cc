"""All models of a project stand behind one cassette, and a replay opens none of them."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from duologue.core.errors import DefinitionError
from duologue.ports.embedder import Embedder, TextRole, Vector
from duologue.ports.language_model import LanguageModel, ModelRequest, read_answer
from duologue.project.endpoints import ModelEntry
from duologue.runtime.model_groups import DEFAULT_LANGUAGE_MODEL, ModelGroups
from duologue.testing.cassette import Cassette, CassetteMissError
from duologue.testing.cassette_embedder import CassetteEmbedder, pack_vector, unpack_vector
from duologue.testing.cassette_file import read_cassette_file
from duologue.testing.du.prompt_log import PromptLog
from duologue.testing.scripted_model import ScriptedLanguageModel
from duologue.testing.wrapped_models import ProjectModels, wrap_models

KEY = "sk-very-secret"
INLINE = {"provider": "openai", "model": "gpt-5.1", "api_key": KEY}
REQUEST = ModelRequest(prefix="Understand.", prompt="user: hi")
VECTORS = {"pay": (0.6, 0.8), "ask": (0.0, -1.0)}


class CountingEmbedder:
    """Knows two texts, and counts how often it is asked for one."""

    name = "counting"

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def embed(self, texts: Sequence[str], role: TextRole) -> Sequence[Vector]:
        self.asked += texts
        return [VECTORS[text] for text in texts]

    async def close(self) -> None:
        pass


class OpenModels:
    """The models of a project that are open already."""

    def __init__(self, *answers: str) -> None:
        self.model = ScriptedLanguageModel(*answers)
        self.embedder = CountingEmbedder()
        self.is_closed = False

    def require_language_model(self, group_id: str) -> LanguageModel:
        return self.model

    def require_embedder(self, group_id: str) -> Embedder:
        return self.embedder

    def find_language_model(
        self, block: Mapping[str, object] | None, *, default: ModelEntry | None = DEFAULT_LANGUAGE_MODEL
    ) -> LanguageModel | None:
        return self.model

    def find_embedder(
        self, block: Mapping[str, object] | None, *, default: ModelEntry | None = None
    ) -> Embedder | None:
        return self.embedder if block else None

    def warm_up(self) -> None:
        pass

    async def check_all(self) -> None:
        pass

    async def close(self) -> None:
        self.is_closed = True


async def ask(models: ProjectModels, block: dict[str, object] | None) -> str:
    model = models.find_language_model(block)
    assert model is not None
    return (await read_answer(model, REQUEST)).text


async def test_what_a_project_asked_its_models_is_replayed_without_them(tmp_path: Path) -> None:
    path = tmp_path / "answers.json"
    opened = OpenModels("one", "two", "three")
    recording = wrap_models(opened, cassette=Cassette(path, "record"))
    blocks = [{"model_group": "main"}, INLINE, None]
    assert [await ask(recording, block) for block in blocks] == ["one", "two", "three"]
    await recording.close()
    assert opened.is_closed
    assert KEY not in path.read_text(encoding="utf-8")
    assert {one.model for one in read_cassette_file(path).values()} == {
        "main",
        "openai/gpt-5.1",
        "openai/gpt-5.1-2025-11-13",
    }

    cassette = Cassette(path)
    nothing = ModelGroups([], {})
    replaying = wrap_models(nothing, cassette=cassette)
    assert [await ask(replaying, block) for block in blocks] == ["one", "two", "three"]
    assert (await read_answer(replaying.require_language_model("main"), REQUEST)).text == "one"
    replaying.warm_up()
    await replaying.check_all()
    await replaying.close()
    cassette.assert_complete()


async def test_a_project_that_had_no_model_has_none_when_it_is_replayed(tmp_path: Path) -> None:
    replaying = wrap_models(ModelGroups([], {}), cassette=Cassette(tmp_path / "answers.json"))
    assert replaying.find_language_model(None) is None
    assert replaying.find_embedder(None) is None


async def test_recording_a_group_that_is_not_there_says_so(tmp_path: Path) -> None:
    recording = wrap_models(ModelGroups([], {}), cassette=Cassette(tmp_path / "answers.json", "record"))
    with pytest.raises(DefinitionError, match="There is no model group `main`"):
        recording.require_language_model("main")


async def test_vectors_are_recorded_and_replayed_as_the_recording_run_saw_them(tmp_path: Path) -> None:
    path = tmp_path / "answers.json"
    opened = OpenModels()
    recording = wrap_models(opened, cassette=Cassette(path, "record"))
    embedder = recording.require_embedder("vectors")
    first = await embedder.embed(["pay", "ask", "pay"], "query")
    assert await embedder.embed(["ask"], "query") == [first[1]]
    await embedder.embed(["ask"], "passage")
    assert opened.embedder.asked == ["pay", "ask", "ask"], "a text is asked for once in each role"
    await recording.close()

    replaying = wrap_models(ModelGroups([], {}), cassette=Cassette(path))
    embedder = replaying.find_embedder({"model_group": "vectors"})
    assert embedder is not None
    assert await embedder.embed(["pay", "ask", "pay"], "query") == first
    assert first[0] == pytest.approx(VECTORS["pay"], abs=0.01)
    with pytest.raises(CassetteMissError, match=r"vectors \(query\); record it"):
        await embedder.embed(["something new"], "query")


def test_recording_vectors_needs_an_embedder(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Recording needs an embedder"):
        CassetteEmbedder(None, Cassette(tmp_path / "a.json", "auto"), name="v")


@pytest.mark.parametrize("vector", [(0.6, 0.8), (-1.0, 0.0, 0.0), (0.0, 0.0)])
def test_a_vector_keeps_its_direction(vector: tuple[float, ...]) -> None:
    assert unpack_vector(pack_vector(vector)) == pytest.approx(vector, abs=0.01)


async def test_something_can_be_put_in_front_of_each_model() -> None:
    log = PromptLog()
    seen = wrap_models(OpenModels("one", "two"), wrap=log.wrap)
    log.begin()
    await ask(seen, None)
    await read_answer(seen.require_language_model("main"), REQUEST)
    assert [prompt.answer for prompt in log.take()] == ["one", "two"]
    assert seen.find_embedder(None) is None
