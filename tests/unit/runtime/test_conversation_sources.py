"""The source of an import is found by what the operator has: the old endpoints file, a file, or an address."""

from pathlib import Path

import pytest

from duologue.adapters.conversation_source.json_lines import JsonLinesSource
from duologue.adapters.conversation_source.rasa_dynamodb import RasaDynamodbSource
from duologue.adapters.conversation_source.rasa_mongodb import RasaMongodbSource
from duologue.adapters.conversation_source.rasa_redis import RasaRedisSource
from duologue.adapters.conversation_source.rasa_sql import RasaSqlSource
from duologue.core.errors import DefinitionError
from duologue.runtime.conversation_sources import open_source
from duologue.runtime.settings import Settings
from tests.rasa_conversations import tell_conversation, write_json_lines, write_sqlite

SETTINGS = Settings.from_environment({"DB_PORT": "5433", "DB_PASSWORD": "secret"})


def write_endpoints(folder: Path, text: str) -> str:
    path = folder / "old-endpoints.yml"
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("entry", "kind"),
    [
        (
            "{type: SQL, dialect: postgresql, url: db, port: '${DB_PORT}', db: rasa, username: rasa}",
            RasaSqlSource,
        ),
        (
            "{type: SQL, dialect: mysql+pymysql, url: 'db:3307', db: rasa, password: '${DB_PASSWORD}'}",
            RasaSqlSource,
        ),
        ("{type: SQL, dialect: postgresql, url: 'postgresql://rasa:pw@db/rasa'}", RasaSqlSource),
        ("{type: redis, url: cache, port: 6380, db: 2, key_prefix: bank, record_exp: 3600}", RasaRedisSource),
        ("{type: redis, deployment_mode: cluster, endpoints: ['a:1', 'b:2']}", RasaRedisSource),
        ("{type: mongod, url: 'mongodb://db:27017', username: rasa, password: pw}", RasaMongodbSource),
        ("{type: dynamo, table_name: states, region: eu-west-1}", RasaDynamodbSource),
    ],
)
def test_the_old_endpoints_file_names_the_store(tmp_path: Path, entry: str, kind: type) -> None:
    assert isinstance(open_source(write_endpoints(tmp_path, f"tracker_store: {entry}\n"), SETTINGS), kind)


def test_what_is_wrong_with_other_services_of_the_old_project_does_not_matter(tmp_path: Path) -> None:
    write_sqlite(tmp_path / "rasa.db", {"a": tell_conversation("a")})
    text = "action_endpoint: {url: '${NOT_SET}'}\ntracker_store: {type: SQL, db: rasa.db}\n"
    assert isinstance(open_source(write_endpoints(tmp_path, text), SETTINGS), RasaSqlSource)


def test_a_file_is_known_by_what_is_in_it(tmp_path: Path) -> None:
    told = {"a": tell_conversation("a")}
    assert isinstance(open_source(str(write_sqlite(tmp_path / "a.data", told)), SETTINGS), RasaSqlSource)
    assert isinstance(
        open_source(str(write_json_lines(tmp_path / "b.data", told)), SETTINGS), JsonLinesSource
    )


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("postgresql+psycopg2://rasa:p%40ss@db:5433/rasa?schema=old", RasaSqlSource),
        ("mysql://rasa@db/rasa", RasaSqlSource),
        ("rediss://:pw@cache:6380/1?key_prefix=bank", RasaRedisSource),
        ("mongodb://a:1,b:2/rasa?replicaSet=rs", RasaMongodbSource),
        ("dynamodb://eu-west-1/states", RasaDynamodbSource),
    ],
)
def test_an_address_names_the_store(address: str, kind: type) -> None:
    assert isinstance(open_source(address, SETTINGS), kind)


def test_an_address_of_a_sqlite_file_counts_from_here_or_from_the_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_sqlite(tmp_path / "rasa.db", {"a": tell_conversation("a")})
    monkeypatch.chdir(tmp_path)
    assert isinstance(open_source("sqlite:///rasa.db", SETTINGS), RasaSqlSource)
    assert isinstance(open_source(f"sqlite:///{path}", SETTINGS), RasaSqlSource)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("action_endpoint: {url: 'http://here'}\n", "names no tracker store, so the old server kept"),
        ("tracker_store: {type: in_memory}\n", "names no tracker store"),
        ("tracker_store: {type: SQL, db: gone.db}\n", r"There is no database .*gone\.db"),
        ("tracker_store: {type: SQL, dialect: oracle, url: db}\n", "dialect `oracle`"),
        ("tracker_store: {type: my.Store}\n", r"the tracker store `my\.Store`"),
        ("tracker_store: {type: redis, port: many}\n", r"cannot be read: .*port"),
        ("tracker_store: {type: redis, password: '${NOT_SET}'}\n", "`NOT_SET` is not set"),
        (
            "tracker_store: {type: redis, password: {source: secrets_manager.vault, secret_key: pw}}\n",
            "takes `password` from a secrets manager",
        ),
    ],
)
def test_what_cannot_be_a_source_is_said_in_a_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(DefinitionError, match=sentence):
        open_source(write_endpoints(tmp_path, text), SETTINGS)


@pytest.mark.parametrize("name", ["gone.db", "ftp://host/file"])
def test_a_name_of_nothing_says_what_could_be_named(name: str) -> None:
    with pytest.raises(DefinitionError, match="postgresql"):
        open_source(name, SETTINGS)
