"""What a project folder says, read and merged with the stock patterns: everything a model archive holds."""

import msgspec

from duologue.core.documents import Document
from duologue.core.domain import Domain
from duologue.core.stories import Story
from duologue.core.values import OpenData
from duologue.flows.flow import Flow


class Component(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One entry of `pipeline` or `policies`."""

    name: str
    options: OpenData = {}


class _UserInput(msgspec.Struct, frozen=True, kw_only=True):
    max_characters: int = 420


class AssistantConfig(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What `config.yml` says."""

    recipe: str = "default.v1"
    language: str = "en"
    additional_languages: tuple[str, ...] = ()
    assistant_id: str = ""
    pipeline: tuple[Component, ...] | None = None
    """None if the key is missing or empty: the defaults apply."""
    policies: tuple[Component, ...] | None = None

    @property
    def max_message_characters(self) -> int:
        """Longest user text that is understood; a longer one meets the internal-error pattern."""
        for component in self.pipeline or ():
            if component.options.get("user_input"):
                return msgspec.convert(
                    component.options["user_input"], _UserInput, strict=False
                ).max_characters
        return _UserInput().max_characters


class IntentExample(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, array_like=True):
    """One sentence of NLU training data, entity marks taken out of the text."""

    intent: str
    text: str
    entities: tuple[OpenData, ...] = ()
    """`start`, `end`, `entity`, `value`, and `role`, `group` where given."""
    metadata: OpenData = {}


class TrainingData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """NLU examples and their tables."""

    examples: tuple[IntentExample, ...] = ()
    synonyms: dict[str, str] = {}
    """Spelling to canonical value."""
    lookups: dict[str, tuple[str, ...]] = {}
    regexes: dict[str, tuple[str, ...]] = {}
    stories: tuple[Story, ...] = ()
    """What a classic assistant's policies learn from."""
    rules: tuple[Story, ...] = ()


class AssistantDefinition(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An assistant, complete: its own files merged with the stock patterns, responses and slots."""

    config: AssistantConfig
    domain: Domain
    flows: tuple[Flow, ...] = ()
    """The project's flows and every stock pattern that it does not override."""
    training_data: TrainingData = TrainingData()
    prompt_templates: dict[str, str] = {}
    """The project's own prompts by their path as `config.yml` writes it."""
    documents: tuple[Document, ...] = ()
    """What questions are answered from; empty unless a policy searches documents."""

    @property
    def is_classic(self) -> bool:
        """Stories, rules or forms, and no flow of its own."""
        has_flows = any(not flow.is_pattern for flow in self.flows)
        data = self.training_data
        return not has_flows and bool(data.stories or data.rules or self.domain.forms or data.examples)
