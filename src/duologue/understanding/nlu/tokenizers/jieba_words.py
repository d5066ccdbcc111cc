"""Chinese words by the library jieba, with an author's own dictionaries."""

import logging
import warnings
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from duologue.core.errors import DefinitionError
from duologue.core.nlu_options import JiebaOptions
from duologue.understanding.nlu.message import Token, TrainingExample
from duologue.understanding.nlu.tokenizers.tokenizer import Tokenizer


def has_jieba() -> bool:
    """Whether the library is installed."""
    from importlib.util import find_spec

    return find_spec("jieba") is not None


class JiebaTokenizer(Tokenizer):
    """Splits by jieba's dictionary; the author's dictionaries become part of the model."""

    def __init__(self, options: JiebaOptions) -> None:
        """
        Raises:
            DefinitionError: the library is not installed.
        """
        if not has_jieba():
            raise DefinitionError(
                "`JiebaTokenizer` needs a library that is not installed: `pip install jieba`."
            )
        self._options = options
        self._dictionaries: Mapping[str, bytes] = {}
        self._words: Any = None
        super().__init__(options, self._cut)

    def train(self, examples: Sequence[TrainingExample]) -> None:
        """Take the dictionaries of `dictionary_path`; the examples teach nothing.

        Raises:
            DefinitionError: there is no such folder, or a file in it is no dictionary.
        """
        del examples
        if self._options.dictionary_path is None:
            return
        folder = Path(self._options.dictionary_path)
        if not folder.is_dir():
            raise DefinitionError(
                f"`JiebaTokenizer` looks for dictionaries in `{folder}`, which is no folder; mend `dictionary_path`."
            )
        files = (file for file in sorted(folder.iterdir()) if file.is_file())
        self.restore({file.name: file.read_bytes() for file in files})
        self._words = _open_jieba(self._dictionaries)

    def dump(self) -> dict[str, bytes]:
        return dict(self._dictionaries)

    def restore(self, files: Mapping[str, bytes]) -> None:
        self._dictionaries = dict(files)
        self._words = None

    def _cut(self, text: str) -> list[Token]:
        # Twice at worst, if two threads come first together; both get the same.
        words = self._words = self._words or _open_jieba(self._dictionaries)
        return [
            Token(text=word, start=start, end=end)
            for word, start, end in words.tokenize(text)
            if word.strip()
        ]


def _open_jieba(dictionaries: Mapping[str, bytes]) -> Any:
    """A tokenizer of its own, so that one assistant's dictionaries are not another's; jieba has no types."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import jieba  # pyright: ignore[reportMissingTypeStubs]

        logging.getLogger("jieba").setLevel(logging.WARNING)
        words: Any = jieba.Tokenizer()
        for name, content in sorted(dictionaries.items()):
            try:
                words.load_userdict(BytesIO(content))
            except (ValueError, UnicodeError):
                raise DefinitionError(
                    f"The dictionary `{name}` cannot be read; jieba wants `word frequency tag`, one word a line, in UTF-8."
                ) from None
        words.initialize()
    return words
