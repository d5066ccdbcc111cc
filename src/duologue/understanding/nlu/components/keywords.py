"""`KeywordIntentClassifier`: a message that holds an example has that example's intent."""

import re
from collections.abc import Callable, Mapping, Sequence

import msgspec

from duologue.core.nlu_options import KeywordOptions
from duologue.core.understanding import Intent
from duologue.understanding.nlu.message import NluMessage, TrainingExample

_FILE = "keywords.json"


class KeywordIntentClassifier:
    """Looks for its keywords in the order of the examples; a keyword that is not clear is left out."""

    def __init__(self, options: KeywordOptions, report: Callable[[str], None]) -> None:
        self._flags = 0 if options.case_sensitive else re.IGNORECASE
        self._report = report
        self._intents: dict[str, str] = {}
        self._patterns: list[tuple[re.Pattern[str], str]] = []

    def train(self, examples: Sequence[TrainingExample]) -> None:
        intents: dict[str, set[str]] = {}
        for example in examples:
            if example.intent and example.text.strip():
                intents.setdefault(example.text, set()).add(example.intent)
        unclear = {keyword for keyword, names in intents.items() if len(names) > 1}
        self._set({keyword: min(names) for keyword, names in intents.items() if keyword not in unclear})
        unclear |= self._find_contained()
        self._set({keyword: name for keyword, name in self._intents.items() if keyword not in unclear})
        for keyword in sorted(unclear):
            self._report(
                f"The keyword `{keyword}` stands for more than one intent; `KeywordIntentClassifier` leaves it out."
            )

    def process(self, message: NluMessage) -> None:
        name = next((name for pattern, name in self._patterns if pattern.search(message.text)), None)
        if name is not None:
            others = [intent for intent in message.intents if intent.name != name]
            message.intents[:] = [Intent(name=name), *others]

    def dump(self) -> dict[str, bytes]:
        return {_FILE: msgspec.json.encode(self._intents)}

    def restore(self, files: Mapping[str, bytes]) -> None:
        self._set(msgspec.json.decode(files[_FILE], type=dict[str, str]))

    def _set(self, intents: dict[str, str]) -> None:
        self._intents = intents
        self._patterns = [(_compile_keyword(keyword, self._flags), name) for keyword, name in intents.items()]

    def _find_contained(self) -> set[str]:
        """Keywords that stand inside a keyword of another intent."""
        return {
            keyword
            for (pattern, name), keyword in zip(self._patterns, self._intents, strict=True)
            if any(name != other and pattern.search(text) for text, other in self._intents.items())
        }


def _compile_keyword(keyword: str, flags: int) -> re.Pattern[str]:
    """A keyword is a regular expression, as in Rasa; one that is none stands for its letters."""
    try:
        return re.compile(rf"\b{keyword}\b", flags)
    except re.error:
        return re.compile(rf"\b{re.escape(keyword)}\b", flags)
