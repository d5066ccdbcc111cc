"""Every component of a trained pipeline by its name, older names too, and the order that components need."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import TypeAlias

import msgspec

from duologue.core import nlu_options as options
from duologue.core.values import OpenData

PipelineItem: TypeAlias = tuple[str, OpenData]
"""A component's name and its options."""


class Kind(StrEnum):
    """What a component is for."""

    LANGUAGE_MODEL = "language model"
    TOKENIZER = "tokenizer"
    FEATURIZER = "featurizer"
    INTENT_CLASSIFIER = "intent classifier"
    ENTITY_EXTRACTOR = "entity extractor"
    SELECTOR = "response selector"
    SYNONYMS = "synonym mapper"
    FALLBACK = "fallback classifier"
    CUSTOM = "custom component"


class ComponentKind(msgspec.Struct, frozen=True, kw_only=True):
    """A component that a pipeline may name."""

    name: str
    kind: Kind
    options: type[msgspec.Struct] = options.NoOptions
    ignored: frozenset[str] = frozenset()
    """Options that mean nothing here and are taken without a word."""
    needs: tuple[Kind, ...] = ()
    """What must stand before it."""
    learns_entities: bool = False
    is_dense: bool = False


_NETWORK = frozenset(
    [
        "batch_size",
        "batch_strategy",
        "checkpoint_model",
        "concat_dimension",
        "connection_density",
        "constrain_similarities",
        "dense_dimension",
        "dense_input_dropout",
        "drop_rate",
        "drop_rate_attention",
        "drop_small_last_batch",
        "droprate",
        "embed_dim",
        "embedding_dimension",
        "epochs",
        "eval_num_epochs",
        "eval_num_examples",
        "evaluate_every_num_epochs",
        "evaluate_on_num_examples",
        "evaluate_every_number_of_epochs",
        "evaluate_on_number_of_examples",
        "hidden_layers_sizes",
        "hidden_layers_sizes_a",
        "hidden_layers_sizes_b",
        "intent_tokenization_flag",
        "key_relative_attention",
        "learning_rate",
        "loss_type",
        "max_relative_position",
        "maximum_negative_similarity",
        "maximum_positive_similarity",
        "model_confidence",
        "mu_neg",
        "mu_pos",
        "negative_margin_scale",
        "num_heads",
        "num_neg",
        "num_transformer_layers",
        "number_of_attention_heads",
        "number_of_negative_examples",
        "number_of_transformer_layers",
        "random_seed",
        "regularization_constant",
        "run_eagerly",
        "scale_loss",
        "share_hidden_layers",
        "similarity_type",
        "sparse_input_dropout",
        "tensorboard_log_directory",
        "tensorboard_log_level",
        "transformer_size",
        "unidirectional_encoder",
        "use_key_relative_attention",
        "use_masked_language_model",
        "use_max_sim_neg",
        "use_maximum_negative_similarity",
        "use_value_relative_attention",
        "use_gpu",
        "value_relative_attention",
        "weight_sparsity",
        "C2",
        "C_emb",
        "C_emb_",
        "validate_every_num_epochs",
    ]
)
"""How Rasa's neural networks are shaped and trained; ours are not neural networks of that kind."""
_SKLEARN = frozenset(
    [
        "C",
        "class_weight",
        "gamma",
        "kernels",
        "max_cross_validation_folds",
        "max_iter",
        "num_threads",
        "random_state",
        "scoring_function",
        "solver",
        "tol",
    ]
)
_OLD_TOKENIZER = frozenset(("case_sensitive", "pooling", "model_url", "use_cls_token"))
_OLD_FEATURIZER = frozenset(("return_sequence", "use_cls_token", "finetune"))
_WORDS, _FEATURES, _INTENTS = (Kind.TOKENIZER,), (Kind.FEATURIZER,), (Kind.INTENT_CLASSIFIER,)


