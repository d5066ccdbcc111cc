"""`FallbackClassifier`: an intent that is too doubtful gives way to `nlu_fallback`."""

from duologue.core.nlu_options import FALLBACK_INTENT, FallbackOptions
from duologue.core.understanding import Intent
from duologue.understanding.nlu.message import NluMessage


class FallbackClassifier:
    """Puts `nlu_fallback` first where the likeliest intent is unsure, or hardly likelier than the second."""

    def __init__(self, options: FallbackOptions) -> None:
        self._options = options

    def process(self, message: NluMessage) -> None:
        first, second, *_ = *(intent.confidence for intent in message.intents[:2]), 0.0, 0.0
        is_ambiguous = len(message.intents) > 1 and first - second < self._options.ambiguity_threshold
        if first < self._options.threshold or is_ambiguous:
            # Sure enough not to meet itself: the confidence is the threshold, as in Rasa.
            message.intents.insert(0, Intent(name=FALLBACK_INTENT, confidence=self._options.threshold))
