"""What `config.yml` may say of the components that read intents, entities and responses out of a text."""

from typing import Annotated, Literal, TypeAlias

import msgspec

from duologue.core.generator_options import UserInputOptions

NLU_ADAPTER = "NLUCommandAdapter"
FALLBACK_CLASSIFIER = "FallbackClassifier"
FALLBACK_INTENT = "nlu_fallback"
"""The intent of a message that the classifier is not sure of."""

Share: TypeAlias = Annotated[float, msgspec.Meta(ge=0, le=1)]
Positive: TypeAlias = Annotated[int, msgspec.Meta(ge=1)]
Natural: TypeAlias = Annotated[int, msgspec.Meta(ge=0)]


class NluAdapterOptions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Of `NLUCommandAdapter`, spelt as authors spell it."""

    user_input: UserInputOptions = UserInputOptions()


class FallbackOptions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Of `FallbackClassifier`: when an intent is too doubtful to count."""

    threshold: Share = 0.3
    """Least confidence of the likeliest intent."""
    ambiguity_threshold: Share = 0.1
    """Least distance from the second."""


class NoOptions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Of a component that has none."""


# ------------------------------------------------------------------------------------------ language models


class SpacyOptions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Of `SpacyNLP`."""

    model: str | None = None
    """Name of an installed spaCy package; without one, the language's."""
    case_sensitive: bool = False


class MitieOptions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Of `MitieNLP`; MITIE itself is not used."""

    model: str | None = None


# ----------------------------------------------------------------------------------------------- tokenizers


class TokenizerOptions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Of every tokenizer."""

    intent_tokenization_flag: bool = False
    """An intent's name may stand for several intents."""
    intent_split_symbol: Annotated[str, msgspec.Meta(min_length=1)] = "_"
    """What separates them."""
    token_pattern: str | None = None
    """A regular expression that splits the words further."""
    prefix_separator_symbol: str | None = None
    """What separates a common beginning from the intents' names."""


class JiebaOptions(TokenizerOptions, frozen=True, kw_only=True, omit_defaults=True):
    """Of `JiebaTokenizer`."""

    dictionary_path: str | None = None
    """A folder whose files are dictionaries of the author's own."""


# ---------------------------------------------------------------------------------------------- featurizers


class FeaturizerOptions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Of every featurizer."""

    alias: str | None = None
    """The name by which `featurizers` of a classifier calls it."""


class CountVectorsOptions(FeaturizerOptions, frozen=True, kw_only=True, omit_defaults=True):
    """Of `CountVectorsFeaturizer`: pieces of words or of text that are counted."""

    analyzer: Literal["word", "char", "char_wb"] = "word"
    min_ngram: Positive = 1
    max_ngram: Positive = 1
    strip_accents: Literal["ascii", "unicode"] | None = None
    stop_words: str | tuple[str, ...] | None = None
    """`english`, or the words."""
    min_df: int | float = 1
    """Least examples with a piece: a number, or a share below 1."""
    max_df: int | float = 1.0
    max_features: Positive | None = None
    lowercase: bool = True
    OOV_token: str | None = None
    """Stands for every word that no example holds."""
    OOV_words: str | tuple[str, ...] = ()
    """Words of examples that count as unknown."""
    use_lemma: bool = True
    use_shared_vocab: bool = False
    additional_vocabulary_size: object = None


class RegexFeaturizerOptions(FeaturizerOptions, frozen=True, kw_only=True, omit_defaults=True):
    """Of `RegexFeaturizer`: which regular expressions and lookup tables match."""

    case_sensitive: bool = True
    use_lookup_tables: bool = True
    use_regexes: bool = True
    use_word_boundaries: bool = True
    number_additional_patterns: object = None


class LexicalSyntacticOptions(FeaturizerOptions, frozen=True, kw_only=True, omit_defaults=True):
    """Of `LexicalSyntacticFeaturizer`: what the word before, the word and the word after look like."""

    features: tuple[tuple[str, ...], ...] = (
        ("low", "title", "upper"),
        ("BOS", "EOS", "low", "upper", "title", "digit"),
        ("low", "title", "upper"),
    )


class DenseFeaturizerOptions(FeaturizerOptions, frozen=True, kw_only=True, omit_defaults=True):
    """Of the featurizers that turn a sentence into a vector."""

    pooling: Literal["mean", "max"] = "mean"
    model_name: str | None = None
    """Named for its origin only: the packaged sentence encoder takes the place of every such model."""
    model_weights: str | None = None
    model_url: str | None = None
    cache_dir: str | None = None


# ---------------------------------------------------------------------------------------------- classifiers


class IntentClassifierOptions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Of the classifiers that learn from featurized examples."""

    ranking_length: Natural = 10
    """Intents that are told; 0 = all."""
    featurizers: tuple[str, ...] = ()
    """Aliases of the featurizers to use; none named = all."""


class DietOptions(IntentClassifierOptions, frozen=True, kw_only=True, omit_defaults=True):
    """Of `DIETClassifier`: intents and entities learned together."""

    intent_classification: bool = True
    entity_recognition: bool = True
    BILOU_flag: bool = True
    split_entities_by_comma: bool | dict[str, bool] | None = None
    """Whether `Berlin, Rome` is two entities: for all, or by entity with `default` for the others.

    Not given: it is, but for entities of which an example marks commas within.
    """
    renormalize_confidences: bool = False
    """The confidences of those told add up to 1."""


class KeywordOptions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Of `KeywordIntentClassifier`: a message that holds an example has its intent."""

    case_sensitive: bool = True


# ----------------------------------------------------------------------------------------------- extractors


class CrfOptions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Of `CRFEntityExtractor`."""

    BILOU_flag: bool = True
    split_entities_by_comma: bool | dict[str, bool] | None = None
    features: tuple[tuple[str, ...], ...] | None = None
    """Features of the words around and of the word itself; not given = ours."""
    max_iterations: Positive = 50
    L1_c: Annotated[float, msgspec.Meta(ge=0)] = 0.1
    L2_c: Annotated[float, msgspec.Meta(ge=0)] = 0.1
    featurizers: tuple[str, ...] = ()


class DimensionOptions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Of `SpacyEntityExtractor`."""

    dimensions: tuple[str, ...] | None = None
    """Kinds of entities to tell; None = all."""


class DucklingOptions(DimensionOptions, frozen=True, kw_only=True, omit_defaults=True):
    """Of `DucklingEntityExtractor`: numbers, dates, money and the like."""

    url: str | None = None
    """Of a Duckling server; without one, the text is read inside the process."""
    locale: str | None = None
    """`de_DE`; without it, the language of the assistant."""
    timezone: str | None = None
    """`Europe/Berlin`; without it, UTC."""
    timeout: Annotated[float, msgspec.Meta(gt=0)] = 3
    """Seconds to wait for the server."""


class RegexExtractorOptions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Of `RegexEntityExtractor`: values that a lookup table or a regular expression names."""

    case_sensitive: bool = False
    use_lookup_tables: bool = True
    use_regexes: bool = True
    use_word_boundaries: bool = True


# ------------------------------------------------------------------------------------------------ selectors


class SelectorOptions(IntentClassifierOptions, frozen=True, kw_only=True, omit_defaults=True):
    """Of `ResponseSelector`: which response of a retrieval intent answers."""

    retrieval_intent: str | None = None
    """The intent whose responses it chooses from; None = those of all."""
    use_text_as_label: bool = False
    """Compare with the responses' texts, not with their keys only."""
    renormalize_confidences: bool = False
