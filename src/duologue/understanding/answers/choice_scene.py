"""A message laid beside the listed values: their labels, its words, and what those share."""

from collections.abc import Sequence

import msgspec

from duologue.understanding.answers.answer import Span
from duologue.understanding.answers.framing import fillers_of
from duologue.understanding.lexicon.function_words import STOP_WORDS
from duologue.understanding.lexicon.polarity import NEGATIONS
from duologue.understanding.text_features import Token, split_identifier, stem, tokenise, words_in


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """A listed value and what it is called."""

    value: str
    titles: tuple[str, ...] = ()
    """Button titles, synonyms and translations; the value itself need not be repeated."""


class Label(msgspec.Struct, frozen=True, kw_only=True):
    """One name of a choice."""

    choice: Choice
    words: tuple[str, ...]
    """Stems, in order."""
    content: dict[str, str]
    """Stems that carry meaning, each with the word as written; all of them when none does."""


class ChoiceMatch(msgspec.Struct, frozen=True, kw_only=True):
    """A choice that the message may name."""

    choice: Choice
    spans: tuple[Span, ...]
    strength: float
    """1: the whole label was said. Lower: part of it, a slip of the keyboard, a word of the same meaning."""
    length: int
    """How many words of the label were said."""


class ChoiceScene(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the steps look at."""

    text: str
    tokens: tuple[Token, ...]
    stems: tuple[str, ...]
    """One for each token."""
    unwanted: frozenset[int]
    """Places of words said to be wrong."""
    content: tuple[tuple[Token, str], ...]
    """The tokens that carry meaning and are not unwanted, each with its stem."""
    choices: tuple[Choice, ...]
    labels: tuple[Label, ...]
    telling: frozenset[str]
    """Content words of labels that not every choice shares."""
    languages: tuple[str, ...]


SIZE_NAMES: dict[str, tuple[str, ...]] = {
    "s": ("small", "klein"),
    "m": ("medium", "mittel"),
    "l": ("large", "gross"),
    "xl": ("extra large", "x-large"),
    "xs": ("extra small", "x-small"),
}
# Often values themselves: `now`, `none`, `other`.
_VALUE_WORDS = frozenset(
    ["now", "other", "another", "none", "all", "same", "no", "yes", "on", "off", "up", "down", "in", "out"]
)
_REACH_OF_NOT = 3


def lay_out(text: str, choices: Sequence[Choice], languages: tuple[str, ...]) -> ChoiceScene:
    """Read the message and the labels once for all steps."""
    tokens = tuple(tokenise(text))
    stems = tuple(stem(token.word, languages[0]) for token in tokens)
    labels = tuple(label for choice in choices for label in _labels(choice, languages))
    unwanted = _unwanted(text, tokens, languages)
    ignored = (_ignored_words(languages) | fillers_of(languages)) - {"now"}
    return ChoiceScene(
        text=text,
        tokens=tokens,
        stems=stems,
        unwanted=unwanted,
        content=tuple(
            (token, said)
            for index, (token, said) in enumerate(zip(tokens, stems, strict=True))
            if token.word not in ignored and index not in unwanted
        ),
        choices=tuple(choices),
        labels=labels,
        telling=_telling_words(labels),
        languages=languages,
    )


def _labels(choice: Choice, languages: tuple[str, ...]) -> list[Label]:
    is_brand = choice.value[:1].isupper() and choice.value.isalpha()
    value = choice.value if is_brand else " ".join(split_identifier(choice.value)) or choice.value
    sizes = SIZE_NAMES.get(choice.value.casefold(), ())
    written = dict.fromkeys((value, *choice.titles, *sizes))
    return [label for text in written if (label := _label(choice, text, languages))]


def _label(choice: Choice, text: str, languages: tuple[str, ...]) -> Label | None:
    words = [token.word for token in tokenise(text)]
    if not words:
        return None
    ignored = _ignored_words(languages)
    content = [word for word in words if word not in ignored] or words
    return Label(
        choice=choice,
        words=tuple(stem(word, languages[0]) for word in words),
        content={stem(word, languages[0]): word for word in content},
    )


def _ignored_words(languages: Sequence[str]) -> frozenset[str]:
    return words_in(STOP_WORDS, languages) - _VALUE_WORDS


def _unwanted(text: str, tokens: Sequence[Token], languages: Sequence[str]) -> frozenset[int]:
    """Those just after `not`, unless a comma parts them."""
    negations = words_in(NEGATIONS, languages) | {"no", "without"}
    unwanted: set[int] = set()
    for index, token in enumerate(tokens):
        if token.word not in negations:
            continue
        for later in range(index + 1, min(index + 1 + _REACH_OF_NOT, len(tokens))):
            if text[tokens[later - 1].end : tokens[later].start].strip():
                break
            unwanted.add(later)
    return frozenset(unwanted)


def _telling_words(labels: Sequence[Label]) -> frozenset[str]:
    values = {label.choice.value for label in labels}
    owners: dict[str, set[str]] = {}
    for label in labels:
        for word in label.content:
            owners.setdefault(word, set()).add(label.choice.value)
    return frozenset(word for word, owner in owners.items() if len(owner) < len(values) or len(values) == 1)
