"""What a gRPC status other than OK means for a call."""

import grpc

from duologue.adapters.action_runner.attempts import AttemptError, Attempts
from duologue.core.errors import ActionError
from duologue.wire.grpc.failures import find_failure

_NOT_CONNECTED = "failed to connect"
_TOO_LARGE = "larger than max"
_CUT_OFF = "RST_STREAM"


class DomainMissingError(Exception):
    """The server asks for the domain."""


def read_failure(attempts: Attempts, action_name: str, error: grpc.aio.AioRpcError) -> Exception:
    """What to raise for it: an `ActionError` is final, after an `AttemptError` the call may be made again."""
    details = error.details() or ""
    match error.code():
        case grpc.StatusCode.NOT_FOUND | grpc.StatusCode.INTERNAL if failure := find_failure(details):
            if failure.resource_type == "DOMAIN":
                return DomainMissingError()
            if failure.resource_type == "ACTION":
                return attempts.fail(action_name, f"has no action {action_name!r}")
            return attempts.reject(action_name)
        case grpc.StatusCode.UNAVAILABLE if _NOT_CONNECTED in details:
            return refuse_connection(action_name)
        case grpc.StatusCode.RESOURCE_EXHAUSTED if _TOO_LARGE not in details:
            problem = f"is too busy to run {action_name!r} (RESOURCE_EXHAUSTED)"
            return AttemptError(problem, was_sent=False, counts=False)
        case grpc.StatusCode.UNAVAILABLE | grpc.StatusCode.CANCELLED | grpc.StatusCode.DEADLINE_EXCEEDED:
            return _break_off(action_name, error)
        case grpc.StatusCode.INTERNAL if _CUT_OFF in details:
            return _break_off(action_name, error)
        case code:
            return _refuse(attempts, action_name, code, details)


def refuse_connection(action_name: str) -> AttemptError:
    """The error of a call that did not get as far as the server."""
    remedy = "start it, or correct the `url` and the certificates of `action_endpoint`"
    return AttemptError(f"cannot be reached to run {action_name!r}", was_sent=False, remedy=remedy)


def turn_away(action_name: str) -> AttemptError:
    """The error of a call that came to a server in the moment in which it stopped."""
    return AttemptError(f"stops, and did not run {action_name!r}", was_sent=False, counts=False)


def _break_off(action_name: str, error: grpc.aio.AioRpcError) -> AttemptError:
    return AttemptError(f"broke off while {action_name!r} ran ({error.code().name})", was_sent=True)


def _refuse(attempts: Attempts, action_name: str, code: grpc.StatusCode, details: str) -> ActionError:
    # The details may quote what a person said: an exception of the action's author stands there.
    problem, remedy = f"failed to run {action_name!r} ({code.name})", "its log tells why"
    if code is grpc.StatusCode.RESOURCE_EXHAUSTED:
        problem = f"and {action_name!r} exchange a message that is larger than one of them takes"
        remedy = "let the action give back less, or raise the limit of the server"
    elif code in {grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED}:
        problem = f"does not let us run {action_name!r} ({code.name})"
        remedy = "check `headers`, `basic_auth` and the certificates of `action_endpoint`"
    elif code is grpc.StatusCode.UNIMPLEMENTED:
        problem = f"does not speak the protocol of actions, so {action_name!r} was not run"
        remedy = "correct the `url` of `action_endpoint`"
    return attempts.fail(action_name, problem, remedy)
