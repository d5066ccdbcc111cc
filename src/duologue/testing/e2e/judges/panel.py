"""Which judge a test has: the language model that its `conftest.yml` names, else the local one."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeAlias

import msgspec

from duologue.core.errors import DuologueError
from duologue.ports.language_model import LanguageModel
from duologue.project.e2e_tests import JudgeModel
from duologue.testing.e2e.judges.judge import Judge, JudgedReply, NotJudgedError, Verdict
from duologue.testing.e2e.judges.model_judge import ModelJudge

OpenModel: TypeAlias = Callable[[JudgeModel], Awaitable[LanguageModel]]
"""Opens the model of an `llm_judge`.

Raises:
    DuologueError: it cannot be opened; the text says why.
"""


class JudgePanel:
    """Opens each judge once; owns them all."""

    def __init__(self, local: Judge, open_model: OpenModel | None = None) -> None:
        """Without `open_model` the local judge judges everything."""
        self._local = local
        self._open_model = open_model
        self._judges: dict[bytes, Judge] = {}
        self._opening = asyncio.Lock()

    async def choose(self, model: JudgeModel | None) -> Judge:
        """The judge for a test; one that cannot be opened judges nothing and says why."""
        if model is None or self._open_model is None:
            return self._local
        key = msgspec.json.encode((model.model_group, model.options))
        async with self._opening:
            if key not in self._judges:
                self._judges[key] = await _open(model, self._open_model)
        return self._judges[key]

    async def close(self) -> None:
        for judge in (self._local, *self._judges.values()):
            await judge.close()


async def _open(model: JudgeModel, open_model: OpenModel) -> Judge:
    try:
        return ModelJudge(await open_model(model))
    except DuologueError as error:
        return _AbsentJudge(model, error)


class _AbsentJudge:
    """Stands where a judge could not be opened."""

    def __init__(self, model: JudgeModel, error: DuologueError) -> None:
        self._text = f"The judge that {model.place} names cannot be used: {error}"
        self._name = model.model_group or str(model.options.get("model") or "?")

    @property
    def name(self) -> str:
        return self._name

    async def judge(self, judged: JudgedReply) -> Verdict:
        raise NotJudgedError(self._text)

    async def close(self) -> None:
        pass
