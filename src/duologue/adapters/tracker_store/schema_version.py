"""Whether this release may use a database that another release has written."""

from duologue.core.errors import StorageRefusedError


def check_schema_version(*, found: int, oldest_reader: int, known: int, where: str) -> None:
    """Return if a release that knows the schema up to version `known` may use this one.

    A migration that an older release can live with keeps `oldest_reader`, so that servers of both releases work side by
    side while one takes the place of the other; only one that an older release would spoil raises it.

    Raises:
        StorageRefusedError: only a newer release may.
    """
    if oldest_reader > known:
        raise StorageRefusedError(
            f"{where} was written by a newer release (its tables have version {found}, and need a release that knows"
            f" version {oldest_reader}; this one knows {known}); use that release or another database."
        )
