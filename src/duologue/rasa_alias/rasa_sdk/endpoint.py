"""The action server over HTTP, as a Sanic application."""

# pyright: basic
# sanic need not be installed where this is checked.
# ruff: noqa: PLR0917 - the parameters are those of rasa_sdk.

import argparse
import json
import logging
import os
import warnings
import zlib
from functools import partial
from typing import Any

from multidict import MultiDict

with warnings.catch_warnings():
    warnings.filterwarnings("ignore", category=DeprecationWarning, message=".*pkg_resources.*")
    from sanic import Sanic, response  # pyright: ignore[reportMissingImports]
    from sanic.request import Request  # pyright: ignore[reportMissingImports]
    from sanic.response import HTTPResponse  # pyright: ignore[reportMissingImports]
    from sanic.worker.loader import AppLoader  # pyright: ignore[reportMissingImports]

from . import utils
from .cli.arguments import add_endpoint_arguments
from .constants import DEFAULT_ENDPOINTS_PATH, DEFAULT_KEEP_ALIVE_TIMEOUT, DEFAULT_SERVER_PORT
from .cors import configure_cors
from .executor import ActionExecutor
from .interfaces import ActionExecutionRejection, ActionMissingDomainException, ActionNotFoundException
from .plugin import plugin_manager
from .tracing.utils import get_tracer_and_context, get_tracer_provider, set_span_attributes

logger = logging.getLogger(__name__)

Origins = str | list[str] | None


def create_ssl_config(
    ssl_certificate: str | None, ssl_keyfile: str | None, ssl_password: str | None = None
) -> dict[str, str | None] | None:
    """Describe TLS by its files, which a worker process can be given; None without a certificate."""
    if not ssl_certificate:
        return None
    return {"cert": ssl_certificate, "key": ssl_keyfile, "password": ssl_password}


def create_argument_parser() -> argparse.ArgumentParser:
    """Make the parser of the command line."""
    parser = argparse.ArgumentParser(description="starts the action endpoint")
    add_endpoint_arguments(parser)
    utils.add_logging_level_option_arguments(parser)
    utils.add_logging_file_arguments(parser)
    return parser


async def load_tracer_provider(endpoints: str, app: Sanic) -> None:
    """Set tracing up as the file says."""
    app.ctx.tracer_provider = get_tracer_provider(endpoints)


def create_app(
    action_executor: ActionExecutor, cors_origins: Origins = "*", auto_reload: bool = False
) -> Sanic:
    """Make an application that runs the executor's actions."""
    app = Sanic("rasa_sdk", configure_logging=False)
    # Sanic turns its own deprecation warnings on, for everybody in this process.
    warnings.filterwarnings("ignore", category=DeprecationWarning, module=r"sanic.*")
    configure_cors(app, cors_origins)
    app.ctx.tracer_provider = None

    @app.get("/health")
    async def health(_: Request) -> HTTPResponse:
        """Say that the server runs."""
        return response.json({"status": "ok"}, status=200)

    @app.post("/webhook")
    async def webhook(request: Request) -> HTTPResponse:
        """Run one action."""
        return await _answer(request, action_executor, auto_reload)

    @app.get("/actions")
    async def actions(_: Request) -> HTTPResponse:
        """List the actions."""
        if auto_reload:
            action_executor.reload()
        return response.json([found.model_dump() for found in action_executor.list_actions()], status=200)

    @app.exception(Exception)
    async def exception_handler(request: Request, exception: Exception) -> HTTPResponse:
        logger.error(
            msg=f"Exception occurred during execution of request {request}",
            exc_info=exception,
        )
        return response.json({"error": str(exception), "request_body": request.json}, status=500)

    return app


