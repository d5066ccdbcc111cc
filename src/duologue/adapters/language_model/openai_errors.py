"""What the SDK and the network say went wrong, as our errors: one sentence for an operator, no key, no prompt."""

import math
import re
import ssl
from collections.abc import Iterator, Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import Any

import httpx2
import msgspec
import openai

from duologue.core.errors import LanguageModelError, ModelFailure
from duologue.wire.members import is_object

EXPECTED_ERRORS: tuple[type[Exception], ...] = (
    openai.OpenAIError,
    httpx2.HTTPError,
    httpx2.InvalidURL,
    OSError,
    msgspec.MsgspecError,
    UnicodeError,
)
"""Everything that a call may raise because of the world, not because of us."""

_LONGEST_QUOTE = 300
_LONGEST_WAIT = 3600.0
_OVERLAP = 12
"""A provider's sentence that shares this many characters in a row with the prompt is not passed on."""
_NO_SUCH_MODEL = re.compile(
    r"model\b.{0,80}\b(not exist|not found|is not available)|(invalid|unknown) model", re.I
)


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Whose call it is, for the sentence."""

    name: str
    """The model, such as `openai/gpt-5.1`."""
    address: str
    api_key: str = ""
    model_option: str = "model"
    """The option to look at where the server does not know the model."""
    key_option: str = "api_key"
    """The option to look at where the server does not know us."""

    @property
    def place(self) -> str:
        """The address without what may be secret in it."""
        url = httpx2.URL(self.address)
        port = f":{url.port}" if url.port else ""
        return f"{url.scheme}://{url.host}{port}{url.path.rstrip('/')}"

    def fail(
        self, reason: ModelFailure, what: str, *, retry_after: float | None = None
    ) -> LanguageModelError:
        """An error of this model; `what` ends the sentence that its name begins."""
        return LanguageModelError(
            f"{self.name} {what}", reason=reason, model=self.name, retry_after=retry_after
        )

    def fail_by_time(self, limit: float) -> LanguageModelError:
        """The answer was not whole in time."""
        return self.fail(
            ModelFailure.TIMEOUT, f"at {self.place} gave no whole answer within its limit of {limit:g} s."
        )


def explain_error(
    error: Exception, caller: Caller, *, texts: Sequence[str] = (), has_begun: bool = False
) -> LanguageModelError:
    """Our error for that of the SDK.

    Args:
        texts: what must not be quoted, such as the prompt.
        has_begun: whether the server had begun to answer.
    """
    if isinstance(error, LanguageModelError):
        return error
    if isinstance(error, openai.APIStatusError):
        return _explain_status(error, caller, texts)
    if has_begun:
        return caller.fail(
            ModelFailure.BROKEN_OFF, f"at {caller.place} broke off its answer ({_name_cause(error)})."
        )
    return _explain_connection(error, caller)


def explain_status(
    status: int,
    caller: Caller,
    *,
    said: str = "",
    code: str = "",
    headers: Mapping[str, str] | None = None,
) -> LanguageModelError:
    """Our error for an HTTP status; `said` is what the provider said, fit to be quoted."""
    quote = f": {said}" if said else "."
    place = caller.place
    wait = read_retry_after(headers or {})
    if _means_unknown_model(status, said, code):
        return caller.fail(
            ModelFailure.UNKNOWN_MODEL,
            f"is not known at {place} ({status}); look at its `{caller.model_option}` and `api_base`{quote}",
        )
    match status:
        case 401 | 403:
            what = f"is not open to us at {place} ({status}); look at its `{caller.key_option}`{quote}"
            return caller.fail(ModelFailure.AUTHENTICATION, what)
        case 402 | 429:
            what = f"has no capacity or credit left for us at {place} ({status}){quote}"
            return caller.fail(ModelFailure.RATE_LIMIT, what, retry_after=wait)
        case 408:
            return caller.fail(ModelFailure.TIMEOUT, f"took too long at {place} ({status}){quote}")
        case 409 | 425:
            reason = ModelFailure.UNAVAILABLE
        case _:
            reason = ModelFailure.BAD_REQUEST if status < 500 else ModelFailure.UNAVAILABLE
    if reason is ModelFailure.BAD_REQUEST:
        return caller.fail(reason, f"refuses the request at {place} ({status}){quote}")
    return caller.fail(reason, f"cannot answer now at {place} ({status}){quote}", retry_after=wait)


def quote_provider(message: str, *, caller: Caller, texts: Sequence[str]) -> str:
    """The provider's sentence if it gives away neither the key nor the prompt; else nothing."""
    said = " ".join(message.split())[:_LONGEST_QUOTE]
    if caller.api_key and caller.api_key in message:
        return ""
    secret = " ".join(" ".join(text.split()) for text in texts)
    if any(text and text in message for text in texts):
        return ""
    if any(said[start : start + _OVERLAP] in secret for start in range(len(said) - _OVERLAP + 1)):
        return ""
    return said


