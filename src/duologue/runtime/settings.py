"""What the environment sets; the only module that knows the names of environment variables."""

import math
import os
from collections.abc import Mapping

import msgspec

from duologue.core.errors import DefinitionError

_MOST_DIGITS = 9


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of one server process."""

    action_timeout: float = 300.0
    """Seconds that a custom action may take."""
    events_for_actions: int = 100
    """How many of the latest events a custom action sees; 0 = all of the conversation."""
    clarify_on_multiple_start_flows: bool = False
    """A message that asks for several flows is clarified instead of starting them one after the other."""
    use_language_models: bool = True
    """Ask the language models that the project names; without them the local understander answers alone."""
    check_language_models: bool = False
    """Refuse to start unless every language model that the project names answers."""
    use_embeddings: bool = False
    """Let the local understander compare meanings with the transformer of the extra `embeddings`, if it is installed."""
    variables: Mapping[str, str] = {}
    """The whole environment, for `${NAME}` in the project's files."""

    @classmethod
    def from_environment(cls, variables: Mapping[str, str] | None = None) -> "Settings":
        """Settings of the process.

        Raises:
            DefinitionError: a variable cannot be read; the text names it.
        """
        given = dict(os.environ if variables is None else variables)
        return cls(
            action_timeout=_read_seconds(given, "DUOLOGUE_ACTION_TIMEOUT", 300.0),
            events_for_actions=_read_count(given, "DUOLOGUE_EVENTS_FOR_ACTIONS", 100),
            clarify_on_multiple_start_flows=_read_flag(given, "CLARIFY_ON_MULTIPLE_START_FLOWS"),
            use_language_models=_read_flag(given, "DUOLOGUE_LANGUAGE_MODELS", default=True),
            use_embeddings=_read_flag(given, "DUOLOGUE_EMBEDDINGS"),
            check_language_models=_read_flag(given, "LLM_API_HEALTH_CHECK"),
            variables=given,
        )


def _read_seconds(variables: Mapping[str, str], name: str, default: float) -> float:
    text = variables.get(name, "").strip()
    if not text:
        return default
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if math.isfinite(seconds) and seconds > 0:
        return seconds
    raise _refuse(name, "a number of seconds, more than 0", text)


def _read_count(variables: Mapping[str, str], name: str, default: int) -> int:
    text = variables.get(name, "").strip()
    if not text:
        return default
    if text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS:
        return int(text)
    raise _refuse(name, "a whole number, 0 or more", text)


def _read_flag(variables: Mapping[str, str], name: str, *, default: bool = False) -> bool:
    text = variables.get(name, "").strip()
    if not text:
        return default
    if text.casefold() in {"0", "false", "no", "off"}:
        return False
    if text.casefold() in {"1", "true", "yes", "on"}:
        return True
    raise _refuse(name, "true or false", text)


def _refuse(name: str, wanted: str, text: str) -> DefinitionError:
    return DefinitionError(f"The environment variable {name} must be {wanted}, not {text!r}.")
