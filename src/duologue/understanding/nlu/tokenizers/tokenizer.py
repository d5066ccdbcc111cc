"""What a tokenizer is, and the author's pattern that splits tokens further."""

import re
from collections.abc import Callable, Sequence

from duologue.core.errors import DefinitionError
from duologue.core.nlu_options import TokenizerOptions
from duologue.understanding.nlu.message import NluMessage, Token


class Tokenizer:
    """A component that splits a text; `split` is its own way, the author's `token_pattern` comes after."""

    def __init__(self, options: TokenizerOptions, split: Callable[[str], Sequence[Token]]) -> None:
        self._split = split
        self._pattern = _compile_pattern(options.token_pattern)

    def tokenize(self, text: str) -> tuple[Token, ...]:
        """The tokens of a text, in order; none for a text of blanks only."""
        tokens = self._split(text)
        if self._pattern is None:
            return tuple(tokens)
        return tuple(piece for token in tokens for piece in _split_further(token, self._pattern))

    def process(self, message: NluMessage) -> None:
        message.tokens = self.tokenize(message.text)


def _compile_pattern(pattern: str | None) -> re.Pattern[str] | None:
    try:
        return re.compile(pattern) if pattern else None
    except re.error as error:
        raise DefinitionError(
            f"`token_pattern` is not a regular expression that can be used: {error}; mend it in `config.yml`."
        ) from None


def _split_further(token: Token, pattern: re.Pattern[str]) -> list[Token]:
    """What the pattern, or its first group, finds in the token; the token itself if it finds nothing."""
    group = 1 if pattern.groups else 0
    spans = [found.span(group) for found in pattern.finditer(token.text)]
    return [
        Token(
            text=token.text[start:end],
            start=token.start + start,
            end=token.start + end,
            lemma=token.lemma,
            tag=token.tag,
        )
        for start, end in spans
        if end > start
    ] or [token]
