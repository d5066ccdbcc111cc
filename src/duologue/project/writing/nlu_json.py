"""NLU data in the JSON of Rasa 1, for programs that still read it."""

import json
from typing import Any

from duologue.project.nlu_files import NluReading


def write_nlu_json(reading: NluReading) -> str:
    """The text of a file `rasa_nlu_data`."""
    spellings: dict[str, list[str]] = {}
    for spelling, value in reading.synonyms.items():
        spellings.setdefault(value, []).append(spelling)
    data: dict[str, Any] = {
        "common_examples": [
            {"text": example.text, "intent": example.intent, "entities": list(example.entities)}
            | ({"metadata": example.metadata} if example.metadata else {})
            for example in reading.examples
        ],
        "regex_features": [
            {"name": name, "pattern": pattern}
            for name, patterns in reading.regexes.items()
            for pattern in patterns
        ],
        "lookup_tables": [{"name": name, "elements": list(words)} for name, words in reading.lookups.items()],
        "entity_synonyms": [{"value": value, "synonyms": given} for value, given in spellings.items()],
    }
    return json.dumps({"rasa_nlu_data": data}, ensure_ascii=False, indent=2) + "\n"
