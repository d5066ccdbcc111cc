"""Model groups against real servers that die and come back."""

import random
from collections.abc import Mapping
from typing import Any

import pytest

from duologue.core.errors import LanguageModelError, ModelFailure
from duologue.ports.language_model import ModelRequest, read_answer
from duologue.project.endpoints import ModelEntry, ModelGroup, RouterOptions
from duologue.runtime.model_groups import ModelGroups
from duologue.runtime.model_options import ModelNotUsableError
from duologue.testing.model_server import ModelServer
from tests.unit.adapters.language_model.played_models import TurnedClock

REQUEST = ModelRequest(prefix="You are a bank.", prompt="My balance?", timeout=5.0)


def self_hosted(server: ModelServer, **options: Any) -> ModelEntry:
    return ModelEntry(
        provider="self-hosted",
        options={"model": "m", "api_base": server.url, **options},
        place="endpoints.yml:4",
    )


def open_groups(
    clock: TurnedClock,
    *models: ModelEntry,
    variables: Mapping[str, str] | None = None,
    router: RouterOptions | None = None,
) -> ModelGroups:
    group = ModelGroup(id="main", models=models, router=router, place="endpoints.yml:2")
    return ModelGroups([group], variables or {}, clock=clock, sleep=clock.sleep, chance=random.Random(7))


async def test_a_server_that_dies_is_left_alone_and_asked_again_when_it_is_back() -> None:
    clock = TurnedClock()
    async with ModelServer() as server:
        server.answer_with(lambda request: "ok")
        groups = open_groups(clock, self_hosted(server))
        model = groups.require_language_model("main")
        assert (await read_answer(model, REQUEST)).text == "ok"
        await server.stop()
        for _ in range(3):
            with pytest.raises(LanguageModelError):
                await read_answer(model, REQUEST)
        await server.start()
        with pytest.raises(LanguageModelError, match="left alone"):
            await read_answer(model, REQUEST)
        clock.time += 10.0
        assert (await read_answer(model, REQUEST)).text == "ok"
        await groups.close()


async def test_another_server_stands_in_within_the_same_request() -> None:
    clock = TurnedClock()
    async with ModelServer() as dead, ModelServer() as alive:
        alive.answer_with(lambda request: "ok")
        await dead.stop()
        groups = open_groups(clock, self_hosted(dead), self_hosted(alive), router=RouterOptions())
        model = groups.require_language_model("main")
        assert [(await read_answer(model, REQUEST)).text for _ in range(20)] == ["ok"] * 20
        assert clock.naps == []
        await groups.close()


async def test_the_key_of_the_environment_is_sent() -> None:
    async with ModelServer("ok", api_key="from the environment") as server:
        groups = open_groups(
            TurnedClock(),
            self_hosted(server),
            variables={"HOSTED_VLLM_API_KEY": "from the environment"},
        )
        assert (await read_answer(groups.require_language_model("main"), REQUEST)).text == "ok"
        await groups.close()


async def test_a_wrong_key_is_one_sentence_at_the_start() -> None:
    async with ModelServer(api_key="right") as server:
        server.answer_with(lambda request: "ok")
        groups = open_groups(TurnedClock(), self_hosted(server, api_key="wrong"))
        model = groups.require_language_model("main")
        with pytest.raises(ModelNotUsableError) as caught:
            await groups.check_all()
        assert str(caught.value).startswith("endpoints.yml:2: the model group `main`: self-hosted/m ")
        assert "(401)" in str(caught.value)
        assert "wrong" not in str(caught.value)
        with pytest.raises(LanguageModelError) as failure:
            await read_answer(model, REQUEST)
        assert failure.value.reason is ModelFailure.AUTHENTICATION
        await groups.close()


async def test_embedders_are_shared_and_stand_in_for_one_another() -> None:
    async with ModelServer() as dead, ModelServer() as alive:
        await dead.stop()
        groups = open_groups(TurnedClock(), self_hosted(dead), self_hosted(alive))
        embedder = groups.require_embedder("main")
        vectors = await embedder.embed(["a", "b"], "passage")
        assert len(vectors) == 2
        await groups.close()