def read_retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that the provider asks us to wait, if it does."""
    try:
        if "retry-after-ms" in headers:
            seconds = float(headers["retry-after-ms"]) / 1000
        else:
            seconds = float(headers["retry-after"])
    except KeyError:
        return None
    except ValueError:
        seconds = _read_date_difference(headers)
    return min(max(seconds, 0.0), _LONGEST_WAIT) if math.isfinite(seconds) else None


def _read_date_difference(headers: Mapping[str, str]) -> float:
    """Seconds from the server's own clock to the moment that it names."""
    try:
        then = parsedate_to_datetime(headers["retry-after"])
        return (then - parsedate_to_datetime(headers["date"])).total_seconds()
    except (KeyError, ValueError, TypeError):
        return float("nan")


def _explain_status(error: openai.APIStatusError, caller: Caller, texts: Sequence[str]) -> LanguageModelError:
    said = quote_provider(find_message(error), caller=caller, texts=texts)
    code = f"{error.code or ''} {error.type or ''}"
    return explain_status(error.status_code, caller, said=said, code=code, headers=error.response.headers)


def find_message(error: openai.APIStatusError) -> str:
    """The provider's own sentence, wherever it put it; nothing if its answer is a web page."""
    body: Any = error.body
    if not is_object(body):
        text = str(body or "")
        return "" if text.lstrip().startswith("<") else text
    return str(body.get("message") or body.get("detail") or body.get("error") or "")


def _means_unknown_model(status: int, said: str, code: str) -> bool:
    if status == 404:
        return True
    return status in (400, 422) and ("model_not_found" in code or bool(_NO_SUCH_MODEL.search(said)))


def _explain_connection(error: Exception, caller: Caller) -> LanguageModelError:
    place = caller.place
    for cause in _list_causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            what = (
                f"cannot be reached safely: the certificate of {place} is not to be trusted "
                f"({cause.verify_message}); name its authority's certificates in `ca_bundle`."
            )
            return caller.fail(ModelFailure.UNAVAILABLE, what)
        if isinstance(cause, httpx2.ProxyError):
            return caller.fail(
                ModelFailure.UNAVAILABLE,
                f"cannot be reached at {place}: the proxy of the environment refuses ({cause}).",
            )
    return caller.fail(ModelFailure.UNAVAILABLE, f"cannot be reached at {place} ({_name_cause(error)}).")


def _list_causes(error: BaseException) -> Iterator[BaseException]:
    seen: list[BaseException] = []
    found: BaseException | None = error
    while found is not None and found not in seen:
        seen.append(found)
        yield found
        found = found.__cause__ or found.__context__


def _name_cause(error: Exception) -> str:
    """The innermost cause in a few words."""
    *_, cause = _list_causes(error)
    words = " ".join(str(cause).split())[:120].rstrip(".")
    return words or type(cause).__name__
