"""Whether regular expressions and lookup tables match somewhere in a text."""

import re
from collections.abc import Mapping, Sequence

import msgspec

from duologue.understanding.nlu.component import NluResources
from duologue.understanding.nlu.features.recipe import PatternOptions


class PatternTable(msgspec.Struct, frozen=True, kw_only=True):
    """The regular expressions to look for, in order."""

    patterns: tuple[str, ...]
    is_case_sensitive: bool = True


class PatternFinder:
    """Says which patterns match."""

    def __init__(self, table: PatternTable) -> None:
        flags = 0 if table.is_case_sensitive else re.IGNORECASE
        self._patterns = tuple(re.compile(pattern, flags) for pattern in table.patterns)

    def find(self, text: str) -> list[int]:
        """The places of the matching patterns."""
        return [place for place, pattern in enumerate(self._patterns) if pattern.search(text)]


def gather_patterns(options: PatternOptions, resources: NluResources) -> PatternTable:
    """The patterns of the training data; one that Python cannot read is left out, as its check has said so."""
    patterns: list[str] = []
    if options.use_regexes:
        for name in sorted(resources.regexes):
            patterns.extend(pattern for pattern in resources.regexes[name] if _is_readable(pattern))
    if options.use_lookups:
        patterns.extend(_list_lookups(resources.lookups, options))
    return PatternTable(patterns=tuple(patterns), is_case_sensitive=options.case_sensitive)


def _list_lookups(lookups: Mapping[str, Sequence[str]], options: PatternOptions) -> list[str]:
    edge = r"\b" if options.use_word_boundaries else ""
    return [
        f"{edge}(?:{'|'.join(re.escape(value) for value in sorted(set(lookups[name])))}){edge}"
        for name in sorted(lookups)
        if lookups[name]
    ]


def _is_readable(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True
