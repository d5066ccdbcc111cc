"""The language models of a project, for parts that can do without: one that cannot be used is told, and left out."""

import asyncio
import logging

from duologue.core.errors import DefinitionError, LanguageModelError
from duologue.ports.embedder import Embedder
from duologue.ports.language_model import LanguageModel
from duologue.project.endpoints import ModelEntry
from duologue.runtime.model_options import ModelNotUsableError
from duologue.runtime.project_models import Block, ProjectModels

_log = logging.getLogger(__name__)


class UsableModels:
    """Gives the models that can be used."""

    def __init__(
        self, models: ProjectModels | None, *, must_answer: bool = False, are_wrapped: bool = False
    ) -> None:
        """
        Args:
            models: None if no language model is to be asked at all.
            must_answer: a model that cannot be used ends the start instead.
            are_wrapped: something stands in front of the models, such as a recording.
        """
        self._models = models
        self._must_answer = must_answer
        self.are_wrapped = are_wrapped

    def find_language_model(self, block: Block) -> LanguageModel | None:
        """The model of an `llm` block, or the usual one; None, after a sentence in the log, if it cannot be used.

        Raises:
            DefinitionError: it cannot be used, and must be.
        """
        if self._models is None:
            return None
        try:
            model = self._models.find_language_model(block)
        except ModelNotUsableError as error:
            return self._leave_out(error)
        if model is None:
            reason = "No language model is named, and there is no key in the environment for the usual one."
            return self._leave_out(ModelNotUsableError(reason))
        return model

    def find_unnamed_model(self, usual: ModelEntry) -> LanguageModel | None:
        """The usual model of a part that names none; None, without a word, if there is no key for it."""
        return None if self._models is None else self._models.find_language_model(None, default=usual)

    def find_embedder(self, block: Block) -> Embedder | None:
        """The embedder of an `embeddings` block, if there is one that can be used.

        Raises:
            DefinitionError: it cannot be used, and must be.
        """
        if self._models is None or not block:
            return None
        try:
            return self._models.find_embedder(block)
        except ModelNotUsableError as error:
            return self._leave_out(error)

    def _leave_out(self, error: ModelNotUsableError) -> None:
        if self._must_answer:
            raise error
        _log.warning("language_model.not_usable", extra={"reason": str(error)})

    async def check(self) -> None:
        """Where models must answer: return if all that were asked for do.

        Raises:
            DefinitionError: one does not; a sentence for each.
        """
        if self._models is not None and self._must_answer:
            await self._models.check_all()

    async def get_ready(self) -> None:
        """Load what the models need, and tell which of them do not answer."""
        if self._models is None:
            return
        try:
            await asyncio.to_thread(self._models.warm_up)
            if not self._must_answer:  # otherwise they were asked already
                await self._models.check_all()
        except (DefinitionError, LanguageModelError) as error:
            for sentence in str(error).splitlines():
                _log.warning("language_model.not_ready", extra={"reason": sentence})

    async def close(self) -> None:
        """Let go of every connection."""
        if self._models is not None:
            await self._models.close()
