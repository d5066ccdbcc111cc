"""What went wrong with a call over HTTP, in the words that its people need."""

import errno
import socket
import ssl

import msgspec

from duologue.adapters.action_runner.attempts import FEATURES_NAME, AttemptError, Attempts, show_address
from duologue.adapters.action_runner.http_answer import BrokenOffError, HttpAnswer
from duologue.adapters.action_runner.http_session import CONNECT_SECONDS, ConnectError
from duologue.adapters.action_runner.options import ActionServerOptions
from duologue.core.errors import ActionError

_LONGEST_WAIT = 60.0


class _Refusal(msgspec.Struct, frozen=True):
    """The body of an answer that is an error of the protocol; a proxy's or another server's has no action's name."""

    action_name: str


_REFUSAL = msgspec.json.Decoder(_Refusal)


class HttpFailures:
    """Makes the errors of calls to one server."""

    def __init__(self, options: ActionServerOptions, attempts: Attempts, *, is_secure: bool) -> None:
        self._options = options
        self._attempts = attempts
        self._is_secure = is_secure

    def explain_connect(self, name: str, error: ConnectError) -> AttemptError:
        """There is no connection."""
        reason, remedy = _explain_connect(error.__cause__, self._options)
        return AttemptError(f"cannot be reached to run {name!r}: {reason}", was_sent=False, remedy=remedy)

    def explain_size(self, name: str) -> ActionError:
        """The answer is too large."""
        largest = self._options.largest_answer
        return self._attempts.fail(name, f"answered {name!r} with more than {largest} bytes")

    def explain_break(self, name: str, error: BrokenOffError) -> AttemptError:
        """No whole answer came."""
        if _is_about_certificate(error):
            # In TLS 1.3 a client learns only now that its certificate was not taken.
            problem = f"does not take our certificate, so {name!r} was not run"
            remedy = f"correct `client_certificate` of `action_endpoint` ({self._options.place})"
            return AttemptError(problem, was_sent=False, remedy=remedy)
        remedy = "its log may say why"
        if self._is_secure:
            remedy += "; it may also want another `client_certificate`"
        return AttemptError(f"gave no whole answer to {name!r}: {error}", was_sent=True, remedy=remedy)

    def explain_answer(self, name: str, answer: HttpAnswer) -> Exception:
        """The answer is an error."""
        match answer.status:
            case 400 if is_refusal(answer):
                return self._attempts.reject(name)
            case 408 | 429:
                return self._explain_busy(name, answer)
            case 503 if FEATURES_NAME in answer.headers:
                # Our own server says so instead of running the action; a proxy may say it in the middle.
                return self._explain_busy(name, answer)
            case 502 | 503 | 504:
                problem = f"answered {name!r} with status {answer.status}"
                return AttemptError(
                    problem, was_sent=True, remedy="it, or a proxy before it, is out of order"
                )
            case _:
                return self._explain_status(name, answer)

    def _explain_busy(self, name: str, answer: HttpAnswer) -> AttemptError:
        return AttemptError(
            f"is too busy to run {name!r} (status {answer.status})",
            was_sent=False,
            counts=False,
            remedy="give it more workers",
            wait=_find_wait(answer),
        )

    def _explain_status(self, name: str, answer: HttpAnswer) -> ActionError:
        place = self._options.place
        said = f"answered {name!r} with status {answer.status}"
        match answer.status:
            case 404 if is_refusal(answer):
                return self._attempts.fail(name, f"has no action {name!r}", "register it there")
            case 404 | 405:
                remedy = f"write its `url` as http://host:5055/webhook ({place})"
                return self._attempts.fail(name, f"{said}, so its address is wrong", remedy)
            case 401 | 403:
                remedy = f"check the token, password and headers of `action_endpoint` ({place})"
                return self._attempts.fail(name, said, remedy)
            case 413:
                return self._attempts.fail(name, said, "let it take larger bodies")
            case 449:
                return self._attempts.fail(name, f"asks for the domain of {name!r} whenever it gets it")
            case status if 300 <= status < 400:
                target = show_address(answer.headers.get("location", "nowhere"))
                remedy = f"write the address it names as its `url` ({place})"
                return self._attempts.fail(
                    name, f"{said}, a redirection to {target} that is not followed", remedy
                )
            case _:
                return self._attempts.fail(name, said, "its log says why")


def is_refusal(answer: HttpAnswer) -> bool:
    """Whether it is an error of the protocol, which names the action."""
    try:
        _REFUSAL.decode(answer.body)
    except (msgspec.MsgspecError, ValueError):
        return False
    return True


def _is_about_certificate(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError) and "CERTIFICATE" in (error.reason or ""):
            return True
        error = error.__cause__
    return False


def _find_wait(answer: HttpAnswer) -> float | None:
    """Seconds of `Retry-After`; a date, which it may be too, is not worth the clocks' difference."""
    text = answer.headers.get("retry-after", "").strip()
    return min(float(text), _LONGEST_WAIT) if text.isascii() and text.isdigit() else None


def _explain_connect(error: BaseException | None, options: ActionServerOptions) -> tuple[str, str]:
    """What went wrong, and how to mend it."""
    correct = f"correct `url` of `action_endpoint` ({options.place})"
    match error:
        case ssl.SSLCertVerificationError():
            remedy = f"name the authority that signed it as `cafile` of `action_endpoint` ({options.place})"
            return f"its certificate is not trusted ({error.verify_message})", remedy
        case ssl.SSLError():
            reason = (error.reason or "unknown reason").replace("_", " ").lower()
            return f"TLS fails ({reason})", f"see whether it speaks https, or {correct}"
        case socket.gaierror():
            return "its host name is not known", correct
        case ConnectionRefusedError():
            return "nobody listens there", f"start it, or {correct}"
        case TimeoutError():
            return (
                f"no connection within {CONNECT_SECONDS:g} s",
                f"see whether a firewall is between, or {correct}",
            )
        case OSError(errno=int() as number) if number in errno.errorcode:
            return errno.errorcode[number], f"start it, or {correct}"
        case _:
            return type(error).__name__, f"start it, or {correct}"
