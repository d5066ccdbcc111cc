"""How the MySQL tracker store enters its database, and what it says if it may not."""

import asyncio
import socket
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
import trustme

from duologue.adapters.tracker_store import mysql_schema
from duologue.adapters.tracker_store.mysql import MysqlTrackerStore, open_store
from duologue.adapters.tracker_store.mysql_options import MysqlOptions, SslMode, find_address
from duologue.core.errors import DuologueError, StorageRefusedError, StorageUnavailableError
from duologue.testing.contracts.tracker_store import ANNA, slots
from tests.peers.mariadb import MariadbPeer

SECRET = "pässwörd-€"

_numbers = count()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def peer(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MariadbPeer]:
    """A server with a certificate for `localhost`, and a user who may do everything in databases named `start_…`."""
    folder = tmp_path_factory.mktemp("certificate")
    issued = authority.issue_cert("localhost")
    issued.cert_chain_pems[0].write_to_path(folder / "server.pem")
    issued.private_key_pem.write_to_path(folder / "server.key")
    with MariadbPeer(certificate=(folder / "server.pem", folder / "server.key")) as peer:
        peer.execute(f"CREATE USER anna@'%' IDENTIFIED BY '{SECRET}'; GRANT ALL ON `start\\_%`.* TO anna@'%'")
        peer.execute("CREATE USER guest@'%'; GRANT SELECT ON `start\\_%`.* TO guest@'%'")
        peer.execute("CREATE USER careful@'%' REQUIRE SSL; GRANT ALL ON `start\\_%`.* TO careful@'%'")
        yield peer


@pytest.fixture
def root_file(authority: trustme.CA, tmp_path: Path) -> Path:
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return path


@pytest.fixture
def database(peer: MariadbPeer) -> str:
    name = f"start_{next(_numbers)}"
    peer.create_database(name)
    return name


def make_options(
    peer: MariadbPeer,
    database: str,
    *,
    username: str = "anna",
    password: str | None = SECRET,
    host: str = "127.0.0.1",
    port: int | None = None,
    ssl_mode: SslMode = "disable",
    root: Path | None = None,
) -> MysqlOptions:
    return MysqlOptions(
        url=host,
        port=port or peer.port,
        db=database,
        username=username,
        password=password,
        ssl_mode=ssl_mode,
        ssl_root_certificate=None if root is None else str(root),
    )


async def check_works(options: MysqlOptions) -> None:
    store = await open_store(options)
    await store.append(ANNA, slots("a"), expected=0)
    assert await store.load_events(ANNA) == slots("a")
    await store.close()


async def hear_refusal(options: MysqlOptions, kind: type[DuologueError] = StorageRefusedError) -> str:
    with pytest.raises(kind) as caught:
        await open_store(options)
    said = str(caught.value)
    assert SECRET not in said
    return said


# -------------------------------------------------------------------- who may enter


async def test_a_password_of_any_letters_opens_the_database(peer: MariadbPeer, database: str) -> None:
    await check_works(make_options(peer, database))


async def test_a_wrong_password_is_refused_in_one_sentence(peer: MariadbPeer, database: str) -> None:
    said = await hear_refusal(make_options(peer, database, password="wrong"))
    assert said == (
        f"The MySQL database {database} at 127.0.0.1:{peer.port} refuses the user anna: check `username` and"
        " `password` of the tracker store."
    )


async def test_a_database_that_is_not_there_is_named_with_the_way_to_make_it(peer: MariadbPeer) -> None:
    said = await hear_refusal(make_options(peer, "start_none"))
    assert "does not exist: create it with CREATE DATABASE `start_none` CHARACTER SET utf8mb4" in said


async def test_a_user_who_may_not_use_the_database_is_refused(peer: MariadbPeer) -> None:
    said = await hear_refusal(make_options(peer, "mysql"))
    assert "may not be used by the user anna: grant the rights with GRANT ALL ON `mysql`.*" in said


async def test_a_user_who_may_not_make_tables_is_refused(peer: MariadbPeer, database: str) -> None:
    said = await hear_refusal(make_options(peer, database, username="guest", password=None))
    assert "does not give the user guest the rights it needs" in said


async def test_a_user_who_may_only_use_tables_that_are_there_can_work(
    peer: MariadbPeer, database: str
) -> None:
    store = await open_store(make_options(peer, database))
    await store.close()
    peer.execute(
        f"CREATE OR REPLACE USER worker@'%'; GRANT SELECT, INSERT, UPDATE, DELETE ON `{database}`.* TO worker@'%'"
    )
    await check_works(make_options(peer, database, username="worker", password=None))


async def test_a_server_that_does_not_run_is_unavailable() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        said = await hear_refusal(
            MysqlOptions(url="127.0.0.1", port=port, password=SECRET), StorageUnavailableError
        )
    assert said.startswith(f"The MySQL database rasa at 127.0.0.1:{port} cannot be reached: ")


# -------------------------------------------------------------------- TLS


