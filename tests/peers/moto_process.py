"""A process that serves moto, one request at a time: only so its transactions are all or nothing.

Start it with a port.
"""

import sys
from collections.abc import Iterable
from threading import Lock
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, run_simple


def main(port: str) -> None:
    dispatcher = DomainDispatcherApplication(create_backend_app)
    lock = Lock()

    def serve(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        with lock:
            return dispatcher(environ, start_response)

    WSGIRequestHandler.protocol_version = "HTTP/1.1"  # so that connections are used again
    run_simple("127.0.0.1", int(port), serve, threaded=True)


if __name__ == "__main__":
    main(sys.argv[1])
