"""The connection to MongoDB, and its failures in one sentence."""

import warnings
from typing import Any, TypeAlias

from bson.errors import BSONError
from pymongo import AsyncMongoClient
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import (
    ConfigurationError,
    DocumentTooLarge,
    InvalidName,
    InvalidOperation,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
)
from pymongo.read_concern import ReadConcern
from pymongo.read_preferences import ReadPreference
from pymongo.write_concern import WriteConcern

from duologue.adapters.tracker_store.mongodb_options import MongodbOptions
from duologue.core.errors import StorageRefusedError, StorageUnavailableError

Document: TypeAlias = dict[str, Any]  # BSON: as open as JSON
FAILURES = (PyMongoError, BSONError)
Collection: TypeAlias = AsyncCollection[Document]

CALL_TIMEOUT = 7_000
"""Milliseconds that a call may take, with finding the server and all that the driver tries again."""
_CONNECT_TIMEOUT = 5_000

_WRONG_PASSWORD = frozenset({11, 18, 8000})
_NO_RIGHTS = 13
_TOO_LARGE = frozenset({10334, 17419, 17420, 2, 10003})
_SIGNS_OF_TLS = ("SSL", "certificate", "TLS")


def open_client(options: MongodbOptions) -> AsyncMongoClient[Document]:
    """A client that connects at its first call.

    Raises:
        StorageRefusedError: the options do not make an address.
    """
    ours: dict[str, Any] = {
        "appName": "duologue",
        "connectTimeoutMS": _CONNECT_TIMEOUT,
        "timeoutMS": CALL_TIMEOUT,
    }
    arguments = {name: value for name, value in ours.items() if name.lower() not in options.names_in_url}
    if options.username is not None:
        arguments |= {"username": options.username, "password": options.password}
        if "authsource" not in options.names_in_url:
            arguments["authSource"] = options.auth_source
    try:
        with warnings.catch_warnings():
            # The driver would only warn of a wrong option, and go on without TLS if that is what it was about.
            warnings.simplefilter("error", UserWarning)
            return AsyncMongoClient(options.url, **arguments)
    except (PyMongoError, ValueError, TypeError, UserWarning) as error:
        raise StorageRefusedError(
            f"The address of the {options.where} cannot be used: {_shorten(error)}; mend `url` in endpoints.yml."
        ) from error


def get_collection(client: AsyncMongoClient[Document], options: MongodbOptions, name: str) -> Collection:
    """One of our collections: writes are in the journals of most servers before they are answered, reads never see
    what could still be undone.

    Raises:
        StorageRefusedError: there can be no such database or collection.
    """
    try:
        return client.get_database(options.db).get_collection(
            f"{options.prefix}_{name}",
            write_concern=WriteConcern("majority", j=True),
            read_concern=ReadConcern("majority"),
            read_preference=ReadPreference.PRIMARY,
        )
    except InvalidName as error:
        raise StorageRefusedError(f"There can be no {options.where}: {_shorten(error)}.") from error


def explain(error: Exception, where: str) -> StorageUnavailableError:
    """Why a call failed."""
    match error:
        case DocumentTooLarge():
            sentence = "cannot take that much at once; one conversation's turn has to be smaller than 12 MB"
        case OperationFailure(code=code) if code in _TOO_LARGE and "size" in str(error).lower():
            sentence = "cannot take that much at once; one conversation's turn has to be smaller than 12 MB"
        case ServerSelectionTimeoutError():
            sentence = f"cannot be reached: {_shorten(error)}"
        case InvalidOperation():
            sentence = "is closed"
        case PyMongoError() if error.timeout:
            sentence = "does not answer in time"
        case _:
            sentence = f"failed: {_shorten(error)}"
    return StorageUnavailableError(f"The {where} {sentence}.")


def explain_refusal(error: Exception, options: MongodbOptions) -> StorageRefusedError | None:
    """Why the server does not take us; None if that may pass."""
    match error:
        case OperationFailure(code=code) if code in _WRONG_PASSWORD:
            sentence = (
                f"refuses the user {options.username or 'of its url'} or the password; check `username`, `password` "
                f"and `auth_source` (the database that knows the user) in endpoints.yml"
            )
        case OperationFailure(code=code) if code == _NO_RIGHTS:
            sentence = (
                "does not let this user read and write; give the role `readWrite`, or a username and password"
            )
        case ServerSelectionTimeoutError() if any(sign in str(error) for sign in _SIGNS_OF_TLS):
            sentence = f"and this machine do not agree on TLS ({_shorten(error)}); check `tls` and `tlsCAFile` in the url"
        case ConfigurationError():
            sentence = f"cannot be opened so: {_shorten(error)}; mend `url` in endpoints.yml"
        case _:
            return None
    return StorageRefusedError(f"The {options.where} {sentence}.")


def _shorten(error: Exception) -> str:
    # The driver adds a description of all servers, several hundred characters long.
    return str(error).partition(", Timeout:")[0].partition(", full error:")[0].strip().rstrip(".")[:200]
