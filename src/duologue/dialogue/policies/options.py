"""What `config.yml` may say of policies: their names, older names, and the options of each."""

import difflib
from collections.abc import Sequence
from typing import Any, ClassVar, Protocol

import msgspec

from duologue.core.errors import DefinitionError
from duologue.core.values import OpenData


class PolicyOptionError(DefinitionError):
    """An option of a policy has a value that it cannot have."""

    def __init__(self, message: str, option: str) -> None:
        super().__init__(message)
        self.option = option


class PolicyEntry(Protocol):
    """One entry of `policies`."""

    @property
    def name(self) -> str: ...

    @property
    def options(self) -> OpenData: ...


class _Options(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What every policy has; options of other engines' models are read and mean nothing here."""

    ignored: ClassVar[frozenset[str]] = frozenset({"featurizer", "state_featurizer"})

    priority: int = 1


class RuleOptions(_Options, frozen=True, kw_only=True):
    """Of `RulePolicy`."""

    ignored: ClassVar[frozenset[str]] = frozenset({"max_history", "enable_feature_string_compression"})

    priority: int = 4
    core_fallback_threshold: float = 0.3
    """Confidence of the fallback: another policy has to be surer to have its way."""
    core_fallback_action_name: str = "action_default_fallback"
    enable_fallback_prediction: bool = True
    restrict_rules: bool = True
    """A rule may have one message of the user only."""
    check_for_contradictions: bool = True
    use_nlu_confidence_as_score: bool = False


class MemoryOptions(_Options, frozen=True, kw_only=True):
    """Of `MemoizationPolicy` and `AugmentedMemoizationPolicy`."""

    ignored: ClassVar[frozenset[str]] = _Options.ignored | {"enable_feature_string_compression"}

    priority: int = 3
    max_history: int | None = None
    """How many moments have to be as in the story; None for all of them."""
    use_nlu_confidence_as_score: bool = False


_MODEL_OPTIONS = frozenset(
    (
        "BILOU_flag",
        "batch_size",
        "batch_strategy",
        "checkpoint_model",
        "concat_dimension",
        "connection_density",
        "constrain_similarities",
        "dense_dimension",
        "drop_rate",
        "drop_rate_attention",
        "drop_rate_dialogue",
        "drop_rate_label",
        "drop_small_last_batch",
        "embedding_dimension",
        "encoding_dimension",
        "entity_recognition",
        "epoch_override",
        "epochs",
        "evaluate_every_number_of_epochs",
        "evaluate_on_number_of_examples",
        "featurizers",
        "hidden_layers_sizes",
        "key_relative_attention",
        "learning_rate",
        "loss_type",
        "max_relative_position",
        "max_training_samples",
        "maximum_negative_similarity",
        "maximum_positive_similarity",
        "model_confidence",
        "negative_margin_scale",
        "number_of_attention_heads",
        "number_of_negative_examples",
        "number_of_transformer_layers",
        "ranking_length",
        "regularization_constant",
        "renormalize_confidences",
        "run_eagerly",
        "scale_loss",
        "similarity_type",
        "split_entities_by_comma",
        "tensorboard_log_directory",
        "tensorboard_log_level",
        "transformer_size",
        "unidirectional_encoder",
        "use_dense_input_dropout",
        "use_gpu",
        "use_key_relative_attention",
        "use_masked_language_model",
        "use_maximum_negative_similarity",
        "use_sparse_input_dropout",
        "use_value_relative_attention",
        "value_relative_attention",
    )
)


class LearnedOptions(_Options, frozen=True, kw_only=True):
    """Of `TEDPolicy`."""

    ignored: ClassVar[frozenset[str]] = _Options.ignored | _MODEL_OPTIONS

    max_history: int | None = None
    """How many moments it looks back; None for all that it can remember."""
    random_seed: int | None = None
    e2e_confidence_threshold: float = 0.5
    """A choice by the words of a message has to be this sure."""


class UnlikelyIntentOptions(_Options, frozen=True, kw_only=True):
    """Of `UnexpecTEDIntentPolicy`."""

    ignored: ClassVar[frozenset[str]] = _Options.ignored | _MODEL_OPTIONS

    priority: int = 2
    max_history: int | None = None
    random_seed: int | None = None
    tolerance: float = 0.0
    """The share of situations, of those in which an intent does not come, that may be passed for likely."""
    ignore_intents_list: tuple[str, ...] = ()


RULES, MEMORY, AUGMENTED_MEMORY = "RulePolicy", "MemoizationPolicy", "AugmentedMemoizationPolicy"
LEARNED, UNLIKELY = "TEDPolicy", "UnexpecTEDIntentPolicy"

OPTIONS: dict[str, type[_Options]] = {
    RULES: RuleOptions,
    MEMORY: MemoryOptions,
    AUGMENTED_MEMORY: MemoryOptions,
    LEARNED: LearnedOptions,
    UNLIKELY: UnlikelyIntentOptions,
}

_WANTED: tuple[tuple[type, str], ...] = (
    (bool, "`true` or `false`"),
    (float, "a number"),
    (str, "a name"),
    (tuple, "a list of names"),
    (object, "a whole number"),
)
"""What a value has to be where that of the default is of this type; the first that fits counts."""

OF_FLOWS = frozenset({"FlowPolicy", "EnterpriseSearchPolicy", "IntentlessPolicy"})
"""They belong to flows, which need no policy to go on."""

_SUCCESSORS = {
    "EmbeddingPolicy": LEARNED,
    "KerasPolicy": LEARNED,
    "SklearnPolicy": LEARNED,
    "FallbackPolicy": RULES,
    "TwoStageFallbackPolicy": RULES,
    "FormPolicy": RULES,
    "MappingPolicy": RULES,
}
"""Policies of Rasa 1, and those that do their work now."""

_ADVICE = {
    "TwoStageFallbackPolicy": "Its thresholds of intents go to `FallbackClassifier` in `pipeline`; "
    "write a rule that leads from the intent `nlu_fallback` to `action_two_stage_fallback`.",
    "FallbackPolicy": "Its `nlu_threshold` goes to `FallbackClassifier` in `pipeline`, "
    "its `core_threshold` to `core_fallback_threshold` of `RulePolicy`.",
    "MappingPolicy": "Write a rule for each intent that has `triggers` in the domain.",
    "FormPolicy": "Forms run by themselves while they are active; write rules that start and end them.",
}

_OLD_OPTIONS = {
    "FallbackPolicy": {
        "core_threshold": "core_fallback_threshold",
        "fallback_core_action_name": "core_fallback_action_name",
        "fallback_action_name": "core_fallback_action_name",
    },
    "TwoStageFallbackPolicy": {
        "core_threshold": "core_fallback_threshold",
        "fallback_core_action_name": "core_fallback_action_name",
    },
}


class PolicySetup(msgspec.Struct, frozen=True, kw_only=True):
    """One policy as it is to be made."""

    name: str
    """As written; the dotted path of a custom one."""
    options: Any = None
    """Its option value; of a custom policy what `config.yml` says."""

    @property
    def is_custom(self) -> bool:
        return self.name not in OPTIONS


class _Default(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    options: OpenData = {}


DEFAULT_POLICIES: tuple[PolicyEntry, ...] = (
    _Default(name=MEMORY),
    _Default(name=RULES),
    _Default(name=UNLIKELY, options={"max_history": 5}),
    _Default(name=LEARNED, options={"max_history": 5}),
)
"""Where `config.yml` names none, as in Rasa Open Source 3."""


def read_policies(policies: Sequence[PolicyEntry] | None) -> tuple[tuple[PolicySetup, ...], tuple[str, ...]]:
    """The policies to make, with a sentence for everything that is unusual.

    Raises:
        DefinitionError: a policy is unknown, or an option has a value it cannot have.
    """
    notes: list[str] = []
    setups: list[PolicySetup] = []
    entries = [_modernise(entry, notes) for entry in policies or DEFAULT_POLICIES]
    for name, options in _join_rules(entries):
        if name in OF_FLOWS:
            continue
        if name in OPTIONS:
            setups.append(PolicySetup(name=name, options=_read_options(name, options, notes)))
        elif "." in name:
            setups.append(PolicySetup(name=name, options=options))
        else:
            raise DefinitionError(_refuse(name))
    return tuple(setups), tuple(dict.fromkeys(notes))


def check_policies(policies: Sequence[PolicyEntry] | None) -> tuple[str, ...]:
    """Everything there is to say about `policies`, errors as well as notes, a sentence each."""
    found: list[str] = []
    for entry in policies or ():
        try:
            found.extend(read_policies([entry])[1])
        except DefinitionError as error:
            found.append(str(error))
    return tuple(dict.fromkeys(found))


def _modernise(entry: PolicyEntry, notes: list[str]) -> tuple[str, OpenData]:
    """Name and options as they are written today."""
    name = entry.name
    if name.startswith("rasa."):
        name = name.rpartition(".")[2]
    successor = _SUCCESSORS.get(name)
    if successor is None:
        return name, entry.options
    advice = _ADVICE.get(name, "")
    notes.append(f"`{name}` is a policy of Rasa 1; `{successor}` takes its place. {advice}".strip())
    renamed = _OLD_OPTIONS.get(name, {})
    if successor == RULES:
        options = {renamed[key]: value for key, value in entry.options.items() if key in renamed}
    else:
        options = {key: value for key, value in entry.options.items() if key in {"max_history", "priority"}}
    return successor, options


def _join_rules(entries: Sequence[tuple[str, OpenData]]) -> list[tuple[str, OpenData]]:
    """Several policies of Rasa 1 became one: it stands once, where the first of them stood."""
    joined: dict[str, OpenData] = {}
    others: list[tuple[str, OpenData]] = []
    for name, options in entries:
        if name == RULES:
            if name not in joined:
                others.append((name, {}))
            joined[name] = {**joined.get(name, {}), **options}
        else:
            others.append((name, options))
    return [(name, joined.get(name, options)) for name, options in others]


def _read_options(name: str, written: OpenData, notes: list[str]) -> _Options:
    kind = OPTIONS[name]
    known = {field.name for field in msgspec.structs.fields(kind)}
    for key in written:
        if key not in known and key not in kind.ignored:
            near = difflib.get_close_matches(key, sorted(known), n=1, cutoff=0.7)
            hint = f"Did you mean `{near[0]}`?" if near else f"It knows {', '.join(sorted(known))}."
            notes.append(f"`{name}` has no option `{key}`. {hint}")
    given = {key: value for key, value in written.items() if key in known and value is not None}
    for field in msgspec.structs.fields(kind):
        if field.name in given:
            _check_value(name, field, given[field.name])
    return msgspec.convert(given, kind, strict=False)


def _check_value(policy: str, field: msgspec.structs.FieldInfo, value: object) -> None:
    try:
        msgspec.convert(value, field.type, strict=False)
    except msgspec.ValidationError:
        wanted = next(words for kind, words in _WANTED if isinstance(field.default, kind))
        shown = (
            "a mapping" if isinstance(value, dict) else "a list" if isinstance(value, list) else f"`{value}`"
        )
        raise PolicyOptionError(
            f"`{field.name}` of `{policy}` must be {wanted}, not {shown}.", field.name
        ) from None


def _refuse(name: str) -> str:
    known = [*OPTIONS, *sorted(OF_FLOWS)]
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    hint = f"Did you mean `{near[0]}`?" if near else f"Known ones are {', '.join(OPTIONS)}."
    return f"There is no policy `{name}`. {hint} A policy of your own is named by its dotted path."
