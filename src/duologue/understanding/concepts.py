"""Words that mean the same: from a stem to the groups of meaning it belongs to."""

from collections.abc import Sequence
from functools import lru_cache

from duologue.understanding.lexicon.synonyms import PHRASES, SYNONYM_GROUPS
from duologue.understanding.text_features import stem


@lru_cache(maxsize=32)
def concepts_of(languages: tuple[str, ...]) -> dict[str, frozenset[str]]:
    """For every known stem the names of its groups of meaning."""
    groups: dict[str, set[str]] = {}
    for language in languages:
        for index, group in enumerate(SYNONYM_GROUPS.get(language, ())):
            for word in group.split():
                groups.setdefault(stem(word, language), set()).add(f"{language}{index}")
    return {word: frozenset(names) for word, names in groups.items()}


def share_concept(left: str, right: str, languages: Sequence[str]) -> bool:
    """Whether two stems belong to one group of meaning."""
    known = concepts_of(tuple(languages))
    return not known.get(left, frozenset[str]()).isdisjoint(known.get(right, frozenset[str]()))


_LONGEST_PHRASE = max(len(phrase.split()) for phrase in PHRASES)
_PHRASES = {tuple(phrase.split()): tuple(meaning.split()) for phrase, meaning in PHRASES.items()}
_PHRASE_HEADS = frozenset(phrase[0] for phrase in _PHRASES)


def join_phrases(words: Sequence[str]) -> list[str]:
    """Fixed expressions become the words they stand for: `cash machine` → atm."""
    joined: list[str] = []
    index = 0
    while index < len(words):
        if words[index] in _PHRASE_HEADS:
            for length in range(min(_LONGEST_PHRASE, len(words) - index), 1, -1):
                if meaning := _PHRASES.get(tuple(words[index : index + length])):
                    joined.extend(meaning)
                    index += length
                    break
            else:
                joined.append(words[index])
                index += 1
        else:
            joined.append(words[index])
            index += 1
    return joined
