"""Which features an intent model looks at, as the featurizers of a pipeline ask for them."""

from typing import Literal

import msgspec


class NgramOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Pieces of a text that are counted: runs of words or of characters."""

    analyzer: Literal["word", "char", "char_wb"] = "word"
    """`char_wb` stays within words."""
    min_ngram: int = 1
    max_ngram: int = 1
    min_df: int | float = 1
    """Least examples with a piece: a number, or a share of all examples."""
    max_df: int | float = 1.0
    max_features: int | None = None
    """Only the most frequent pieces; None for all."""
    lowercase: bool = True
    strip_accents: Literal["ascii", "unicode"] | None = None
    stop_words: tuple[str, ...] = ()
    oov_token: str = ""
    """Stands for each word that no example holds; empty for none."""
    oov_words: tuple[str, ...] = ()
    """Words of examples that count as unknown."""
    token_pattern: str = ""
    """Splits the text into words; empty for the words of the pipeline's tokenizer."""
    use_lemma: bool = True


class PatternOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Regular expressions and lookup tables that match somewhere in the text."""

    use_regexes: bool = True
    use_lookups: bool = True
    use_word_boundaries: bool = True
    case_sensitive: bool = True


OWN_NGRAMS = (
    NgramOptions(analyzer="word", min_ngram=1, max_ngram=2),
    NgramOptions(analyzer="char_wb", min_ngram=2, max_ngram=5),
)
"""What is always worth a look."""


class FeatureRecipe(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that an intent model looks at."""

    ngrams: tuple[NgramOptions, ...] = OWN_NGRAMS
    patterns: PatternOptions | None = None
    lexical: tuple[tuple[str, ...], ...] = ()
    """What words look like; for those who label words, as it says nothing about an intent."""
    use_vectors: bool = True
    """The light vectors of words."""
    use_encoder: bool = True
    """The sentence encoder, if there is one."""
    is_own: bool = True
    """What is named is the least: features of ours that cost little come beside it."""

    def list_ngrams(self) -> tuple[NgramOptions, ...]:
        """The pieces to count, those that others hold already left out."""
        if not self.is_own:
            return self.ngrams
        others = tuple(named for named in self.ngrams if not any(_covers(own, named) for own in OWN_NGRAMS))
        return OWN_NGRAMS + others


def _covers(own: NgramOptions, named: NgramOptions) -> bool:
    plain = NgramOptions(
        analyzer=named.analyzer,
        min_ngram=own.min_ngram,
        max_ngram=own.max_ngram,
    )
    return (
        own == plain
        and named.max_ngram <= own.max_ngram
        and msgspec.structs.replace(named, min_ngram=own.min_ngram, max_ngram=own.max_ngram, use_lemma=True)
        == plain
    )
