"""Documents of a project, from which questions are answered."""

import msgspec


class Document(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One text of a project, or one entry of a file of frequent questions."""

    source: str
    """Path of its file, as it counts from the folder of documents."""
    text: str
    """The whole text; of a frequent question, the question."""
    title: str = ""
    answer: str | None = None
    """What a frequent question is answered with, word for word."""
