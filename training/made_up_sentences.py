"""Sentences put together by chance from common words, so that every common word is met in company."""

import random
from collections.abc import Sequence
from pathlib import Path

from wordfreq import top_n_list

_FRAMES = (
    "my {noun} is {adj}",
    "the {noun} in my {noun} got {past}",
    "i want to {verb} my {noun}",
    "how do i {verb} a {noun}",
    "can you {verb} the {noun} for the {noun}",
    "{verb} the {adj} {noun}",
    "there is a {noun} on my {noun}",
    "somebody {past} my {noun}",
    "i need a {adj} {noun} for my {noun}",
    "{noun} {noun}",
    "{verb} a {noun} or a {noun}",
    "helps people {verb} their {noun}",
    "my {noun} stopped {ing}",
    "i lost my {noun} at the {noun}",
    "we are {ing} to the {noun} next week",
    "is the {noun} {adj}",
    "i would like to know about {noun} and {noun}",
    "the {noun} has not {past} yet",
    "change the {noun} of my {noun}",
    "report a {adj} {noun}",
    "the {noun} {past} and now the {noun} is {adj}",
    "{ing} {noun} {noun}",
)
_COMMON, _SHORTEST = 14_000, 3


def make_sentences(wordnet: Path, count: int, *, seed: int) -> list[str]:
    """That many sentences; the same for the same seed."""
    chance = random.Random(seed)
    words = {kind: read_common_words(wordnet, kind) for kind in ("noun", "verb", "adj")}
    return [_fill(chance.choice(_FRAMES), words, chance) for _ in range(count)]


def read_common_words(wordnet: Path, kind: str) -> list[str]:
    """The common words that WordNet knows as this kind of word."""
    common = set(top_n_list("en", _COMMON))
    found: dict[str, None] = {}
    for line in (wordnet / f"data.{kind}").read_text(encoding="utf-8").splitlines():
        if line.startswith("  "):
            continue
        parts = line.split()
        for place in range(int(parts[3], 16)):
            word = parts[4 + 2 * place].partition("(")[0]
            if word in common and word.isalpha() and len(word) >= _SHORTEST:
                found[word] = None
    return list(found)


def _fill(frame: str, words: dict[str, list[str]], chance: random.Random) -> str:
    filled: list[str] = []
    for part in frame.split():
        match part:
            case "{past}":
                verb = chance.choice(words["verb"])
                filled.append(verb + "d" if verb.endswith("e") else verb + "ed")
            case "{ing}":
                filled.append(chance.choice(words["verb"]).removesuffix("e") + "ing")
            case "{noun}" | "{verb}" | "{adj}":
                filled.append(chance.choice(_of_kind(words, part)))
            case _:
                filled.append(part)
    return " ".join(filled)


def _of_kind(words: dict[str, list[str]], part: str) -> Sequence[str]:
    return words[part.strip("{}")]
