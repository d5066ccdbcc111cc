"""The listed value that a message means without saying it: `a lamp post` for `street light`."""

from collections.abc import Sequence

from duologue.understanding.answers.choice import Choice
from duologue.understanding.text_features import split_identifier, tokenise
from duologue.understanding.vectors.sentence_vectors import read_vectors

_LONGEST = 400
_OPEN_VALUES = frozenset(
    {
        "other",
        "others",
        "else",
        "none",
        "anything",
        "everything",
        "all",
        "sonstiges",
        "anderes",
        "andere",
        "keine",
        "alles",
    }
)


def find_meant_by_word(
    words: Sequence[str], choices: Sequence[Choice], *, languages: tuple[str, ...]
) -> str | None:
    """The value that one telling word comes near in meaning, and no other value does: `my dog` for `pet`."""
    if len(choices) < 2:
        return None
    vectors = read_vectors(languages)
    labels = [
        (
            choice.value,
            [
                vectors.embed_one(" ".join(split_identifier(text)) or text)
                for text in (choice.value, *choice.titles)
            ],
        )
        for choice in choices
    ]
    found: set[str] = set()
    for word in words[:_MOST_WORDS]:
        said = vectors.embed_one(word)
        near = sorted(
            ((max(float(label @ said) for label in own), value) for value, own in labels), reverse=True
        )
        if near[0][0] >= _NEAR_WORD and near[0][0] - near[1][0] >= _WORD_AHEAD:
            found.add(near[0][1])
    return found.pop() if len(found) == 1 else None


_NEAR_WORD, _WORD_AHEAD, _MOST_WORDS = 0.5, 0.25, 12


def find_meant_choice(
    text: str, choices: Sequence[Choice], *, languages: tuple[str, ...], at_least: float, ahead: float
) -> str | None:
    """The value nearest in meaning, if it is near enough and far enough ahead of the next."""
    if len(choices) < 2:
        return None
    vectors = read_vectors(languages)
    said = vectors.embed_one(text[:_LONGEST])
    near: list[tuple[float, str]] = []
    for choice in choices:
        labels = dict.fromkeys((" ".join(split_identifier(choice.value)) or choice.value, *choice.titles))
        if any(token.word in _OPEN_VALUES for label in labels for token in tokenise(label)):
            continue
        near.append((max(float(vectors.embed_one(label) @ said) for label in labels), choice.value))
    near.sort(reverse=True)
    if not near or near[0][0] < at_least:
        return None
    return near[0][1] if len(near) == 1 or near[0][0] - near[1][0] >= ahead else None
