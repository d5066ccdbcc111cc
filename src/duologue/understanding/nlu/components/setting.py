"""What a component finds around it when it is built."""

from collections.abc import Callable, Collection, Mapping

import msgspec

from duologue.ports.sentence_encoder import SentenceEncoder
from duologue.understanding.nlu.component import NluResources
from duologue.understanding.nlu.plan import PlannedComponent
from duologue.understanding.nlu.recipes import SPACY_FEATURIZER, choose_featurizers
from duologue.understanding.nlu.spacy_language import SpacyLanguage


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """The resources of the pipeline and the featurizers that stand before the component."""

    resources: NluResources
    featurizers: tuple[PlannedComponent, ...] = ()
    report: Callable[[str], None]
    spacy: SpacyLanguage | None = None
    """The spaCy model of the pipeline, if there is one."""

    def find_vectors(self, aliases: Collection[str] = ()) -> SpacyLanguage | None:
        """spaCy's vectors, if a featurizer asks for them and the model has some."""
        is_asked = any(one.name == SPACY_FEATURIZER for one in choose_featurizers(self.featurizers, aliases))
        return self.spacy if is_asked and self.spacy is not None and self.spacy.has_vectors else None

    def find_encoder(self, *, is_wanted: bool) -> SentenceEncoder | None:
        """The encoder, if the component's features ask for it."""
        return self.resources.encoder if is_wanted else None


def put_below(folder: str, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files with the folder before their names."""
    return {f"{folder}/{name}": content for name, content in files.items()}


def take_below(folder: str, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """What `put_below` put there."""
    start = f"{folder}/"
    return {name.removeprefix(start): content for name, content in files.items() if name.startswith(start)}
