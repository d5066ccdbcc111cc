"""What `config.yml` may say of the policy that answers from documents: its keys, their types, their defaults."""

from typing import Annotated

import msgspec

from duologue.core.values import OpenData

SEARCH_POLICY = "EnterpriseSearchPolicy"
DEFAULT_SOURCE = "./docs"
DEFAULT_STORE = "faiss"

_Positive = Annotated[int, msgspec.Meta(ge=1)]


class VectorStoreOptions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where the documents are, and how near to a question they must be."""

    type: str = DEFAULT_STORE
    """Whatever it names, this release searches the documents of the project."""
    source: str = DEFAULT_SOURCE
    """The folder of documents, as it counts from the project's."""
    threshold: float = 0.0
    """0 to 1; passages below it answer nothing, and 0 leaves it to the search."""


class SearchOptions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The policy that answers from documents, spelt as authors spell it."""

    vector_store: VectorStoreOptions = VectorStoreOptions()
    llm: OpenData = {}
    """`model_group`, or a model written out, which is deprecated."""
    embeddings: OpenData = {}
    """`model_group`, or a model written out."""
    prompt_template: str | None = None
    """A Jinja file of the project, instead of our prompt."""
    prompt: str | None = None
    """The deprecated name of `prompt_template`."""
    use_generative_llm: bool = True
    """Off: the words of the documents are the answer, and no model is asked."""
    citation_enabled: bool = False
    check_relevancy: bool = False
    """The model says so when the passages do not answer the question, and the user hears that there is no answer."""
    max_messages_in_query: _Positive = 2
    """How many of the user's latest messages a question that does not stand alone is searched with."""
    max_history: _Positive | None = None
    """How many turns of the conversation the model sees."""
    include_date_time: bool = True
    timezone: str = "UTC"
    """An IANA name such as `Europe/Berlin`."""
    trace_prompt_tokens: bool = False
    priority: int | None = None
    """Accepted, without meaning here."""

    @property
    def template_path(self) -> str | None:
        """The project's own prompt, as it is written."""
        return self.prompt_template or self.prompt


def read_search_options(options: OpenData) -> SearchOptions:
    """The options of the policy; mistakes were told when the project was checked, here each one's default is taken."""
    kept: OpenData = {}
    for key, value in options.items():
        try:
            msgspec.convert({key: value}, SearchOptions, strict=False)
        except msgspec.ValidationError:
            continue
        kept[key] = value
    return msgspec.convert(kept, SearchOptions, strict=False)