def _list_kinds() -> Iterable[ComponentKind]:
    yield ComponentKind(name="SpacyNLP", kind=Kind.LANGUAGE_MODEL, options=options.SpacyOptions)
    yield ComponentKind(name="MitieNLP", kind=Kind.LANGUAGE_MODEL, options=options.MitieOptions)
    yield ComponentKind(
        name="HFTransformersNLP",
        kind=Kind.LANGUAGE_MODEL,
        options=options.DenseFeaturizerOptions,
        ignored=_OLD_FEATURIZER,
    )
    yield from _list_tokenizers()
    yield from _list_featurizers()
    yield from _list_classifiers()
    yield from _list_extractors()
    yield ComponentKind(
        name="ResponseSelector",
        kind=Kind.SELECTOR,
        options=options.SelectorOptions,
        ignored=_NETWORK,
        needs=_FEATURES,
    )
    yield ComponentKind(name="EntitySynonymMapper", kind=Kind.SYNONYMS)
    yield ComponentKind(
        name=options.FALLBACK_CLASSIFIER,
        kind=Kind.FALLBACK,
        options=options.FallbackOptions,
        needs=_INTENTS,
    )


def _list_tokenizers() -> Iterable[ComponentKind]:
    for name in (
        "ConveRTTokenizer",
        "LanguageModelTokenizer",
        "MitieTokenizer",
        "SpacyTokenizer",
        "WhitespaceTokenizer",
    ):
        yield ComponentKind(
            name=name, kind=Kind.TOKENIZER, options=options.TokenizerOptions, ignored=_OLD_TOKENIZER
        )
    yield ComponentKind(
        name="JiebaTokenizer", kind=Kind.TOKENIZER, options=options.JiebaOptions, ignored=_OLD_TOKENIZER
    )


def _list_featurizers() -> Iterable[ComponentKind]:
    for name, shape in (
        ("CountVectorsFeaturizer", options.CountVectorsOptions),
        ("LexicalSyntacticFeaturizer", options.LexicalSyntacticOptions),
        ("RegexFeaturizer", options.RegexFeaturizerOptions),
    ):
        yield ComponentKind(
            name=name,
            kind=Kind.FEATURIZER,
            options=shape,
            needs=_WORDS,
            ignored=_OLD_FEATURIZER | {"token_pattern"},
        )
    for name in ("ConveRTFeaturizer", "LanguageModelFeaturizer", "MitieFeaturizer", "SpacyFeaturizer"):
        yield ComponentKind(
            name=name,
            kind=Kind.FEATURIZER,
            options=options.DenseFeaturizerOptions,
            ignored=_OLD_FEATURIZER,
            needs=_WORDS,
            is_dense=True,
        )


def _list_classifiers() -> Iterable[ComponentKind]:
    yield ComponentKind(
        name="DIETClassifier",
        kind=Kind.INTENT_CLASSIFIER,
        options=options.DietOptions,
        ignored=_NETWORK | {"number_of_epochs"},
        needs=_FEATURES,
        learns_entities=True,
    )
    for name, needs in (
        ("LogisticRegressionClassifier", _FEATURES),
        ("SklearnIntentClassifier", _FEATURES),
        # MITIE brings features of its own in Rasa; here it learns from the words.
        ("MitieIntentClassifier", _WORDS),
    ):
        yield ComponentKind(
            name=name,
            kind=Kind.INTENT_CLASSIFIER,
            options=options.IntentClassifierOptions,
            ignored=_SKLEARN,
            needs=needs,
        )
    yield ComponentKind(
        name="KeywordIntentClassifier", kind=Kind.INTENT_CLASSIFIER, options=options.KeywordOptions
    )


def _list_extractors() -> Iterable[ComponentKind]:
    yield ComponentKind(
        name="CRFEntityExtractor",
        kind=Kind.ENTITY_EXTRACTOR,
        options=options.CrfOptions,
        needs=_WORDS,
        learns_entities=True,
    )
    yield ComponentKind(
        name="MitieEntityExtractor",
        kind=Kind.ENTITY_EXTRACTOR,
        ignored=_SKLEARN,
        needs=_WORDS,
        learns_entities=True,
    )
    yield ComponentKind(
        name="SpacyEntityExtractor", kind=Kind.ENTITY_EXTRACTOR, options=options.DimensionOptions
    )
    yield ComponentKind(
        name="DucklingEntityExtractor", kind=Kind.ENTITY_EXTRACTOR, options=options.DucklingOptions
    )
    yield ComponentKind(
        name="RegexEntityExtractor", kind=Kind.ENTITY_EXTRACTOR, options=options.RegexExtractorOptions
    )


NLU_COMPONENTS: Mapping[str, ComponentKind] = {kind.name: kind for kind in _list_kinds()}

