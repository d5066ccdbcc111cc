"""Small things that actions and the server use."""

# pyright: basic
# The signatures are those of rasa_sdk, where much is untyped; the packages it imports may be missing.

import argparse
import asyncio
import inspect
import logging
import logging.config
import os
import sys
import warnings
from collections.abc import Callable, KeysView
from pathlib import Path
from typing import Any, ClassVar

from .constants import (
    DEFAULT_ENCODING,
    DEFAULT_LOG_LEVEL_LIBRARIES,
    DEFAULT_SANIC_WORKERS,
    ENV_LOG_LEVEL_LIBRARIES,
    ENV_SANIC_WORKERS,
    PYTHON_LOGGING_SCHEMA_DOCS,
    YAML_VERSION,
)
from .exceptions import FileIOException, FileNotFoundException, YamlSyntaxException

try:
    from ruamel.yaml import YAMLError  # pyright: ignore[reportMissingImports]
    from ruamel.yaml.constructor import DuplicateKeyError  # pyright: ignore[reportMissingImports]
except ModuleNotFoundError:  # the reader that Duologue has raises these
    YAMLError = DuplicateKeyError = ValueError

logger = logging.getLogger(__name__)


class Element(dict):
    """A card of a message; keys that a card does not have are left out."""

    _KEYS: ClassVar[frozenset[str]] = frozenset({"title", "item_url", "image_url", "subtitle", "buttons"})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{key: value for key, value in kwargs.items() if key in self._KEYS})


class Button(dict):
    """A button of a message."""


class Singleton(type):
    """A class of classes that have one instance each."""

    _instances: ClassVar[dict[Any, Any]] = {}

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        """Give the one instance."""
        if cls not in cls._instances:
            cls._instances[cls] = super().__call__(*args, **kwargs)
        return cls._instances[cls]

    @classmethod
    def clear(cls) -> None:
        """Forget all instances."""
        cls._instances = {}


def all_subclasses(cls: Any) -> list[Any]:
    """Give every known subclass, near ones first."""
    near = cls.__subclasses__()
    return near + [far for subclass in near for far in all_subclasses(subclass)]


def arguments_of(func: Callable) -> KeysView[str]:
    """Give the names of a function's parameters."""
    return inspect.signature(func).parameters.keys()


async def call_potential_coroutine(coroutine_or_return_value: Any) -> Any:
    """Await a coroutine; give anything else as it is."""
    if asyncio.iscoroutine(coroutine_or_return_value):
        return await coroutine_or_return_value
    return coroutine_or_return_value


# Command line and logs


def add_logging_level_option_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options that say how much is logged."""
    levels = (
        (("-v", "--verbose"), logging.INFO, "Be verbose. Sets logging level to INFO"),
        (
            ("-vv", "--debug"),
            logging.DEBUG,
            "Print lots of debugging statements. Sets logging level to DEBUG",
        ),
        (("--quiet",), logging.WARNING, "Be quiet! Sets logging level to WARNING"),
    )
    for names, level, text in levels:
        parser.add_argument(*names, help=text, action="store_const", dest="loglevel", const=level)
    parser.set_defaults(loglevel=logging.INFO)


def add_logging_file_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options that say where logs go."""
    parser.add_argument("--log-file", type=str, default=None, help="Store logs in specified file.")
    parser.add_argument(
        "--logging-config_file",
        type=str,
        default=None,
        help="If set, the name of the logging configuration file will be set to the given name.",
    )


def configure_colored_logging(loglevel: Any) -> None:
    """Log to the terminal in colours."""
    import coloredlogs  # pyright: ignore[reportMissingImports]

    field_styles = {**coloredlogs.DEFAULT_FIELD_STYLES, "asctime": {}}
    level_styles = {**coloredlogs.DEFAULT_LEVEL_STYLES, "debug": {}}
    coloredlogs.install(
        level=loglevel,
        use_chroot=False,
        fmt="%(asctime)s %(levelname)-8s %(name)s  - %(message)s",
        level_styles=level_styles,
        field_styles=field_styles,
    )


def configure_logging_from_input_file(logging_config_file: Path | str) -> None:
    """Set logging up as a YAML file says."""
    described = read_yaml_file(logging_config_file)
    try:
        logging.config.dictConfig(described)
    except (ValueError, TypeError, AttributeError, ImportError) as error:
        logging.debug(
            f"The logging config file {logging_config_file} could not be applied because it failed validation "
            f"against the built-in Python logging schema. More info at {PYTHON_LOGGING_SCHEMA_DOCS}.",
            exc_info=error,
        )


def set_default_logging(logger_obj: logging.Logger, output_log_file: str | None, loglevel: int) -> None:
    """Log to a file too, if one is named."""
    if not output_log_file:
        return
    level = loglevel or logging.INFO
    handler = logging.FileHandler(output_log_file, encoding=DEFAULT_ENCODING)
    handler.setLevel(level)
    handler.setFormatter(logging.Formatter("%(asctime)s [%(levelname)-5.5s]  %(name)s  -  %(message)s"))
    logger_obj.setLevel(level)
    logger_obj.addHandler(handler)


