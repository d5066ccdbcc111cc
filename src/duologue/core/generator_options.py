"""What `config.yml` may say of a command generator: its keys, their types, their defaults."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal

import msgspec

from duologue.core.values import OpenData


class Dsl(StrEnum):
    """The language in which a model names its commands."""

    V1 = "v1"
    """`StartFlow(transfer_money)`, `SetSlot(amount, 50)`."""
    V2 = "v2"
    """`start flow transfer_money`, `set slot amount 50`."""
    V3 = "v3"
    """As v2, but whatever is no flow's business is `search and reply`."""


GENERATOR_DSLS: Mapping[str, Dsl] = {
    "CompactLLMCommandGenerator": Dsl.V2,
    "LLMCommandGenerator": Dsl.V1,
    "MultiStepLLMCommandGenerator": Dsl.V2,
    "SearchReadyLLMCommandGenerator": Dsl.V3,
    "SingleStepLLMCommandGenerator": Dsl.V1,
}
"""The command generators that ask a language model; one of them may stand in a pipeline."""

_Positive = Annotated[int, msgspec.Meta(ge=1)]


class FlowRetrievalOptions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which flows a prompt shows."""

    active: bool = True
    """Off: every flow that may start is shown."""
    embeddings: OpenData = {}
    """`model_group`, or a model written out."""
    num_flows: _Positive = 20
    turns_to_embed: _Positive = 1
    """How many turns, the latest last, are compared with the flows."""
    should_embed_slots: bool = True

    @property
    def model_group(self) -> str | None:
        return find_group(self.embeddings)


class UserInputOptions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is done with what a user writes."""

    max_characters: _Positive = 420


class GeneratorOptions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One command generator of a pipeline, spelt as authors spell it."""

    name: str = "CompactLLMCommandGenerator"
    llm: OpenData = {}
    """`model_group`, or a model written out, which is deprecated."""
    prompt_template: str | None = None
    """A Jinja file of the project, instead of our prompt."""
    prompt: str | None = None
    """The deprecated name of `prompt_template`."""
    prompt_templates: OpenData = {}
    """Of the generator of many steps, which works in one step here; not used."""
    flow_retrieval: FlowRetrievalOptions = FlowRetrievalOptions()
    user_input: UserInputOptions = UserInputOptions()
    minimize_num_calls: bool = True
    """Do not ask the model where the trained pipeline has already found a flow or the answer to the question."""
    include_date_time: bool = True
    timezone: str = "UTC"
    """An IANA name such as `Europe/Berlin`."""
    trace_prompt_tokens: bool = False
    constrained_output: Literal["auto", "on", "off"] = "auto"
    """Hold the model to a JSON schema of what is on offer; `auto` does where the model is known to take one."""

    @property
    def dsl(self) -> Dsl:
        return GENERATOR_DSLS.get(self.name, Dsl.V2)

    @property
    def model_group(self) -> str | None:
        return find_group(self.llm)

    @property
    def template_path(self) -> str | None:
        """The project's own prompt, as it is written."""
        return self.prompt_template or self.prompt


def find_group(block: OpenData) -> str | None:
    """The model group that a block names."""
    group = block.get("model_group")
    return group if isinstance(group, str) else None