@pytest.mark.parametrize("ssl_mode", ["prefer", "require", "verify-ca", "verify-full"])
async def test_a_server_with_a_certificate_is_entered_over_tls(
    peer: MariadbPeer, database: str, root_file: Path, ssl_mode: SslMode
) -> None:
    await check_works(
        make_options(
            peer,
            database,
            username="careful",
            password=None,
            host="localhost",
            ssl_mode=ssl_mode,
            root=root_file,
        )
    )


async def test_a_certificate_of_another_authority_is_refused(
    peer: MariadbPeer, database: str, tmp_path: Path
) -> None:
    stranger = tmp_path / "stranger.pem"
    trustme.CA().cert_pem.write_to_path(stranger)
    said = await hear_refusal(make_options(peer, database, ssl_mode="verify-ca", root=stranger))
    assert "cannot be reached over TLS as `verify-ca` asks" in said
    assert "certificate verify failed" in said


async def test_only_verify_full_looks_at_the_name_in_the_certificate(
    peer: MariadbPeer, database: str, root_file: Path
) -> None:
    await check_works(make_options(peer, database, ssl_mode="verify-ca", root=root_file))
    said = await hear_refusal(make_options(peer, database, ssl_mode="verify-full", root=root_file))
    assert "IP address mismatch" in said


async def test_a_user_who_must_use_tls_is_refused_without(peer: MariadbPeer, database: str) -> None:
    await hear_refusal(make_options(peer, database, username="careful", password=None))


async def test_a_server_without_tls_is_entered_only_if_tls_is_not_asked_for() -> None:
    with MariadbPeer(settings=("skip_ssl",)) as plain:
        plain.create_database("start_plain")
        for ssl_mode in ("disable", "allow", "prefer"):
            store = await open_store(
                make_options(plain, "start_plain", username="root", password=None, ssl_mode=ssl_mode)
            )
            await store.close()
        said = await hear_refusal(
            make_options(plain, "start_plain", username="root", password=None, ssl_mode="require")
        )
    assert "cannot be reached over TLS as `require` asks" in said


async def test_a_certificate_that_cannot_be_read_is_named(peer: MariadbPeer, database: str) -> None:
    said = await hear_refusal(
        make_options(peer, database, ssl_mode="verify-ca", root=Path("/nowhere/ca.pem"))
    )
    assert "cannot be read" in said


# -------------------------------------------------------------------- the tables


async def test_many_servers_may_start_on_an_empty_database_at_once(peer: MariadbPeer, database: str) -> None:
    stores = await asyncio.gather(*(MysqlTrackerStore.open(make_options(peer, database)) for _ in range(8)))
    await stores[0].append(ANNA, slots("a"), expected=0)
    assert await stores[7].load_events(ANNA) == slots("a")
    await asyncio.gather(*(store.close() for store in stores))


async def test_tables_that_were_begun_and_not_finished_are_completed(
    peer: MariadbPeer, database: str
) -> None:
    peer.execute(mysql_schema.MIGRATIONS[0][0], database=database)
    await check_works(make_options(peer, database))


async def test_tables_of_a_newer_release_are_used_if_it_says_that_they_may(
    peer: MariadbPeer, database: str
) -> None:
    await check_works(make_options(peer, database))
    peer.execute("UPDATE duologue_schema SET version = 99; DELETE FROM duologue_events", database=database)
    peer.execute("DELETE FROM duologue_conversations", database=database)
    await check_works(make_options(peer, database))
    assert peer.execute("SELECT version FROM duologue_schema", database=database) == "99"
    peer.execute("UPDATE duologue_schema SET oldest_reader = 99", database=database)
    said = await hear_refusal(make_options(peer, database))
    assert said.startswith(
        f"The MySQL database {database} at 127.0.0.1:{peer.port} was written by a newer release"
    )


async def test_a_later_step_is_taken_once_and_keeps_what_is_stored(
    peer: MariadbPeer, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await check_works(make_options(peer, database))
    step = ("ALTER TABLE duologue_events ADD COLUMN IF NOT EXISTS note INT",)
    monkeypatch.setattr(mysql_schema, "MIGRATIONS", (*mysql_schema.MIGRATIONS, step))
    for _ in range(2):
        store = await open_store(make_options(peer, database))
        assert await store.load_events(ANNA) == slots("a")
        await store.append(ANNA, slots("b"), expected=len(await store.load_events(ANNA)))
        assert await store.delete(ANNA)
        await store.append(ANNA, slots("a"), expected=0)
        await store.close()
    assert peer.execute("SELECT version, oldest_reader FROM duologue_schema", database=database) == "2\t1"


async def test_a_url_says_all_that_options_say(peer: MariadbPeer, database: str) -> None:
    url = peer.get_url(database, user="anna", password=SECRET).replace("mysql://", "mysql+pymysql://")
    assert find_address(MysqlOptions(url=url)).password == SECRET
    await check_works(MysqlOptions(url=url))


async def test_a_socket_file_leads_to_the_server(peer: MariadbPeer, database: str) -> None:
    query = {"unix_socket": str(peer.socket_path), "charset": "utf8mb4"}
    await check_works(MysqlOptions(db=database, username="anna", password=SECRET, query=query))