OLD_NAMES: Mapping[str, str] = {
    "DucklingHTTPExtractor": "DucklingEntityExtractor",
    "EmbeddingIntentClassifier": "DIETClassifier",
    "NGramFeaturizer": "CountVectorsFeaturizer",
    "intent_classifier_keyword": "KeywordIntentClassifier",
    "intent_classifier_mitie": "MitieIntentClassifier",
    "intent_classifier_sklearn": "SklearnIntentClassifier",
    "intent_classifier_tensorflow_embedding": "DIETClassifier",
    "intent_entity_featurizer_regex": "RegexFeaturizer",
    "intent_featurizer_count_vectors": "CountVectorsFeaturizer",
    "intent_featurizer_mitie": "MitieFeaturizer",
    "intent_featurizer_ngrams": "CountVectorsFeaturizer",
    "intent_featurizer_spacy": "SpacyFeaturizer",
    "ner_crf": "CRFEntityExtractor",
    "ner_duckling_http": "DucklingEntityExtractor",
    "ner_mitie": "MitieEntityExtractor",
    "ner_spacy": "SpacyEntityExtractor",
    "ner_synonyms": "EntitySynonymMapper",
    "nlp_mitie": "MitieNLP",
    "nlp_spacy": "SpacyNLP",
    "tokenizer_jieba": "JiebaTokenizer",
    "tokenizer_mitie": "MitieTokenizer",
    "tokenizer_spacy": "SpacyTokenizer",
    "tokenizer_whitespace": "WhitespaceTokenizer",
}
"""Names of Rasa 1 and before, with those of today."""
_ONLY_INTENTS = frozenset(("EmbeddingIntentClassifier", "intent_classifier_tensorflow_embedding"))
"""Old names whose component reads no entities."""
_SILENT = ("rasa.", "rasa_nlu.")

