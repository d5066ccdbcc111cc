"""The source of an import: what an endpoints file, a file of conversations or an address names."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec

from duologue.core.errors import DefinitionError
from duologue.core.values import OpenData
from duologue.ports.conversation_source import ConversationSource
from duologue.project.endpoints import TypedEndpoint
from duologue.project.endpoints_reader import read_endpoints
from duologue.runtime.opening import ProjectProblemsError
from duologue.runtime.settings import Settings

ENDPOINTS_SUFFIXES = frozenset((".yml", ".yaml"))
DEFAULT_DATABASE = "rasa.db"
_SQLITE_MARK = b"SQLite format 3\0"
_IN_MEMORY = frozenset(("in_memory", "memory", "inmemory"))
_Place = TypeVar("_Place", bound=msgspec.Struct)


def open_source(name: str, settings: Settings) -> ConversationSource:
    """The source that `name` names: an endpoints file, a file of conversations, or an address.

    Raises:
        DefinitionError: there is no such thing, or none that can be read.
    """
    if "://" in name:
        return _open_address(name, settings)
    path = Path(name)
    if not path.is_file():
        raise DefinitionError(
            f"There is no file {name}; name the endpoints.yml of the old project, a SQLite file, a file of events or an"
            " address such as postgresql://user@host/database."
        )
    if path.suffix in ENDPOINTS_SUFFIXES:
        return _open_endpoints(path, settings)
    with path.open("rb") as file:
        is_sqlite = file.read(len(_SQLITE_MARK)) == _SQLITE_MARK
    if is_sqlite:
        from duologue.adapters.conversation_source.sql_readers import open_sqlite

        return open_sqlite(path)
    from duologue.adapters.conversation_source.json_lines import open_file

    return open_file(path)


def _open_endpoints(path: Path, settings: Settings) -> ConversationSource:
    reading = read_endpoints(path, environment=settings.variables)
    endpoint = reading.endpoints.tracker_store
    # What is wrong with the other services of the old project does not matter here.
    if reading.problems.has_errors and (endpoint is None or "${" in str(endpoint.options)):
        raise ProjectProblemsError(reading.problems.errors)
    if endpoint is None or (endpoint.type or "").casefold() in _IN_MEMORY:
        raise DefinitionError(
            f"{path} names no tracker store, so the old server kept its conversations in its memory only; a file that"
            " `rasa export` or its event queue wrote can be read instead."
        )
    return _open_store(endpoint, path.parent, settings, str(path))


def _open_store(endpoint: TypedEndpoint, root: Path, settings: Settings, where: str) -> ConversationSource:
    options = dict(endpoint.options)
    _refuse_vault(options, where)
    match (endpoint.type or "").casefold():
        case "sql":
            return _open_sql(options, root, settings, where)
        case "redis":
            return _open_redis(options, settings, where)
        case "mongod":
            from duologue.adapters.conversation_source import rasa_mongodb

            return rasa_mongodb.open_source(_convert(options, rasa_mongodb.MongodbPlace, where))
        case "dynamo":
            return _open_dynamodb(options, settings, where)
        case _:
            raise DefinitionError(
                f"{where} names the tracker store `{endpoint.type}`, from which nothing can be imported; it can be SQL,"
                " redis, mongod or dynamo. A file that `rasa export` wrote works with any of them."
            )


def _refuse_vault(options: OpenData, where: str) -> None:
    hidden = [name for name, value in options.items() if isinstance(value, dict) and "secret_key" in value]
    if hidden:
        raise DefinitionError(
            f"{where} takes `{hidden[0]}` from a secrets manager, which an import cannot ask; write it as `${{NAME}}` in"
            " a copy of the file and set that variable."
        )


def _open_sql(options: OpenData, root: Path, settings: Settings, where: str) -> ConversationSource:
    from duologue.adapters.conversation_source import sql_readers

    dialect = str(options.get("dialect") or "sqlite").split("+")[0].casefold()
    url = options.get("url")
    if isinstance(url, str) and "://" in url:
        return _open_address(url, settings)
    if dialect == "sqlite":
        path = root / str(options.get("db") or DEFAULT_DATABASE)
        if not path.is_file():
            raise DefinitionError(f"There is no database {path}, which {where} names.")
        return sql_readers.open_sqlite(path)
    if dialect not in sql_readers.DIALECTS:
        raise DefinitionError(
            f"Nothing can be imported from a database of the dialect `{dialect}`; it can be sqlite, postgresql or mysql."
            " A file that `rasa export` wrote works with any of them."
        )
    host, _, port = str(url or "localhost").partition(":")
    values: OpenData = {
        "host": host,
        "port": options.get("port") or port or None,
        "database": options.get("db") or DEFAULT_DATABASE,
        "username": options.get("username"),
        "password": options.get("password"),
        "schema": settings.sql.schema,
        "ssl_mode": settings.sql.ssl_mode,
        "ssl_root_certificate": settings.sql.ssl_root_certificate,
    }
    return sql_readers.open_server(dialect, _convert(values, sql_readers.SqlServer, where))


def _open_redis(options: OpenData, settings: Settings, where: str) -> ConversationSource:
    from duologue.adapters.conversation_source import rasa_redis

    host = str(options.get("host") or options.get("url") or "localhost")
    if "://" in host:
        return _open_address(host, settings)
    return rasa_redis.open_source(_convert({**options, "host": host}, rasa_redis.RedisPlace, where))


def _open_dynamodb(options: OpenData, settings: Settings, where: str) -> ConversationSource:
    from duologue.adapters.conversation_source import rasa_dynamodb

    values = {"endpoint_url": settings.aws.dynamodb_url, "region": settings.aws.region, **options}
    return rasa_dynamodb.open_source(_convert(values, rasa_dynamodb.DynamodbPlace, where))


def _open_address(address: str, settings: Settings) -> ConversationSource:
    """`sqlite:///file`, `postgresql://user:password@host/database`, `mysql://…`, `redis://host/0`, `mongodb://…`."""
    if address.startswith(("mongodb://", "mongodb+srv://")):
        # The driver reads its own address, with all its servers and options.
        name = unquote(urlsplit(address).path.lstrip("/"))
        endpoint = TypedEndpoint(type="mongod", options={"url": address, **({"db": name} if name else {})})
        return _open_store(endpoint, Path.cwd(), settings, "the address")
    parts = urlsplit(address)
    scheme = parts.scheme.split("+")[0].casefold()
    shown = f"{parts.scheme}://{parts.hostname or ''}"
    name = unquote(parts.path.lstrip("/"))
    options: OpenData = {
        "url": parts.hostname,
        "port": parts.port,
        "username": unquote(parts.username) if parts.username else None,
        "password": unquote(parts.password) if parts.password else None,
        **dict(parse_qsl(parts.query)),
    }
    if name:
        options["db"] = name
    match scheme:
        case "sqlite":
            endpoint = TypedEndpoint(type="sql", options={"db": unquote(parts.path.removeprefix("/"))})
        case "postgresql" | "postgres" | "mysql" | "mariadb":
            endpoint = TypedEndpoint(type="sql", options={**options, "dialect": scheme})
        case "redis" | "rediss":
            endpoint = TypedEndpoint(type="redis", options={**options, "use_ssl": scheme == "rediss"})
        case "dynamodb":
            options = {"region": parts.hostname, "table_name": name} if name else {"region": parts.hostname}
            endpoint = TypedEndpoint(type="dynamo", options=options)
        case _:
            raise DefinitionError(
                f"Nothing can be imported from an address that begins with {scheme}://; it can be sqlite, postgresql,"
                " mysql, redis, mongodb or dynamodb."
            )
    return _open_store(endpoint, Path.cwd(), settings, shown)


def _convert(options: Mapping[str, Any], kind: type[_Place], where: str) -> _Place:
    """The options that `kind` knows; an old file has others as well, which are of no use here."""
    known = {field.name for field in msgspec.structs.fields(kind)}
    given = {name: value for name, value in options.items() if name in known and value is not None}
    try:
        # Values that came through `${NAME}` are text, whatever they mean.
        return msgspec.convert(given, type=kind, strict=False)
    except msgspec.ValidationError as error:
        raise DefinitionError(f"The tracker store in {where} cannot be read: {error}.") from error
