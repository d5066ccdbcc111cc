"""What `config.yml` may say of the components that turn intents and entities into commands."""

from typing import Annotated

import msgspec

from duologue.core.generator_options import UserInputOptions

NLU_ADAPTER = "NLUCommandAdapter"
FALLBACK_CLASSIFIER = "FallbackClassifier"
FALLBACK_INTENT = "nlu_fallback"
"""The intent of a message that the classifier is not sure of."""

_Share = Annotated[float, msgspec.Meta(ge=0, le=1)]


class NluAdapterOptions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Of `NLUCommandAdapter`, spelt as authors spell it."""

    user_input: UserInputOptions = UserInputOptions()


class FallbackOptions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Of `FallbackClassifier`: when an intent is too doubtful to count."""

    threshold: _Share = 0.3
    """Least confidence of the likeliest intent."""
    ambiguity_threshold: _Share = 0.1
    """Least distance from the second."""