async def _answer(request: Request, action_executor: ActionExecutor, auto_reload: bool) -> HTTPResponse:
    span_name = "create_app.webhook"
    tracer, context = get_tracer_and_context(
        span_name=span_name,
        tracer_provider=request.app.ctx.tracer_provider,
        tracing_carrier=_headers_of(request),
    )
    with tracer.start_as_current_span(span_name, context=context) as span:
        action_call = _read_body(request)
        if action_call is None:
            return response.json({"error": "Invalid body request"}, status=400)
        utils.check_version_compatibility(action_call.get("version"))
        if auto_reload:
            action_executor.reload()
        try:
            result = await action_executor.run(action_call)
        except ActionExecutionRejection as error:
            logger.debug(error)
            return _explain(error, status=400)
        except ActionNotFoundException as error:
            logger.error(error)
            return _explain(error, status=404)
        except ActionMissingDomainException as error:
            logger.debug(error)
            return _explain(error, status=449)
        set_http_span_attributes(span, action_call, http_method="POST", route="/webhook")
        return response.json(result.model_dump() if result else None, status=200)


def _headers_of(request: Request) -> MultiDict:
    left_out = ("content-length", "content-encoding")
    return MultiDict(
        [(name, value) for name, value in request.headers.items() if name.lower() not in left_out]
    )


def _read_body(request: Request) -> Any:
    if request.headers.get("Content-Encoding") == "deflate":
        return json.loads(zlib.decompress(request.body))
    return request.json


def _explain(
    error: ActionExecutionRejection | ActionNotFoundException | ActionMissingDomainException, *, status: int
) -> HTTPResponse:
    return response.json({"error": error.message, "action_name": error.action_name}, status=status)


def set_http_span_attributes(span: Any, action_call: dict, http_method: str, route: str) -> None:
    """Note on a span which action is called over HTTP, and for whom."""
    set_span_attributes(span, action_call)
    if span.is_recording():
        span.set_attribute("http.method", http_method)
        span.set_attribute("http.route", route)


def create_app_for_serve(
    action_executor: ActionExecutor,
    cors_origins: Origins = "*",
    auto_reload: bool = False,
    endpoints: str = DEFAULT_ENDPOINTS_PATH,
    keep_alive_timeout: int = DEFAULT_KEEP_ALIVE_TIMEOUT,
) -> Sanic:
    """Make the application of one process, with tracing and plugins; worker processes are given this function."""
    app = create_app(action_executor, cors_origins=cors_origins, auto_reload=auto_reload)
    app.config.KEEP_ALIVE_TIMEOUT = keep_alive_timeout
    app.register_listener(partial(load_tracer_provider, endpoints), "before_server_start")
    logger.info("Starting plugins...")
    plugin_manager().hook.attach_sanic_app_extensions(app=app)
    return app


def run(
    action_executor: ActionExecutor,
    port: int = DEFAULT_SERVER_PORT,
    cors_origins: Origins = "*",
    ssl_certificate: str | None = None,
    ssl_keyfile: str | None = None,
    ssl_password: str | None = None,
    auto_reload: bool = False,
    endpoints: str = DEFAULT_ENDPOINTS_PATH,
    keep_alive_timeout: int = DEFAULT_KEEP_ALIVE_TIMEOUT,
) -> None:
    """Serve the executor's actions until the process is stopped."""
    logger.info("Starting action endpoint server...")
    loader = AppLoader(
        factory=partial(
            create_app_for_serve,
            action_executor,
            cors_origins=cors_origins,
            auto_reload=auto_reload,
            endpoints=endpoints,
            keep_alive_timeout=keep_alive_timeout,
        )
    )
    app = loader.load()
    ssl_config = create_ssl_config(ssl_certificate, ssl_keyfile, ssl_password)
    protocol = "https" if ssl_config else "http"
    host = os.environ.get("SANIC_HOST", "0.0.0.0")
    logger.info(f"Action endpoint is up and running on {protocol}://{host}:{port}")
    app.prepare(host=host, port=port, ssl=ssl_config, workers=utils.number_of_sanic_workers())
    Sanic.serve(primary=app, app_loader=loader)


if __name__ == "__main__":
    from .__main__ import main

    main()
