"""The real Duckling, where its package is installed. A text can keep it busy for minutes: see `worker`."""

import re
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from zoneinfo import TZPATH

from duologue.core.values import OpenData

LANGUAGES = frozenset(
    [
        "af",
        "ar",
        "bg",
        "bn",
        "ca",
        "cs",
        "da",
        "de",
        "el",
        "en",
        "es",
        "et",
        "fa",
        "fi",
        "fr",
        "ga",
        "he",
        "hi",
        "hr",
        "hu",
        "id",
        "is",
        "it",
        "ja",
        "ka",
        "km",
        "kn",
        "ko",
        "lo",
        "ml",
        "mn",
        "my",
        "nb",
        "ne",
        "nl",
        "pl",
        "pt",
        "ro",
        "ru",
        "sk",
        "sv",
        "sw",
        "ta",
        "te",
        "th",
        "tr",
        "uk",
        "vi",
        "zh",
    ]
)
_UNREADABLE = re.compile("[\x00\ud800-\udfff]")


class NativeDuckling:
    """Duckling for one locale and time zone."""

    def __init__(self, locale: str, timezone: str, dimensions: Sequence[str]) -> None:
        self._zone = timezone
        module = _load_duckling()
        language = locale.partition("_")[0]
        default = module.default_locale_lang(module.parse_lang(language.upper()))
        self._locale = module.parse_locale(_spell_locale(locale), default)
        self._dimensions = module.parse_dimensions([*dimensions])

    def read(self, text: str, now: float) -> list[OpenData]:
        module = _load_duckling()
        reference = module.parse_ref_time(_load_zones(), self._zone, int(now))
        context = module.Context(reference, self._locale)
        # The same length, so that places stay true.
        found: list[OpenData] = module.parse(_UNREADABLE.sub(" ", text), context, self._dimensions, False)
        return [{**_mend(match), "body": text[match["start"] : match["end"]]} for match in found]


def has_native(locale: str) -> bool:
    """Whether Duckling's package is installed and knows the language."""
    if find_spec("duckling") is None or not _find_zones():
        return False
    return locale.partition("_")[0] in LANGUAGES


def _spell_locale(locale: str) -> str:
    language, _, region = locale.partition("_")
    return f"{language.upper()}_{region.upper()}" if region else f"{language.upper()}_XX"


def _mend(value: Any) -> Any:
    """The package hands back UTF-8 read as Latin-1."""
    if isinstance(value, str):
        try:
            return value.encode("latin-1").decode()
        except UnicodeError:
            return value
    if isinstance(value, dict):
        return {key: _mend(part) for key, part in value.items()}  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, list):
        return [_mend(part) for part in value]  # pyright: ignore[reportUnknownVariableType]
    return value


@cache
def _load_duckling() -> Any:
    """The package; it has no types worth the name."""
    import duckling  # pyright: ignore[reportMissingTypeStubs]

    return duckling


@cache
def _load_zones() -> Any:
    return _load_duckling().load_time_zones(_find_zones())


@cache
def _find_zones() -> str:
    """The folder of the machine's table of time zones; empty if it has none."""
    packaged = find_spec("tzdata")
    folders = [*TZPATH]
    if packaged is not None and packaged.origin:
        folders.append(str(Path(packaged.origin).parent / "zoneinfo"))
    return next((folder for folder in folders if (Path(folder) / "Europe").is_dir()), "")
