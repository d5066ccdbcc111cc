"""Passwords and keys for actions: from the environment, from files, or from wherever the server keeps them."""

import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Protocol

from duologue.sdk.errors import SdkError


class MissingSecretError(SdkError):
    """A secret that an action needs is nowhere, or cannot be read."""


class SecretProvider(Protocol):
    """Knows secrets. It is asked from any thread and on the event loop: whoever fetches from afar keeps a copy."""

    def find_secret(self, name: str) -> str | None:
        """Give a secret; None if there is none of that name."""
        ...


class EnvironmentSecrets:
    """Secrets in environment variables, or in files that variables point to: `NAME`, or `NAME_FILE` with a path."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._environment = os.environ if environment is None else environment

    def find_secret(self, name: str) -> str | None:
        """Give a secret; a file's last line break is not a part of it."""
        if (value := self._environment.get(name)) is not None:
            return value
        path = self._environment.get(f"{name}_FILE")
        return None if path is None else _read(name, Path(path))


_provider: ContextVar[SecretProvider | None] = ContextVar("duologue_sdk_secrets", default=None)


def get_secret(name: str) -> str:
    """Give a secret.

    Raises:
        MissingSecretError: there is none of that name; the text says where it is looked for, never what it is.
    """
    value = find_secret(name)
    if value is None:
        raise MissingSecretError(
            f"There is no secret '{name}': set the environment variable {name}, or {name}_FILE to the path of a file "
            "that holds it."
        )
    return value


def find_secret(name: str) -> str | None:
    """Give a secret; None if there is none of that name."""
    return (_provider.get() or EnvironmentSecrets()).find_secret(name)


@contextmanager
def offered_secrets(provider: SecretProvider | None) -> Generator[None]:
    """Let `get_secret` ask this provider in all that runs inside; None leaves it as it is."""
    token = _provider.set(provider or _provider.get())
    try:
        yield
    finally:
        _provider.reset(token)


def _read(name: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").removesuffix("\n").removesuffix("\r")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise MissingSecretError(
            f"{name}_FILE points to '{path}', which cannot be read: {reason}."
        ) from error
