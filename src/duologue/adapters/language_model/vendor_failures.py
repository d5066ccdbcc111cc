"""Failures of a vendor's model as our errors: one sentence for an operator, no key, no prompt."""

import re
import ssl
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from duologue.core.errors import DefinitionError, LanguageModelError, ModelFailure
from duologue.ports.language_model import ModelRequest

_LONGEST_QUOTE = 300
_LONGEST_WAIT = 3600.0
_OVERLAP = 12
"""What a vendor says is not passed on if this many characters of it in a row stand in the prompt."""
_NO_SUCH_MODEL = re.compile(
    r"model\b.{0,80}\b(not exist|not found|is not available|is invalid)|(invalid|unknown) model", re.I
)


class Vendor(msgspec.Struct, frozen=True, kw_only=True):
    """Whose model it is, for the sentence."""

    name: str
    """The model, such as `anthropic/claude`."""
    secrets: tuple[str, ...] = ()
    """Keys, which no sentence shows."""

    def fail(
        self, reason: ModelFailure, what: str, *, retry_after: float | None = None
    ) -> LanguageModelError:
        """An error of this model; `what` ends the sentence that its name begins."""
        return LanguageModelError(
            f"{self.name} {what}", reason=reason, model=self.name, retry_after=retry_after
        )

    def fail_by_time(self, limit: float) -> LanguageModelError:
        return self.fail(ModelFailure.TIMEOUT, f"gave no whole answer within its limit of {limit:g} s.")

    def fail_in_the_middle(self, error: BaseException | None = None) -> LanguageModelError:
        cause = f" ({name_cause(error)})" if error else ""
        return self.fail(ModelFailure.BROKEN_OFF, f"broke off its answer{cause}.")

    def fail_to_connect(self, error: BaseException) -> LanguageModelError:
        for cause in _list_causes(error):
            # A driver's own error of that kind has no words for it; the one that it wraps has.
            if isinstance(cause, ssl.SSLCertVerificationError) and hasattr(cause, "verify_message"):
                return self.fail(
                    ModelFailure.UNAVAILABLE,
                    f"cannot be reached safely: the certificate is not to be trusted ({cause.verify_message}); name its"
                    " authority's certificates in `ca_bundle`.",
                )
        return self.fail(ModelFailure.UNAVAILABLE, f"cannot be reached ({name_cause(error)}).")

    def fail_by_status(
        self,
        status: int,
        *,
        said: str = "",
        code: str = "",
        headers: Mapping[str, str] | None = None,
        texts: Sequence[str] = (),
    ) -> LanguageModelError:
        """An HTTP status; `texts` are what must not be quoted."""
        quote = self._quote(said, texts)
        wait = read_retry_after(headers or {})
        if status == 404 or (
            status in (400, 422) and (_NO_SUCH_MODEL.search(said) or "model_not_found" in code)
        ):
            return self.fail(
                ModelFailure.UNKNOWN_MODEL, f"is not known there ({status}); look at its `model`{quote}"
            )
        match status:
            case 401 | 403:
                return self.fail(
                    ModelFailure.AUTHENTICATION, f"does not accept our credentials ({status}){quote}"
                )
            case 402 | 429:
                what = f"has no capacity or credit left for us ({status}){quote}"
                return self.fail(ModelFailure.RATE_LIMIT, what, retry_after=wait)
            case 408 | 504:
                return self.fail(ModelFailure.TIMEOUT, f"took too long ({status}){quote}")
            case _:
                pass
        if status < 500 and status not in (409, 424, 425):
            return self.fail(ModelFailure.BAD_REQUEST, f"refuses the request ({status}){quote}")
        return self.fail(ModelFailure.UNAVAILABLE, f"cannot answer now ({status}){quote}", retry_after=wait)

    def _quote(self, message: str, texts: Sequence[str]) -> str:
        """The vendor's own sentence if it gives nothing away, and the end of ours."""
        said = " ".join(message.split())[:_LONGEST_QUOTE]
        ours = " ".join(" ".join(text.split()) for text in texts)
        gives_away = (
            any(secret and secret in message for secret in self.secrets)
            or any(text.strip() and text.strip() in message for text in texts)
            or any(said[start : start + _OVERLAP] in ours for start in range(len(said) - _OVERLAP + 1))
        )
        return f": {said}" if said and not gives_away else "."


def list_texts(request: ModelRequest) -> tuple[str, str]:
    """What no sentence may quote."""
    return request.prefix, request.prompt


def name_cause(error: BaseException) -> str:
    """The innermost cause in a few words."""
    *_, cause = _list_causes(error)
    words = " ".join(str(cause).split())[:120].rstrip(".")
    return words or type(cause).__name__


def read_retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that the vendor asks us to wait, if it does."""
    text = headers.get("retry-after")
    try:
        return None if text is None else min(max(float(text), 0.0), _LONGEST_WAIT)
    except ValueError:
        return None


def load_authorities(ca_bundle: object) -> ssl.SSLContext | bool:
    """The authorities to trust; True for the usual ones.

    Raises:
        DefinitionError: there are no certificates.
    """
    if not ca_bundle:
        return True
    path = Path(str(ca_bundle)).expanduser()
    try:
        if path.is_dir():
            return ssl.create_default_context(capath=path)
        return ssl.create_default_context(cafile=path)
    except (OSError, ssl.SSLError) as error:
        raise DefinitionError(
            f"The certificates in {ca_bundle} cannot be loaded: {error.strerror or error}."
        ) from None


def _list_causes(error: BaseException) -> Iterator[BaseException]:
    seen: list[BaseException] = []
    found: BaseException | None = error
    while found is not None and found not in seen:
        seen.append(found)
        yield found
        found = found.__cause__ or found.__context__
