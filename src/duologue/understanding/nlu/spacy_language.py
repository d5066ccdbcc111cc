"""spaCy, where the author has installed it with a model: tokens with lemmas and tags, vectors, entities."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from duologue.core.nlu_options import DimensionOptions, SpacyOptions
from duologue.core.understanding import Entity
from duologue.understanding.nlu.message import NluMessage, Token

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_DOCUMENT = "spacy"
_USUAL_MODELS = {
    "ca": "ca_core_news_md",
    "da": "da_core_news_md",
    "de": "de_core_news_md",
    "el": "el_core_news_md",
    "en": "en_core_web_md",
    "es": "es_core_news_md",
    "fi": "fi_core_news_md",
    "fr": "fr_core_news_md",
    "hr": "hr_core_news_md",
    "it": "it_core_news_md",
    "ja": "ja_core_news_md",
    "ko": "ko_core_news_md",
    "lt": "lt_core_news_md",
    "mk": "mk_core_news_md",
    "nb": "nb_core_news_md",
    "nl": "nl_core_news_md",
    "pl": "pl_core_news_md",
    "pt": "pt_core_news_md",
    "ro": "ro_core_news_md",
    "ru": "ru_core_news_md",
    "sl": "sl_core_news_md",
    "sv": "sv_core_news_md",
    "uk": "uk_core_news_md",
    "zh": "zh_core_web_md",
}


class SpacyLanguage:
    """A loaded spaCy model. spaCy's own types are not there where it is not installed."""

    def __init__(self, model: Any, options: SpacyOptions) -> None:
        self._model = model
        self._is_case_sensitive = options.case_sensitive

    def split(self, text: str) -> list[Token]:
        return [
            Token(
                text=text[token.idx : token.idx + len(token)],
                start=token.idx,
                end=token.idx + len(token),
                lemma=token.lemma_,
                tag=token.tag_,
            )
            for token in self._model(self._fold(text))
            if not token.is_space
        ]

    @property
    def has_vectors(self) -> bool:
        return bool(self._model.vocab.vectors_length)

    def embed(self, text: str) -> NDArray[np.float32]:
        """The mean of the words' vectors, with length 1."""
        import numpy as np

        vector: NDArray[np.float32] = np.asarray(self._model(self._fold(text)).vector, dtype=np.float32)
        length = float(np.sqrt(vector @ vector))
        return vector / length if length else vector

    def find_entities(self, message: NluMessage) -> list[Entity]:
        """Names of people, places and so on; capitals tell much here, so the text is read as it is written."""
        document = message.notes.get(_DOCUMENT)
        if document is None:
            document = message.notes[_DOCUMENT] = self._model(message.text)
        return [
            Entity(
                entity=found.label_,
                value=found.text,
                start=found.start_char,
                end=found.end_char,
                extractor="SpacyEntityExtractor",
            )
            for found in document.ents
        ]

    def _fold(self, text: str) -> str:
        folded = text.lower()
        return text if self._is_case_sensitive or len(folded) != len(text) else folded


class SpacyEntityExtractor:
    """Adds spaCy's entities of the wanted kinds."""

    def __init__(self, options: DimensionOptions, language: SpacyLanguage) -> None:
        self._dimensions = frozenset(options.dimensions or ())
        self._language = language

    def process(self, message: NluMessage) -> None:
        message.entities.extend(
            entity
            for entity in self._language.find_entities(message)
            if not self._dimensions or entity.entity in self._dimensions
        )


def open_spacy(options: SpacyOptions, language: str) -> SpacyLanguage | None:
    """spaCy with its model, if both are installed."""
    if find_spec("spacy") is None:
        return None
    model = _load_model(options.model or _USUAL_MODELS.get(language.partition("-")[0], language))
    return None if model is None else SpacyLanguage(model, options)


@cache
def _load_model(name: str) -> Any:
    import spacy  # pyright: ignore[reportMissingImports]

    try:
        return spacy.load(name)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    except (OSError, ImportError, ValueError):
        return None
