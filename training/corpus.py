"""What the light vectors are trained on: a vocabulary, sentences, and the meanings of words."""

import random
import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from wordfreq import top_n_list

from training import open_data

_WORD = re.compile(r"^[^\W\d_]{2,}(?:'[^\W\d_]+)?$")
_COMMON, _TELLING, _LONGEST_GLOSS, _SNIPS = 34_000, 16_000, 20, 5000


class Corpus(NamedTuple):
    """Texts for the teacher, in an order that never changes."""

    words: tuple[str, ...]
    """The commonest first; then words that only the data sets have."""
    sentences: tuple[str, ...]
    glosses: tuple[tuple[str, str], ...]
    """Words of one meaning, and what they mean."""


def read_corpus(data: Path, wordnet: Path) -> Corpus:
    """Everything but what is held out."""
    common = [word for word in top_n_list("en", _COMMON) if _WORD.match(word) and word.isascii()]
    sentences = _read_sentences(data)
    counts = Counter(word for text in sentences for word in re.findall(r"[a-z]+(?:'[a-z]+)?", text.lower()))
    known = set(common)
    words = [
        *common,
        *(word for word, count in counts.items() if count > 1 and word not in known and _WORD.match(word)),
    ]
    glosses, quoted = _read_glosses(wordnet, {word: rank for rank, word in enumerate(words)})
    return Corpus(tuple(words), tuple(dict.fromkeys([*sentences, *quoted])), tuple(glosses))


def _read_sentences(data: Path) -> list[str]:
    sets = (
        open_data.read_clinc(data),
        open_data.read_banking(data),
        open_data.read_xsid(data, ("en",)),
        open_data.read_nlupp(data),
    )
    sentences = [said.text for each in sets for said in each if not said.is_held_out]
    snips = [said.text for said in open_data.read_snips(data)]
    random.Random(1).shuffle(snips)
    return [*sentences, *snips[:_SNIPS], *open_data.read_other_sentences(data)]


def _read_glosses(wordnet: Path, ranks: dict[str, int]) -> tuple[list[tuple[str, str]], list[str]]:
    """The meanings of common words, and the sentences that WordNet quotes for them."""
    glosses: list[tuple[str, str]] = []
    quoted: list[str] = []
    for words, gloss in open_data.read_glosses(wordnet):
        if min(ranks.get(word, _TELLING) for word in words.split(", ")) >= _TELLING:
            continue
        meaning, *rest = (part.strip() for part in gloss.split(";"))
        if len(meaning.split()) > _LONGEST_GLOSS:
            continue
        glosses.append((words, meaning))
        quoted.extend(part.strip('"') for part in rest if part.startswith('"'))
    random.Random(2).shuffle(glosses)
    return glosses, quoted
