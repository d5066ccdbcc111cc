"""Training: a definition becomes a trained pipeline and trained policies; what has not changed is reused."""

import time
from collections.abc import Callable, Collection, Mapping

import msgspec

from duologue.core.errors import DefinitionError
from duologue.dialogue.policies.training import train_policies
from duologue.ports.sentence_encoder import SentenceEncoder
from duologue.project.definition import AssistantDefinition
from duologue.training.nlu_data import list_training_examples, make_resources
from duologue.training.parts import PARTS, Part, fingerprint_core, fingerprint_nlu, list_parts
from duologue.training.progress import Note, StepBegun, StepReused, StepTrained, Tell, keep_quiet
from duologue.training.source_digest import ROOMS_OF_NLU, ROOMS_OF_POLICIES, digest_modules, digest_rooms
from duologue.training.threads import calm_linear_algebra
from duologue.training.trained_model import TrainedModel, put_part
from duologue.training.training_cache import TrainingCache
from duologue.understanding.nlu.pipeline import train_pipeline

_WHOLE = {"nlu": "the pipeline", "core": "the policies"}
Files = Mapping[str, bytes]


class TrainingOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How to train; nothing of it changes what is learned, but `augmentation`."""

    parts: Collection[Part] = PARTS
    """Which parts to train, of those that the assistant has."""
    threads: int = 1
    augmentation: int | None = None
    """How many stories are put behind others; None for the usual number."""
    reuses: bool = True
    """Take what the cache holds; without it everything is trained anew, and kept."""


def train_model(
    definition: AssistantDefinition,
    *,
    cache: TrainingCache | None = None,
    encoder: SentenceEncoder | None = None,
    options: TrainingOptions | None = None,
    tell: Tell = keep_quiet,
) -> TrainedModel:
    """Train what the assistant has to be trained; the same definition always gives the same files.

    Args:
        encoder: what the pipeline may use, see `training.opening.find_encoder`.
        tell: hears what is trained and what is reused.

    Raises:
        DefinitionError: the pipeline, the policies or the data cannot be used; says what and where.
    """
    options = options or TrainingOptions()
    training = _Training(definition, cache, encoder, options, tell)
    files: dict[str, bytes] = {}
    fingerprints: dict[str, str] = {}
    for part in list_parts(definition):
        if part in options.parts:
            fingerprints[part], trained = training.train(part)
            files.update(put_part(part, trained))
    return TrainedModel(files=files, fingerprints=fingerprints)


def fingerprint_model(
    definition: AssistantDefinition,
    *,
    encoder: SentenceEncoder | None = None,
    options: TrainingOptions | None = None,
) -> dict[str, str]:
    """The fingerprints that a model would have if it were trained now, by part."""
    options = options or TrainingOptions()
    parts = [part for part in list_parts(definition) if part in options.parts]
    return {
        part: fingerprint_nlu(definition, make_resources(definition, encoder=encoder))
        if part == "nlu"
        else fingerprint_core(definition, options.augmentation)
        for part in parts
    }


class _Training:
    """One run."""

    def __init__(
        self,
        definition: AssistantDefinition,
        cache: TrainingCache | None,
        encoder: SentenceEncoder | None,
        options: TrainingOptions,
        tell: Tell,
    ) -> None:
        self._definition = definition
        self._cache = cache
        self._encoder = encoder
        self._options = options
        self._tell = tell

    def train(self, part: Part) -> tuple[str, Files]:
        """The fingerprint and the files of one part."""
        return self._train_nlu() if part == "nlu" else self._train_core()

    def _train_nlu(self) -> tuple[str, Files]:
        definition = self._definition
        examples = list_training_examples(definition.training_data.examples)
        resources = make_resources(definition, encoder=self._encoder, threads=self._options.threads)
        fingerprint = fingerprint_nlu(definition, resources, examples)

        def train() -> Files:
            return train_pipeline(
                definition.config.pipeline,
                examples,
                resources,
                learn=self._make_learner("nlu"),
                report=self._make_reporter("nlu"),
            ).dump()

        return fingerprint, self._find_or_train("nlu", fingerprint, train)

    def _train_core(self) -> tuple[str, Files]:
        definition, options = self._definition, self._options
        data, config = definition.training_data, definition.config
        fingerprint = fingerprint_core(definition, options.augmentation)

        def train() -> Files:
            return train_policies(
                data.stories,
                data.rules,
                definition.domain,
                config.policies,
                learn=self._make_learner("core"),
                report=self._make_reporter("core"),
                language=config.language,
                augmentation=options.augmentation,
            ).dump()

        return fingerprint, self._find_or_train("core", fingerprint, train)

    def _find_or_train(self, part: Part, fingerprint: str, train: Callable[[], Files]) -> Files:
        key = f"{part} {fingerprint}"
        kept = self._find(key)
        if kept is not None:
            self._tell(StepReused(part=part, name=_WHOLE[part]))
            return kept
        with calm_linear_algebra():
            files = train()
        if not files:
            raise DefinitionError(f"Nothing was learned for `{part}`.")
        self._keep(key, files)
        return files

    def _make_learner(self, part: Part) -> Callable[[str, str, Callable[[], Files]], Files]:
        def learn(name: str, fingerprint: str, train: Callable[[], Files]) -> Files:
            code = digest_rooms(ROOMS_OF_NLU if part == "nlu" else ROOMS_OF_POLICIES)
            own = digest_modules([name] if "." in name else [])
            key = f"{part} {name} {fingerprint} {code} {own}"
            kept = self._find(key)
            if kept is not None:
                self._tell(StepReused(part=part, name=name))
                return kept
            self._tell(StepBegun(part=part, name=name))
            began = time.perf_counter()
            files = train()
            self._tell(StepTrained(part=part, name=name, seconds=time.perf_counter() - began))
            self._keep(key, files)
            return files

        return learn

    def _make_reporter(self, part: Part) -> Callable[[str], None]:
        return lambda text: self._tell(Note(part=part, text=text))

    def _find(self, key: str) -> Files | None:
        return self._cache.find(key) if self._cache is not None and self._options.reuses else None

    def _keep(self, key: str, files: Files) -> None:
        if self._cache is not None:
            self._cache.keep(key, files)
