"""The trained pipeline: learned from a project's examples, kept as files, read back, and used on texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import msgspec

from duologue.core.errors import DefinitionError
from duologue.core.nlu_components import Kind
from duologue.core.nlu_options import DucklingOptions
from duologue.ports.sentence_encoder import SentenceEncoder
from duologue.understanding.nlu.building import BuiltComponent, Processor, build_components
from duologue.understanding.nlu.component import NluResources, TrainableComponent
from duologue.understanding.nlu.components.setting import put_below, take_below
from duologue.understanding.nlu.encoding import RememberingEncoder
from duologue.understanding.nlu.fingerprints import Fingerprints
from duologue.understanding.nlu.message import NluMessage, TrainingExample
from duologue.understanding.nlu.plan import PipelineEntry, PlannedComponent, is_encoded, plan_pipeline
from duologue.understanding.nlu.regexes import take_regexes
from duologue.understanding.text_parser import ParsedText

Learn: TypeAlias = Callable[[str, str, Callable[[], Mapping[str, bytes]]], Mapping[str, bytes]]
"""Given a component's name, the fingerprint of what it reads, and how it is trained: its files, new or kept."""

_HEAD_FILE = "pipeline.json"


class _Head(msgspec.Struct, frozen=True, kw_only=True):
    """What a reader of the files must have."""

    components: tuple[str, ...]
    encoder: str | None = None
    """The name of the sentence encoder that was learned with."""


class TrainedPipeline:
    """A `TextParser`; safe to use from several threads."""

    def __init__(self, components: Sequence[BuiltComponent], head: _Head) -> None:
        """Use `train_pipeline` or `load_pipeline`."""
        self._components = tuple(components)
        self._head = head

    @property
    def can_block(self) -> bool:
        """Whether a text may wait for another process; such a pipeline belongs in a thread."""
        return any(isinstance(built.plan.options, DucklingOptions) for built in self._components)

    def parse(self, text: str, *, asked: Sequence[str] = ()) -> ParsedText:
        message = NluMessage(text=text, asked=tuple(asked))
        for built in self._components:
            built.part.process(message)
        return ParsedText(
            intents=tuple(message.intents),
            entities=tuple(message.entities),
            response_selector=message.response_selector,
        )

    def warm_up(self) -> None:
        """Load what libraries load at their first text."""
        self.parse("hello 1")

    def dump(self) -> dict[str, bytes]:
        """Every component's files, below a folder each; the same for the same training."""
        files = {_HEAD_FILE: msgspec.json.encode(self._head)}
        for built in self._components:
            if isinstance(built.part, TrainableComponent):
                files.update(put_below(built.folder, built.part.dump()))
        return dict(sorted(files.items()))


def train_pipeline(
    components: Sequence[PipelineEntry] | None,
    examples: Sequence[TrainingExample],
    resources: NluResources,
    *,
    learn: Learn = lambda _name, _fingerprint, train: train(),
    report: Callable[[str], None] = lambda _sentence: None,
) -> TrainedPipeline:
    """Learn from the examples.

    Args:
        components: as `config.yml` names them; None or none of them = the default pipeline.
        report: told, in one sentence each, what the author should know.

    Raises:
        DefinitionError: the pipeline or the data cannot be used.
    """
    has_encoder = resources.encoder is not None
    plan = plan_pipeline(components, resources.language, report, has_encoder=has_encoder)
    resources = take_regexes(plan, _leave_unused_encoder(plan, resources))
    remembering = _share_encoder(resources.encoder, examples)
    built = build_components(
        plan, msgspec.structs.replace(resources, encoder=remembering or resources.encoder), report
    )
    seen = _tokenize(built, [example for example in examples if example.text.strip()])
    fingerprints = Fingerprints(plan, seen, resources)
    for one in built:
        if one.plan.kind is not Kind.TOKENIZER:
            _train(one, seen, fingerprints.find(one.position), learn)
    if remembering is not None:
        remembering.forget()
    return TrainedPipeline(built, _describe(plan, resources))


