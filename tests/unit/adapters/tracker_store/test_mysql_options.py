"""Where the options of a MySQL tracker store lead."""

import pytest

from duologue.adapters.tracker_store.mysql_options import MysqlOptions, find_address
from duologue.core.errors import StorageRefusedError


def test_without_options_the_server_is_on_this_machine() -> None:
    address = find_address(MysqlOptions())
    assert (address.host, address.port, address.database, address.username) == (
        "localhost",
        3306,
        "rasa",
        "root",
    )
    assert address.where == "MySQL database rasa at localhost:3306"


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("db.example", "db.example", 3307),
        ("db.example:3308", "db.example", 3308),
        ("mysql://db.example", "db.example", 3307),
        ("mariadb+mariadbconnector://db.example:3308/", "db.example", 3308),
        ("[::1]:3308", "::1", 3308),
    ],
)
def test_a_host_may_have_its_port_and_a_scheme(url: str, host: str, port: int) -> None:
    address = find_address(MysqlOptions(url=url, port=3307))
    assert (address.host, address.port) == (host, port)


def test_what_a_url_says_wins() -> None:
    options = MysqlOptions(
        url="mysql+pymysql://anna:s%40crét@db.example/talks?charset=utf8mb4",
        db="other",
        username="other",
        password="other",
    )
    address = find_address(options)
    assert (address.database, address.username, address.password) == ("talks", "anna", "s@crét")


def test_a_port_that_is_none_is_refused() -> None:
    with pytest.raises(StorageRefusedError, match="no usable port"):
        find_address(MysqlOptions(url="db.example:x"))


def test_a_query_that_is_not_known_is_refused_by_name() -> None:
    with pytest.raises(StorageRefusedError, match="`query` has `connect_timeot`"):
        find_address(MysqlOptions(query={"connect_timeot": "3"}))


def test_a_certificate_to_check_against_means_that_it_is_checked() -> None:
    address = find_address(MysqlOptions(ssl_mode="require", query={"ssl_ca": "/ca.pem"}))
    assert (address.ssl_mode, address.root_certificate) == ("verify-ca", "/ca.pem")


@pytest.mark.parametrize("ssl_mode", ["disable", "allow", "prefer"])
def test_a_token_never_travels_without_tls(ssl_mode: str) -> None:
    options = MysqlOptions(ssl_mode=ssl_mode, iam_region="eu-west-1")  # pyright: ignore[reportArgumentType]
    assert find_address(options).ssl_mode == "require"