def configure_file_logging(
    logger_obj: logging.Logger,
    output_log_file: str | None,
    loglevel: int,
    logging_config_file: str | None,
) -> None:
    """Set logging up as a YAML file says; without one, log to a file if one is named."""
    if logging_config_file is not None:
        configure_logging_from_input_file(logging_config_file)
    else:
        set_default_logging(logger_obj, output_log_file, loglevel)


def update_sanic_log_level() -> None:
    """Give the loggers of the web server the level that the environment asks for."""
    from sanic.log import access_logger, error_logger  # pyright: ignore[reportMissingImports]
    from sanic.log import logger as sanic_logger  # pyright: ignore[reportMissingImports]

    level = os.environ.get(ENV_LOG_LEVEL_LIBRARIES, DEFAULT_LOG_LEVEL_LIBRARIES)
    for found in (sanic_logger, error_logger, access_logger):
        found.setLevel(level)
        found.propagate = False


def number_of_sanic_workers() -> int:
    """Give the number of worker processes that the environment asks for; 1 if it asks for nothing sensible."""
    asked = os.environ.get(ENV_SANIC_WORKERS, DEFAULT_SANIC_WORKERS)
    try:
        workers = int(asked)
    except ValueError:
        logger.error(f"Cannot convert environment variable `{ENV_SANIC_WORKERS}` to int ('{asked}').")
        workers = DEFAULT_SANIC_WORKERS
    if workers < 1:
        warnings.warn(
            f"Cannot set number of Sanic workers to the desired value ({workers}). The number of workers must be "
            "at least 1.",
            stacklevel=2,
        )
        workers = DEFAULT_SANIC_WORKERS
    if workers == DEFAULT_SANIC_WORKERS:
        logger.debug(f"Using the default number of Sanic workers ({DEFAULT_SANIC_WORKERS}).")
    else:
        logger.debug(f"Using {workers} Sanic workers.")
    return workers


def check_version_compatibility(rasa_version: str | None) -> None:
    """Warn if the assistant that calls is of another version, the last number apart."""
    # Looked up now, since the package may pretend to be another version.
    sdk_version = sys.modules[__name__.rpartition(".")[0]].__version__
    advice = (
        "To ensure compatibility use the same version for both, modulo the last number, i.e. using version A.B.x the "
        "numbers A and B should be identical for both rasa and rasa_sdk."
    )
    if rasa_version is None:
        warnings.warn(
            "You are using an old version of rasa which might not be compatible with this version of rasa_sdk "
            f"({sdk_version}).\n{advice}",
            stacklevel=2,
        )
    elif rasa_version.split(".")[:-1] != sdk_version.split(".")[:-1]:
        warnings.warn(
            "Your versions of rasa and rasa_sdk might not be compatible. You are currently running rasa version "
            f"{rasa_version} and rasa_sdk version {sdk_version}.\n{advice}",
            stacklevel=2,
        )


# Files


def read_file(filename: str | Path, encoding: str = DEFAULT_ENCODING) -> Any:
    """Read a text file."""
    try:
        with open(filename, encoding=encoding) as file:
            return file.read()
    except FileNotFoundError as error:
        raise FileNotFoundException(_say_missing(filename)) from error
    except UnicodeDecodeError as error:
        raise FileIOException(
            f"Failed to read file '{os.path.abspath(filename)}', could not read the file using {encoding} to decode "
            "it. Please make sure the file is stored with this encoding."
        ) from error


def file_as_bytes(file_path: str) -> bytes:
    """Read a file's bytes."""
    try:
        with open(file_path, "rb") as file:
            return file.read()
    except FileNotFoundError as error:
        raise FileNotFoundException(_say_missing(file_path)) from error


def _say_missing(filename: str | Path) -> str:
    return f"Failed to read file, '{os.path.abspath(filename)}' does not exist."


def read_yaml(content: str, reader_type: str = "safe") -> Any:
    """Read YAML with ruamel.yaml, or, where that is not installed, with the reader that Duologue has."""
    if _is_ascii(content):
        # Written `\U0001F600`, an emoji is ASCII and still one character.
        decoded = content.encode("utf-8").decode("raw_unicode_escape")
        content = decoded.encode("utf-16", "surrogatepass").decode("utf-16")
    try:
        from ruamel import yaml  # pyright: ignore[reportMissingImports]
    except ModuleNotFoundError:
        from ryaml import loads  # pyright: ignore[reportPrivateImportUsage] - it is the documented name

        return loads(content) or {}
    parser = yaml.YAML(typ=reader_type)
    parser.version = YAML_VERSION
    parser.preserve_quotes = True
    return parser.load(content) or {}


def read_yaml_file(filename: str | Path) -> dict[str, Any]:
    """Read a YAML file."""
    content = read_file(filename, DEFAULT_ENCODING)
    try:
        return read_yaml(content)
    except (YAMLError, DuplicateKeyError) as error:
        raise YamlSyntaxException(filename, error) from error


def _is_ascii(text: str) -> bool:
    return all(ord(character) < 128 for character in text)
