"""What a component learns from, as a short text: the same text, the same result of training."""

from collections.abc import Sequence
from hashlib import sha256

import msgspec

from duologue.core.nlu_components import Kind
from duologue.core.nlu_options import SelectorOptions
from duologue.understanding.nlu.component import NluResources
from duologue.understanding.nlu.message import TrainingExample
from duologue.understanding.nlu.plan import PlannedComponent

_ENCODER = msgspec.json.Encoder(order="deterministic")
_SEEN = frozenset((Kind.LANGUAGE_MODEL, Kind.TOKENIZER, Kind.FEATURIZER, Kind.CUSTOM))
"""Components whose work those behind them see while they are trained."""


class Fingerprints:
    """Of the components of one pipeline."""

    def __init__(
        self,
        plan: Sequence[PlannedComponent],
        examples: Sequence[TrainingExample],
        resources: NluResources,
    ) -> None:
        self._plan = plan
        self._resources = resources
        self._data = _digest(
            (
                examples,
                resources.language,
                resources.encoder.name if resources.encoder else None,
                resources.synonyms,
                resources.lookups,
                resources.regexes,
            )
        )

    def find(self, position: int) -> str:
        """The fingerprint of the component that stands there."""
        planned = self._plan[position]
        before = [(one.name, one.written) for one in self._plan[:position] if one.kind in _SEEN]
        return _digest((planned.name, planned.written, before, self._data, self._list_more(planned)))

    def _list_more(self, planned: PlannedComponent) -> object:
        """What only some components read."""
        if planned.kind is Kind.CUSTOM:
            return self._resources.responses, self._resources.entity_names
        options = planned.options
        reads_texts = isinstance(options, SelectorOptions) and options.use_text_as_label
        return self._resources.responses if reads_texts else None


def _digest(value: object) -> str:
    return sha256(_ENCODER.encode(value)).hexdigest()