def load_pipeline(
    components: Sequence[PipelineEntry] | None, files: Mapping[str, bytes], resources: NluResources
) -> TrainedPipeline:
    """The pipeline that was dumped; `components` are those that it was trained with.

    Raises:
        DefinitionError: the files belong to other components, or to an encoder that is not there.
    """
    head = msgspec.json.decode(files[_HEAD_FILE], type=_Head)
    has_encoder = head.encoder is not None
    plan = plan_pipeline(components, resources.language, lambda _sentence: None, has_encoder=has_encoder)
    resources = _leave_unused_encoder(plan, resources)
    _check_head(head, _describe(plan, resources))
    if head.encoder is None:
        resources = msgspec.structs.replace(resources, encoder=None)
    resources = take_regexes(plan, resources)
    built = build_components(plan, resources, lambda _sentence: None)
    for one in built:
        if isinstance(one.part, TrainableComponent):
            one.part.restore(take_below(one.folder, files))
    return TrainedPipeline(built, head)


def needs_encoder(components: Sequence[PipelineEntry] | None, language: str) -> bool:
    """Whether a pipeline makes use of the sentence encoder."""
    plan = plan_pipeline(components, language, lambda _sentence: None)
    return is_encoded(language) and any(one.is_dense for one in plan)


def _train(one: BuiltComponent, examples: Sequence[TrainingExample], fingerprint: str, learn: Learn) -> None:
    part = one.part
    if not isinstance(part, TrainableComponent):
        return
    if not one.learns_long:
        part.train(examples)
        return
    trained = False

    def train() -> Mapping[str, bytes]:
        nonlocal trained
        part.train(examples)
        trained = True
        return part.dump()

    files = learn(one.plan.name, fingerprint, train)
    if not trained:
        part.restore(files)


def _tokenize(built: Sequence[BuiltComponent], examples: Sequence[TrainingExample]) -> list[TrainingExample]:
    """The examples with the tokens that the pipeline's tokenizer, or the author's own components, give them."""
    splitters = [one.part for one in built if one.can_split]
    for splitter in splitters:
        if isinstance(splitter, TrainableComponent):
            splitter.train(())
    return [_split(example, splitters) for example in examples]


def _split(example: TrainingExample, splitters: Sequence[Processor]) -> TrainingExample:
    message = NluMessage(text=example.text)
    for splitter in splitters:
        splitter.process(message)
    return msgspec.structs.replace(example, tokens=message.tokens)


def _leave_unused_encoder(plan: Sequence[PlannedComponent], resources: NluResources) -> NluResources:
    if is_encoded(resources.language) and any(one.is_dense for one in plan):
        return resources
    return msgspec.structs.replace(resources, encoder=None)


def _share_encoder(
    encoder: SentenceEncoder | None, examples: Sequence[TrainingExample]
) -> RememberingEncoder | None:
    """An encoder that remembers, if more than intents is learned: for intents alone it would only cost memory."""
    is_shared = any(example.entities or example.response_key for example in examples)
    return RememberingEncoder(encoder) if encoder is not None and is_shared else None


def _describe(plan: Sequence[PlannedComponent], resources: NluResources) -> _Head:
    return _Head(
        components=tuple(one.name for one in plan),
        encoder=resources.encoder.name if resources.encoder else None,
    )


def _check_head(trained: _Head, found: _Head) -> None:
    if trained.components != found.components:
        raise DefinitionError(
            "The model was trained with another pipeline than `config.yml` names; train it again."
        )
    if trained.encoder is not None and found.encoder is None:
        raise DefinitionError(
            "The model was trained with the sentence encoder, which is not installed here: "
            '`pip install "duologue[nlu]"`, or train it again.'
        )
    if trained.encoder is not None and trained.encoder != found.encoder:
        raise DefinitionError(
            "The model was trained with another version of the sentence encoder; train it again."
        )
