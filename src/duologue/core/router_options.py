"""What `config.yml` may say of the routers between the flows of an assistant and its classic part."""

import msgspec

from duologue.core.generator_options import find_group
from duologue.core.values import OpenData

INTENT_ROUTER = "IntentBasedRouter"
MODEL_ROUTER = "LLMBasedRouter"

ROUTING_SLOT = "route_session_to_calm"
"""True: the session belongs to the flows. False: to the classic part. Not set: each message is routed."""
ROUTER = "ROUTER"
"""Extractor of the only command that may set the slot."""


class NluEntryIntents(msgspec.Struct, frozen=True, kw_only=True):
    """Intents that lead to the classic part."""

    sticky: tuple[str, ...] = ()
    """The session stays there."""
    non_sticky: tuple[str, ...] = ()
    """This one message goes there."""


class CalmEntryIntents(msgspec.Struct, frozen=True, kw_only=True):
    """Intents that lead to the flows."""

    sticky: tuple[str, ...] = ()


class IntentRouterOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Of `IntentBasedRouter`; each list is written down, if only as an empty one."""

    nlu_entry: NluEntryIntents = NluEntryIntents()
    calm_entry: CalmEntryIntents = CalmEntryIntents()


class NluEntryTexts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the classic part does, in words for a model."""

    sticky: str = "handles everything else"
    non_sticky: str = "handles small talk"


class CalmEntryTexts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the flows do, in words for a model."""

    sticky: str = ""


class ModelRouterOptions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Of `LLMBasedRouter`."""

    calm_entry: CalmEntryTexts = CalmEntryTexts()
    nlu_entry: NluEntryTexts = NluEntryTexts()
    llm: OpenData = {}
    """`model_group`, or a model written out."""
    prompt: str | None = None
    """A Jinja file of the project, instead of our prompt."""

    @property
    def model_group(self) -> str | None:
        return find_group(self.llm)
