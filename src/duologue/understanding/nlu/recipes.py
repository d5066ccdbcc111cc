"""The featurizers of a pipeline, gathered into what a model learns from."""

from collections.abc import Collection, Iterable

import msgspec

from duologue.core.nlu_options import (
    CountVectorsOptions,
    FeaturizerOptions,
    LexicalSyntacticOptions,
    RegexFeaturizerOptions,
)
from duologue.understanding.lexicon.function_words import STOP_WORDS
from duologue.understanding.nlu.features.recipe import FeatureRecipe, NgramOptions, PatternOptions
from duologue.understanding.nlu.plan import PlannedComponent

SPACY_FEATURIZER = "SpacyFeaturizer"


def choose_featurizers(
    featurizers: Iterable[PlannedComponent], aliases: Collection[str]
) -> list[PlannedComponent]:
    """Those that go by one of the aliases; all if none is named."""
    return [one for one in featurizers if not aliases or _goes_by(one, aliases)]


def build_recipe(featurizers: Iterable[PlannedComponent], aliases: Collection[str] = ()) -> FeatureRecipe:
    """What these featurizers give; with aliases named, only those of them."""
    chosen = choose_featurizers(featurizers, aliases)
    options = [one.options for one in chosen]
    ngrams = tuple(_read_ngrams(one) for one in options if isinstance(one, CountVectorsOptions))
    patterns = next((_read_patterns(one) for one in options if isinstance(one, RegexFeaturizerOptions)), None)
    lexical = next((one.features for one in options if isinstance(one, LexicalSyntacticOptions)), ())
    recipe = FeatureRecipe(
        patterns=patterns, lexical=lexical, use_encoder=any(one.is_dense for one in chosen)
    )
    # Without a counted piece of text nothing would tell one sentence from another: the recipe's own stay.
    return msgspec.structs.replace(recipe, ngrams=ngrams) if ngrams else recipe


def _goes_by(component: PlannedComponent, aliases: Collection[str]) -> bool:
    options = component.options
    alias = options.alias if isinstance(options, FeaturizerOptions) else component.written.get("alias")
    return component.name in aliases or alias in aliases


def _read_ngrams(options: CountVectorsOptions) -> NgramOptions:
    words = options.stop_words or ()
    stop_words = STOP_WORDS["en"] if words == "english" else (words,) if isinstance(words, str) else words
    unknown = options.OOV_words
    return NgramOptions(
        analyzer=options.analyzer,
        min_ngram=options.min_ngram,
        max_ngram=max(options.min_ngram, options.max_ngram),
        min_df=options.min_df,
        max_df=options.max_df,
        max_features=options.max_features,
        lowercase=options.lowercase,
        strip_accents=options.strip_accents,
        stop_words=tuple(sorted(stop_words)),
        oov_token=options.OOV_token or "",
        oov_words=(unknown,) if isinstance(unknown, str) else unknown,
        use_lemma=options.use_lemma,
    )


def _read_patterns(options: RegexFeaturizerOptions) -> PatternOptions:
    return PatternOptions(
        use_regexes=options.use_regexes,
        use_lookups=options.use_lookup_tables,
        use_word_boundaries=options.use_word_boundaries,
        case_sensitive=options.case_sensitive,
    )
