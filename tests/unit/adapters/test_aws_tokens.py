"""Tokens of AWS IAM have the documented form and are made anew in good time."""

import asyncio
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
import time_machine
from botocore.credentials import Credentials
from botocore.exceptions import CredentialRetrievalError
from botocore.session import Session

from duologue.adapters.aws_tokens import ElastiCacheTokens, RdsTokens
from duologue.core.errors import StorageRefusedError, StorageUnavailableError

KEY = "AKIDEXAMPLE"
START = 1_790_000_000.0  # 2026-09-21T14:13:20Z


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a-secret")


@pytest.fixture
def no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE", "BOTO_CONFIG"):
        monkeypatch.setenv(name, "/nonexistent")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def rds_tokens(username: str = "assistant") -> RdsTokens:
    return RdsTokens(
        host="db.abc.eu-west-1.rds.amazonaws.com", port=5432, username=username, region="eu-west-1"
    )


async def test_a_token_of_rds_has_the_documented_form() -> None:
    with time_machine.travel(START, tick=False):
        token = await rds_tokens().get()
    assert token.startswith(
        "db.abc.eu-west-1.rds.amazonaws.com:5432/?Action=connect&DBUser=assistant"
        "&X-Amz-Algorithm=AWS4-HMAC-SHA256"
    )
    query = dict(parse_qsl(urlsplit(f"https://{token}").query))
    signature = query.pop("X-Amz-Signature")
    assert len(signature) == 64
    assert query == {
        "Action": "connect",
        "DBUser": "assistant",
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": f"{KEY}/20260921/eu-west-1/rds-db/aws4_request",
        "X-Amz-Date": "20260921T141320Z",
        "X-Amz-Expires": "900",
        "X-Amz-SignedHeaders": "host",
    }


@pytest.mark.parametrize("username", ["assistant", "Bot User+1", "büro"])
async def test_a_token_of_rds_is_the_one_that_the_vendor_makes(username: str) -> None:
    with time_machine.travel(START, tick=False):
        client = Session().create_client("rds", region_name="eu-west-1")
        expected = client.generate_db_auth_token(
            DBHostname="db.abc.eu-west-1.rds.amazonaws.com", Port=5432, DBUsername=username
        )
        assert await rds_tokens(username).get() == expected


async def test_a_token_of_elasticache_has_the_documented_form() -> None:
    with time_machine.travel(START, tick=False):
        token = await ElastiCacheTokens(
            cluster_name="Our-Cache", username="assistant", region="us-east-1"
        ).get()
    assert token.startswith("our-cache/?Action=connect&User=assistant&X-Amz-Algorithm=AWS4-HMAC-SHA256")
    query = parse_qs(urlsplit(f"https://{token}").query)
    assert query["X-Amz-Credential"] == [f"{KEY}/20260921/us-east-1/elasticache/aws4_request"]
    assert query["X-Amz-SignedHeaders"] == ["host"]
    assert "ResourceType" not in query


async def test_a_token_of_a_serverless_cache_says_so() -> None:
    token = await ElastiCacheTokens(
        cluster_name="cache", username="u", region="us-east-1", is_serverless=True
    ).get()
    assert token.startswith("cache/?Action=connect&User=u&ResourceType=ServerlessCache&X-Amz-Algorithm=")


async def test_the_token_of_a_role_carries_its_session_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SESSION_TOKEN", "of/a+role=")
    token = await rds_tokens().get()
    assert parse_qs(urlsplit(f"https://{token}").query)["X-Amz-Security-Token"] == ["of/a+role="]


async def test_a_token_is_kept_for_ten_minutes_and_then_made_anew() -> None:
    tokens = rds_tokens()
    with time_machine.travel(START, tick=False) as traveller:
        first = await tokens.get()
        traveller.shift(599)
        assert await tokens.get() == first
        traveller.shift(1)
        second = await tokens.get()
    assert "X-Amz-Date=20260921T142320Z" in second


async def test_a_clock_that_is_set_back_makes_a_token_anew() -> None:
    tokens = rds_tokens()
    with time_machine.travel(START, tick=False) as traveller:
        await tokens.get()
        traveller.shift(-3600)
        assert "X-Amz-Date=20260921T131320Z" in await tokens.get()


async def test_many_tasks_share_one_token() -> None:
    tokens = rds_tokens()
    assert len(set(await asyncio.gather(*(tokens.get() for _ in range(50))))) == 1


@pytest.mark.usefixtures("no_credentials")
async def test_without_credentials_one_sentence_says_what_to_set() -> None:
    with pytest.raises(
        StorageRefusedError, match=r"no credentials of AWS .*:5432 with; set AWS_ACCESS_KEY_ID"
    ):
        await rds_tokens().get()


async def test_a_token_serves_on_while_no_new_one_can_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(_: Credentials) -> None:
        raise CredentialRetrievalError(provider="iam-role", error_msg="no answer")

    tokens = rds_tokens()
    with time_machine.travel(START, tick=False) as traveller:
        first = await tokens.get()
        monkeypatch.setattr("aiobotocore.credentials.AioCredentials.get_frozen_credentials", fail)
        traveller.shift(700)
        assert await tokens.get() == first
        traveller.shift(190)
        with pytest.raises(StorageUnavailableError, match="AWS gives no credentials"):
            await tokens.get()
