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
