"""How the options of a PostgreSQL database are read."""

import pytest

from duologue.adapters.tracker_store.postgresql_options import PostgresqlOptions, find_address
from duologue.core.errors import StorageRefusedError


def test_without_options_the_server_is_on_this_machine() -> None:
    address = find_address(PostgresqlOptions())
    assert (address.hosts, address.ports) == (("localhost",), (5432,))
    assert address.database is None
    assert address.tls == ""
    assert address.connections == 8


def test_options_of_rasa_are_understood() -> None:
    address = find_address(
        PostgresqlOptions(
            url="db.example.com",
            port=5433,
            db="assistant",
            username="anna",
            password="a/b@c",
            query={"sslmode": "verify-full", "sslrootcert": "/ca.pem", "connect_timeout": "7"},
            pool_size=5,
            max_overflow=10,
        )
    )
    assert (address.hosts, address.ports) == (("db.example.com",), (5433,))
    assert (address.database, address.username, address.password) == ("assistant", "anna", "a/b@c")
    assert address.tls == "sslmode=verify-full&sslrootcert=%2Fca.pem"
    assert address.connect_timeout == 7
    assert address.connections == 15
    assert address.where == "PostgreSQL database assistant at db.example.com:5433"


def test_a_whole_url_counts_more_than_the_options() -> None:
    address = find_address(
        PostgresqlOptions(
            url="postgresql://anna:s%40fe@[::1]:6000/bank?sslmode=require",
            port=1,
            db="other",
            username="other",
            password="other",
        )
    )
    assert (address.hosts, address.ports) == (("::1",), (6000,))
    assert (address.database, address.username, address.password) == ("bank", "anna", "s@fe")
    assert address.tls == "sslmode=require"


def test_several_servers_are_asked_for_the_one_that_takes_changes() -> None:
    address = find_address(PostgresqlOptions(url="first:5001,second", port=5002))
    assert address.hosts == ("first", "second")
    assert address.ports == (5001, 5002)
    assert address.target_session_attrs == "read-write"
    assert find_address(PostgresqlOptions(url="first")).target_session_attrs is None


@pytest.mark.parametrize(
    "options",
    [
        PostgresqlOptions(url="/var/run/postgresql"),
        PostgresqlOptions(url="postgresql://%2Fvar%2Frun%2Fpostgresql"),
        PostgresqlOptions(url="postgresql:///?host=/var/run/postgresql"),
    ],
)
def test_the_folder_of_a_socket_is_a_server(options: PostgresqlOptions) -> None:
    address = find_address(options)
    assert address.hosts == ("/var/run/postgresql",)
    assert address.servers == "/var/run/postgresql"


def test_the_environment_decides_on_tls() -> None:
    options = PostgresqlOptions(
        query={"sslmode": "prefer"}, ssl_mode="verify-ca", ssl_root_certificate="/ca.pem"
    )
    assert find_address(options).tls == "sslmode=verify-ca&sslrootcert=%2Fca.pem"


def test_a_token_never_travels_in_the_open() -> None:
    assert find_address(PostgresqlOptions(iam_region="eu-west-1", ssl_mode="prefer")).tls == "sslmode=require"
    assert (
        find_address(PostgresqlOptions(iam_region="eu-west-1", ssl_mode="verify-full")).tls
        == "sslmode=verify-full"
    )


@pytest.mark.parametrize("name", ["prepared_statement_cache_size", "statement_cache_size"])
def test_a_pooler_is_announced_by_a_cache_of_no_statements(name: str) -> None:
    assert find_address(PostgresqlOptions(query={name: 0})).is_pooled
    assert not find_address(PostgresqlOptions(query={name: 100})).is_pooled


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (PostgresqlOptions(query={"charset": "utf8"}), ["`charset`", "sslmode"]),
        (PostgresqlOptions(query={"connect_timeout": "soon"}), ["connect_timeout: soon", "number"]),
        (PostgresqlOptions(url="host:abc"), ["`host`", "`abc`", "port"]),
    ],
)
def test_what_does_not_fit_is_said_in_a_sentence(options: PostgresqlOptions, words: list[str]) -> None:
    with pytest.raises(StorageRefusedError) as caught:
        find_address(options)
    assert all(word in str(caught.value) for word in words)
