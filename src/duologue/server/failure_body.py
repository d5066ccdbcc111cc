"""The answers to errors that were raised on purpose."""

from starlette.requests import Request
from starlette.responses import Response

from duologue.channels.errors import BadRequestError
from duologue.core.errors import DuologueError, StorageUnavailableError
from duologue.runtime.assistant import ClosingError
from duologue.server.errors import TurnTimeoutError
from duologue.serving.errors import ServerClosingError
from duologue.serving.failure_body import RETRY_AFTER_SECONDS, format_failure


def format_error(error: DuologueError) -> Response:
    """The answer to an error that was raised on purpose."""
    retry = {"Retry-After": RETRY_AFTER_SECONDS}
    match error:
        case BadRequestError():
            return format_failure(400, "BadRequest", str(error))
        case StorageUnavailableError():
            return format_failure(503, "StorageUnavailable", str(error), retry)
        case ServerClosingError() | ClosingError():
            return format_failure(503, "ShuttingDown", str(error), {**retry, "Connection": "close"})
        case TurnTimeoutError():
            return format_failure(503, "TurnTimeout", str(error), retry)
        case _:
            return format_failure(
                500, "InternalError", "The server failed on this request; its log says why."
            )


async def answer_error(_: Request, error: Exception) -> Response:
    """Exception handler for every `DuologueError`."""
    assert isinstance(error, DuologueError)
    return format_error(error)
