"""How the server of an assistant is to run."""

from duologue.serving.options import ServingOptions

DEFAULT_PORT = 5005


class ServerOptions(ServingOptions, frozen=True, kw_only=True):
    """What the command line says about the server; `response_seconds` bounds a turn."""

    port: int = DEFAULT_PORT
    channels: frozenset[str] = frozenset({"rest"})
    readiness_seconds: float = 1.0
    """How long an answer of the store to the question whether it is ready counts."""
    is_page_shown: bool = False
    """Whether browsers meet the demo page, and its data is served."""
    model_file: str = ""
    """Where the assistant came from, for `/status`."""
