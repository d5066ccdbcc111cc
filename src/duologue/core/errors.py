"""The three families of errors: the author's, the world's and ours."""

from enum import StrEnum


class DuologueError(Exception):
    """Every error raised on purpose; its text is one sentence for a person."""


class DefinitionError(DuologueError):
    """An assistant's folder cannot work as it is written."""


class AdapterError(DuologueError):
    """Something outside this process failed."""

    def __init__(self, message: str, *, port: str, is_retryable: bool = False) -> None:
        super().__init__(message)
        self.port = port
        self.is_retryable = is_retryable


class StorageUnavailableError(AdapterError):
    """The tracker store cannot be reached or cannot commit; nothing of the turn is stored."""

    def __init__(self, message: str) -> None:
        super().__init__(message, port="tracker_store", is_retryable=True)


class StorageRefusedError(DefinitionError):
    """A store is there and does not take us: a wrong password, a missing database, TLS that does not fit."""


class ConflictError(DuologueError):
    """Somebody else appended to the conversation since it was loaded."""


class ActionError(AdapterError):
    """A custom action could not be run, or failed."""

    def __init__(self, message: str, *, action_name: str, is_retryable: bool = False) -> None:
        super().__init__(message, port="action_runner", is_retryable=is_retryable)
        self.action_name = action_name


class ActionRejectedError(ActionError):
    """A custom action declined to run here (`ActionExecutionRejection`)."""


class ModelFailure(StrEnum):
    """Why a language model gave no answer."""

    TIMEOUT = "timeout"
    RATE_LIMIT = "rate limit"
    AUTHENTICATION = "authentication"
    UNKNOWN_MODEL = "unknown model"
    BAD_REQUEST = "bad request"
    """The server refuses what it was asked; asking again does not help."""
    UNAVAILABLE = "unavailable"
    """Cannot be reached, or answers that it cannot answer now."""
    BROKEN_OFF = "broken off"
    """The answer began and did not end."""


class LanguageModelError(AdapterError):
    """A language model, or a model of embeddings, gave no answer."""

    def __init__(
        self, message: str, *, reason: ModelFailure, model: str, retry_after: float | None = None
    ) -> None:
        super().__init__(message, port="language_model", is_retryable=reason in _PASSING_FAILURES)
        self.reason = reason
        self.model = model
        self.retry_after = retry_after
        """Seconds that the provider asks us to wait, if it says so."""


_PASSING_FAILURES = frozenset(
    {ModelFailure.TIMEOUT, ModelFailure.RATE_LIMIT, ModelFailure.UNAVAILABLE, ModelFailure.BROKEN_OFF}
)


class FlowError(DuologueError):
    """A flow cannot go on: no branch is true, a question cannot be asked, or it runs in circles."""


class InvariantError(DuologueError):
    """A promise of our own code is broken; always a bug of ours."""
