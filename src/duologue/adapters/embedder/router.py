"""Several embedders of the same model as one: retries, cool-downs, and a strategy that chooses."""

import asyncio
from collections.abc import Sequence

from duologue.adapters.language_model.routing.attempts import Attempts, Sleep, time_out
from duologue.adapters.language_model.routing.replicas import Replicas
from duologue.core.errors import LanguageModelError
from duologue.ports.embedder import Embedder, TextRole, Vector


class RoutedEmbedder:
    """A group of embedders behind the one port; their vectors must be comparable."""

    def __init__(
        self,
        replicas: Replicas[Embedder],
        *,
        timeout: float | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        """`timeout` bounds a whole call, retries included."""
        self._replicas = replicas
        self._timeout = timeout
        self._sleep = sleep

    @property
    def name(self) -> str:
        return self._replicas.models[0].name

    async def embed(self, texts: Sequence[str], role: TextRole) -> Sequence[Vector]:
        attempts = Attempts(self._replicas, name=self.name, timeout=self._timeout, sleep=self._sleep)
        while True:
            attempt = await attempts.begin()
            try:
                async with asyncio.timeout(attempt.patience):
                    vectors = await attempt.model.embed(texts, role)
            except LanguageModelError as error:
                attempts.fail(attempt, error)
            except TimeoutError:
                attempts.fail(attempt, time_out(self.name))
            else:
                await attempts.succeed(attempt)
                return vectors
            finally:
                attempts.leave(attempt)

    async def close(self) -> None:
        for embedder in self._replicas.models:
            await embedder.close()
        await self._replicas.close()
