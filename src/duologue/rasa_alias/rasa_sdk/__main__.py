"""The action server as a program."""

# pyright: basic

import argparse
import asyncio
import logging

from . import utils
from .constants import APPLICATION_ROOT_LOGGER_NAME
from .endpoint import create_argument_parser, run
from .executor import ActionExecutor
from .grpc_server import run_grpc

logger = logging.getLogger(__name__)


def main_from_args(args: argparse.Namespace) -> None:
    """Serve as the parsed command line says."""
    logging.getLogger("matplotlib").setLevel(logging.WARNING)
    utils.configure_colored_logging(args.loglevel)
    utils.configure_file_logging(
        logging.getLogger(APPLICATION_ROOT_LOGGER_NAME),
        args.log_file,
        args.loglevel,
        args.logging_config_file,
    )
    utils.update_sanic_log_level()
    action_executor = ActionExecutor()
    action_executor.register_package(args.actions_module or args.actions)
    if args.grpc:
        serving = run_grpc(
            action_executor,
            args.port,
            args.ssl_certificate,
            args.ssl_keyfile,
            args.ssl_ca_file,
            args.auto_reload,
            args.endpoints,
        )
        asyncio.run(serving)
    else:
        run(
            action_executor,
            args.port,
            args.cors,
            args.ssl_certificate,
            args.ssl_keyfile,
            args.ssl_password,
            args.auto_reload,
            args.endpoints,
        )


def main() -> None:
    """Serve as the command line says."""
    main_from_args(create_argument_parser().parse_args())


if __name__ == "__main__":
    main()
