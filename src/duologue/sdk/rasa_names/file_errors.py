"""What `rasa_sdk.exceptions` offers."""

# ruff: noqa: N818 - authors catch these under the names they know.

from pathlib import Path


class FileNotFoundException(FileNotFoundError):
    """A file that should be there is not."""


class FileIOException(Exception):
    """A file cannot be read."""


class YamlSyntaxException(Exception):
    """A file is not valid YAML."""

    def __init__(
        self, filename: str | Path | None = None, underlying_yaml_exception: Exception | None = None
    ) -> None:
        self.filename = filename
        self.underlying_yaml_exception = underlying_yaml_exception
        what = f"'{filename}'" if filename else "The text"
        reason = f": {underlying_yaml_exception}" if underlying_yaml_exception else "."
        super().__init__(f"{what} is not valid YAML{reason}")