_CHARACTERS: PipelineItem = (
    "CountVectorsFeaturizer",
    {"analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
)
_SUPERVISED: tuple[PipelineItem, ...] = (
    ("WhitespaceTokenizer", {}),
    ("RegexFeaturizer", {}),
    ("LexicalSyntacticFeaturizer", {}),
    ("CountVectorsFeaturizer", {}),
    _CHARACTERS,
    ("DIETClassifier", {}),
    ("EntitySynonymMapper", {}),
    ("ResponseSelector", {}),
)
DEFAULT_PIPELINE: tuple[PipelineItem, ...] = (
    *_SUPERVISED,
    (options.FALLBACK_CLASSIFIER, {"threshold": 0.3, "ambiguity_threshold": 0.1}),
)
"""Of a project that names none."""
_PRETRAINED: tuple[PipelineItem, ...] = (
    ("SpacyNLP", {}),
    ("SpacyTokenizer", {}),
    ("SpacyFeaturizer", {}),
    ("RegexFeaturizer", {}),
    ("CRFEntityExtractor", {}),
    ("EntitySynonymMapper", {}),
    ("SklearnIntentClassifier", {}),
)
PIPELINE_TEMPLATES: Mapping[str, tuple[PipelineItem, ...]] = {
    "keyword": (("KeywordIntentClassifier", {}),),
    "pretrained_embeddings_convert": (
        ("WhitespaceTokenizer", {}),
        ("ConveRTFeaturizer", {}),
        ("DIETClassifier", {"entity_recognition": False}),
    ),
    "pretrained_embeddings_spacy": _PRETRAINED,
    "spacy_sklearn": _PRETRAINED,
    "supervised_embeddings": _SUPERVISED,
    "tensorflow_embedding": _SUPERVISED,
}
"""Ready-made pipelines of Rasa 1, named instead of a list."""


def resolve_name(name: str) -> str:
    """Today's name of a component: old names and Rasa's own module paths are looked through."""
    short = name.rpartition(".")[2] if name.startswith(_SILENT) else name
    return OLD_NAMES.get(short, short) if short in OLD_NAMES or short in NLU_COMPONENTS else name


def find_kind(name: str) -> ComponentKind | None:
    """The component of this name, whatever its spelling; None for one that is not ours."""
    return NLU_COMPONENTS.get(resolve_name(name))


def list_implied_options(name: str) -> OpenData:
    """Options that an old name stands for."""
    return {"entity_recognition": False} if name.rpartition(".")[2] in _ONLY_INTENTS else {}


# ---------------------------------------------------------------------------------------------------- order


class OrderProblem(msgspec.Struct, frozen=True, kw_only=True):
    """A component that does not find what it needs before it, or stands twice."""

    position: int
    sentence: str
    advice: str
    is_error: bool = False
    supplied: tuple[PipelineItem, ...] = ()
    """What is put before it."""
    moved: int | None = None
    """The position of what is moved before it instead."""


_SUPPLIED: Mapping[Kind, tuple[PipelineItem, ...]] = {
    Kind.TOKENIZER: (("WhitespaceTokenizer", {}),),
    Kind.FEATURIZER: (("CountVectorsFeaturizer", {}), _CHARACTERS),
    Kind.INTENT_CLASSIFIER: (("DIETClassifier", {}),),
}
"""What takes the place of a missing component."""


def find_order_problems(names: Sequence[str]) -> list[OrderProblem]:
    """What is wrong with the order of these components; whatever is missing is supplied, once."""
    problems: list[OrderProblem] = []
    seen: dict[Kind, str] = {}
    for position, name in enumerate(names):
        if any(problem.moved == position for problem in problems):
            continue
        component = find_kind(name)
        if component is None:
            if "." in name:
                # A component of the author's own may be anything: a tokenizer, a featurizer.
                seen.update(dict.fromkeys(_guess_kinds(name), name))
            continue
        if component.kind is Kind.TOKENIZER and Kind.TOKENIZER in seen:
            problems.append(_refuse_second(position, seen[Kind.TOKENIZER], component.name))
        problems.extend(_list_missing(position, component, names, seen))
        seen[component.kind] = component.name
    return problems


def _guess_kinds(name: str) -> tuple[Kind, ...]:
    """What a component of the author's own seems to be, by its name."""
    folded = name.rpartition(".")[2].casefold()
    by_word = {"token": Kind.TOKENIZER, "featur": Kind.FEATURIZER, "classif": Kind.INTENT_CLASSIFIER}
    return tuple(kind for word, kind in by_word.items() if word in folded)


def _refuse_second(position: int, first: str, second: str) -> OrderProblem:
    return OrderProblem(
        position=position,
        sentence=f"The pipeline has two tokenizers, `{first}` and `{second}`.",
        advice="Keep one of them.",
        is_error=True,
    )


def _list_missing(
    position: int, component: ComponentKind, names: Sequence[str], seen: dict[Kind, str]
) -> Iterable[OrderProblem]:
    for kind in component.needs:
        if kind in seen:
            continue
        behind = range(position + 1, len(names))
        later = next((place for place in behind if _is_kind(names[place], kind)), None)
        if later is not None and kind is Kind.TOKENIZER:
            seen[kind] = names[later]
            yield OrderProblem(
                position=position,
                sentence=f"`{component.name}` stands before `{names[later]}`, whose tokens it needs.",
                advice=f"Move `{names[later]}` to the front; it is taken from there already.",
                moved=later,
            )
            continue
        if later is not None and kind is Kind.INTENT_CLASSIFIER:
            seen[kind] = names[later]
            yield OrderProblem(
                position=position,
                sentence=f"`{component.name}` stands before `{names[later]}`, whose intents it needs.",
                advice="Move it behind.",
                is_error=True,
            )
            continue
        supplied = tuple(_supply(kind, seen))
        article = "an" if kind is Kind.INTENT_CLASSIFIER else "a"
        yield OrderProblem(
            position=position,
            sentence=f"`{component.name}` has no {kind} before it; `{supplied[-1][0]}` is supplied.",
            advice=f"Add {article} {kind} before it."
            if later is None
            else f"Move `{names[later]}` before it.",
            supplied=supplied,
        )


def _supply(kind: Kind, seen: dict[Kind, str]) -> Iterable[PipelineItem]:
    """What stands for a missing component, and whatever that needs itself."""
    for name, given in _SUPPLIED[kind]:
        for needed in NLU_COMPONENTS[name].needs:
            if needed not in seen:
                yield from _supply(needed, seen)
        yield name, given
    seen[kind] = _SUPPLIED[kind][-1][0]


def _is_kind(name: str, kind: Kind) -> bool:
    component = find_kind(name)
    return component is not None and component.kind is kind
