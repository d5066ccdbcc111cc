"""A log set up by a file of the author's own, as `logging.config.dictConfig` takes it."""

import logging.config
from pathlib import Path

from duologue.cli.failure import CommandError


def apply_log_config(path: Path) -> None:
    """Set the log up as the YAML file says.

    Raises:
        CommandError: there is no such file, or it is no configuration of a log.
    """
    from duologue.project.fields import is_mapping
    from duologue.project.yaml_reader import UnreadableFileError, read_yaml

    if not path.is_file():
        raise CommandError(f"There is no file {path}, which --logging-config-file names.")
    try:
        config = read_yaml(path).value
    except UnreadableFileError as error:
        raise CommandError(f"{error.problem.format()}") from error
    if not is_mapping(config):
        raise CommandError(f"{path} must be a mapping, as logging.config.dictConfig takes it.")
    try:
        logging.config.dictConfig({**config})
    except (ValueError, TypeError, AttributeError, ImportError) as error:
        raise CommandError(f"{path} does not set a log up: {error}.") from error
