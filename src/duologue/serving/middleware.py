"""What stands before every route of a server: connections that close in time, other sites' pages, limits."""

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from duologue.serving.admission import Admission
from duologue.serving.connection_closing import ConnectionClosing
from duologue.serving.options import ServingOptions
from duologue.serving.request_limits import RequestLimits


def make_middleware(admission: Admission, options: ServingOptions) -> list[Middleware]:
    limits = Middleware(RequestLimits, largest_body=options.largest_body, seconds=options.request_seconds)
    closing = Middleware(ConnectionClosing, admission=admission)
    if not options.cors_origins:
        return [closing, limits]
    cors = Middleware(
        CORSMiddleware,
        allow_origins=list(options.cors_origins),
        allow_methods=["*"],
        allow_headers=["*"],
        expose_headers=["Retry-After"],
    )
    return [closing, cors, limits]
