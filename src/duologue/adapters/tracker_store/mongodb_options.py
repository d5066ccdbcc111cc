"""How a MongoDB database is found."""

from urllib.parse import parse_qsl, urlsplit

import msgspec

RASA_COLLECTION = "conversations"
"""Where Rasa keeps conversations, in a layout of its own; ours stand beside it."""


class MongodbOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The entry of `endpoints.yml`."""

    url: str = "mongodb://localhost:27017"
    """`mongodb://` or `mongodb+srv://`, with the options that MongoDB documents (TLS, replica set, authentication)."""
    db: str = "rasa"
    username: str | None = None
    password: str | None = None
    auth_source: str = "admin"
    """The database that knows the user."""
    collection: str = RASA_COLLECTION

    @property
    def prefix(self) -> str:
        """What our collections begin with; of its own for a collection that is not called as usual."""
        return "duologue" if self.collection == RASA_COLLECTION else f"duologue_{self.collection}"

    @property
    def hosts(self) -> str:
        """Where the servers are, without what is secret."""
        return self.url.rpartition("://")[2].rpartition("@")[2].partition("/")[0].partition("?")[0]

    @property
    def where(self) -> str:
        """The database, for messages."""
        return f"MongoDB database {self.db} at {self.hosts}"

    @property
    def names_in_url(self) -> frozenset[str]:
        """The options that the URL sets, in small letters."""
        return frozenset(name.lower() for name, _ in parse_qsl(urlsplit(self.url).query))
