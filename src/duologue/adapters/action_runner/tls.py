"""The certificates of calls: whom we trust, and who we are."""

import ssl

from duologue.adapters.action_runner.options import ActionServerOptions
from duologue.core.errors import DefinitionError


def load_tls(options: ActionServerOptions) -> ssl.SSLContext:
    """What an encrypted connection needs.

    Raises:
        DefinitionError: a file cannot be read, or is not what it should be.
    """
    context = _load_authorities(options)
    if options.client_certificate is not None:
        _load_own_certificate(context, options, options.client_certificate)
    elif options.client_key is not None:
        raise DefinitionError(
            f"`action_endpoint` has a `client_key` without a `client_certificate` ({options.place}); name both."
        )
    return context


def _load_authorities(options: ActionServerOptions) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=options.cafile)
    except OSError as error:  # an `ssl.SSLError` is one too
        raise DefinitionError(
            f"The `cafile` of `action_endpoint`, {options.cafile}, cannot be used ({options.place}): {_explain(error)}."
        ) from error


def _load_own_certificate(context: ssl.SSLContext, options: ActionServerOptions, certificate: str) -> None:
    # Without a password of ours OpenSSL would ask for one at the terminal.
    password = options.client_key_password or ""
    try:
        context.load_cert_chain(certificate, options.client_key, password=lambda: password)
    except (OSError, ValueError) as error:
        files = certificate if options.client_key is None else f"{certificate} with {options.client_key}"
        raise DefinitionError(
            f"The `client_certificate` of `action_endpoint`, {files}, cannot be used ({options.place}): {_explain(error)}."
        ) from error


def _explain(error: Exception) -> str:
    match error:
        case ssl.SSLError(reason=str() as reason):
            return reason.replace("_", " ").lower()
        case ssl.SSLError():
            return "it holds no certificate in PEM, or the password of its key is missing or wrong"
        case OSError(strerror=str() as text):
            return text
        case _:
            return str(error)
