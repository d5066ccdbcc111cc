"""The options of the action server."""

import argparse

from ..constants import DEFAULT_ENDPOINTS_PATH, DEFAULT_SERVER_PORT


def action_arg(actions_module_path: str) -> str:
    """Check that the actions are named as a module, not as a path."""
    if "/" in actions_module_path:
        raise argparse.ArgumentTypeError(
            "Invalid actions format. Actions file should be a python module and passed with module notation "
            "(e.g. directory.actions)."
        )
    return actions_module_path


def add_endpoint_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument(
        "-p", "--port", default=DEFAULT_SERVER_PORT, type=int, help="port to run the server at"
    )
    parser.add_argument(
        "--cors",
        nargs="*",
        type=str,
        help="enable CORS for the passed origin. Use * to whitelist all origins",
    )
    for name in ("--actions", "--actions-module"):
        parser.add_argument(name, type=action_arg, default=None, help="name of action package to be loaded")
    for name, text in _TLS.items():
        parser.add_argument(name, default=None, help=text)
    parser.add_argument(
        "--auto-reload",
        help="Enable auto-reloading of modules containing Action subclasses.",
        action="store_true",
    )
    parser.add_argument(
        "--endpoints",
        default=DEFAULT_ENDPOINTS_PATH,
        help="Configuration file for the assistant as a yml file.",
    )
    parser.add_argument("--grpc", help="Starts grpc server instead of http", action="store_true")


_TLS = {
    "--ssl-keyfile": "The private key of a TLS secured server.",
    "--ssl-certificate": "Set the SSL certificate to create a TLS secured server.",
    "--ssl-password": "The password of the ssl-keyfile, if it has one. Not supported in grpc mode.",
    "--ssl-ca-file": (
        "The CA certificate that clients must show a certificate of. Supported only in grpc mode."
    ),
}
