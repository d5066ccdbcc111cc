"""`ResponseSelector`: which response of a retrieval intent answers a message."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from duologue.core.nlu_options import SelectorOptions
from duologue.core.understanding import Intent
from duologue.core.values import OpenData
from duologue.understanding.nlu.components.ranker import LabelRanker
from duologue.understanding.nlu.components.ranking import shorten_ranking
from duologue.understanding.nlu.components.setting import Setting, put_below, take_below
from duologue.understanding.nlu.message import NluMessage, TrainingExample

_NAME = "ResponseSelector"
_DEFAULT = "default"
_INTENTS_FILE = "retrieval_intents.json"


class ResponseSelector:
    """Ranks the response keys of its retrieval intent, or of all of them."""

    def __init__(self, options: SelectorOptions, setting: Setting) -> None:
        self._options = options
        self._setting = setting
        self._ranker = LabelRanker(_NAME, setting, options.featurizers)
        self._intents: tuple[str, ...] = ()
        """Every retrieval intent of the data."""

    def train(self, examples: Sequence[TrainingExample]) -> None:
        keyed = [example for example in examples if example.response_key]
        self._intents = tuple(sorted({example.intent for example in keyed}))
        wanted = self._options.retrieval_intent
        learned = [example for example in keyed if wanted in (None, example.intent)]
        if learned:
            taught = [*learned, *self._list_texts(learned)]
            self._ranker.train(taught, [example.response_key or "" for example in taught])
        elif wanted is not None:
            self._setting.report(
                f"`ResponseSelector` finds no example of the retrieval intent `{wanted}`; it chooses nothing."
            )

    def process(self, message: NluMessage) -> None:
        ranking = self._ranker.rank(message)
        told = shorten_ranking(
            ranking, self._options.ranking_length, adds_up=self._options.renormalize_confidences
        )
        message.response_selector["all_retrieval_intents"] = list(self._intents)
        message.response_selector[self._options.retrieval_intent or _DEFAULT] = {
            "response": self._describe(told[0] if told else None),
            "ranking": [{"confidence": one.confidence, "intent_response_key": one.name} for one in told],
        }

    def dump(self) -> dict[str, bytes]:
        return {_INTENTS_FILE: msgspec.json.encode(self._intents), **put_below("model", self._ranker.dump())}

    def restore(self, files: Mapping[str, bytes]) -> None:
        self._intents = msgspec.json.decode(files[_INTENTS_FILE], type=tuple[str, ...])
        self._ranker.restore(take_below("model", files))

    def _list_texts(self, learned: Sequence[TrainingExample]) -> Iterator[TrainingExample]:
        """With `use_text_as_label`, the words of a response stand for it as well."""
        if not self._options.use_text_as_label:
            return
        for key in sorted({example.response_key or "" for example in learned}):
            for response in self._setting.resources.responses.get(key, ()):
                if isinstance(text := response.get("text"), str) and text.strip():
                    yield TrainingExample(text=text, intent=key.partition("/")[0], response_key=key)

    def _describe(self, best: Intent | None) -> OpenData:
        key = best.name if best else None
        responses = self._setting.resources.responses.get(key, ()) if key else ()
        return {
            "responses": ([*responses] or [{"text": key}]) if key else None,
            "confidence": best.confidence if best else 0.0,
            "intent_response_key": key,
            "utter_action": f"utter_{key}",
        }
