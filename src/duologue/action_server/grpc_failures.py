"""The gRPC status of a call that failed, and its details."""

from typing import NamedTuple

import grpc

from duologue.action_server.call_limits import TooManyCallsError
from duologue.action_server.webhook import describe_failure
from duologue.core.errors import StorageUnavailableError
from duologue.sdk.errors import ActionExecutionRejection, ActionMissingDomain, ActionNotFound
from duologue.serving.errors import CutOffError, ServerClosingError, TooSlowError
from duologue.wire.grpc.failures import Failure, Resource, format_failure

# The details travel as a header, and clients take 8 KiB of those.
_LONGEST_DETAILS = 1000


class FailedStatus(NamedTuple):
    """How a call ends that has no answer."""

    code: grpc.StatusCode
    details: str
    is_unexpected: bool = False
    """Whether the server's own log should tell more."""


def describe_status(error: Exception, *, unexpected: grpc.StatusCode) -> FailedStatus:
    """The status for what a call raised; `unexpected` is the one of an action that failed."""
    match error:
        case ActionExecutionRejection():
            failure = Failure(action_name=error.action_name, message=error.message[:_LONGEST_DETAILS])
            return FailedStatus(grpc.StatusCode.INTERNAL, format_failure(failure))
        case ActionNotFound():
            return _miss(error, "ACTION")
        case ActionMissingDomain():
            return _miss(error, "DOMAIN")
        case TooManyCallsError():
            code = grpc.StatusCode.RESOURCE_EXHAUSTED
        case TooSlowError():
            code = grpc.StatusCode.DEADLINE_EXCEEDED
        case StorageUnavailableError() | ServerClosingError() | CutOffError():
            code = grpc.StatusCode.UNAVAILABLE
        case _:
            return FailedStatus(unexpected, describe_failure(error)[:_LONGEST_DETAILS], is_unexpected=True)
    return FailedStatus(code, str(error))


def _miss(error: ActionNotFound | ActionMissingDomain, resource: Resource) -> FailedStatus:
    failure = Failure(
        action_name=error.action_name, message=error.message[:_LONGEST_DETAILS], resource_type=resource
    )
    return FailedStatus(grpc.StatusCode.NOT_FOUND, format_failure(failure))
