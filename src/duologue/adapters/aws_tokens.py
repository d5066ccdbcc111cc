"""Passwords that last a quarter of an hour: presigned requests by which AWS lets an IAM identity into its databases.

The signing is done here; only the credentials may need the network (the role of a machine, of a pod, of an account).
"""

import asyncio
from collections.abc import Mapping
from typing import Any

from duologue.core.errors import StorageRefusedError, StorageUnavailableError
from duologue.ports.clock import Clock, SystemClock

LIFETIME = 900
"""Seconds a token is good for to open a connection; the longest that AWS allows."""
FRESH_FOR = 600.0
"""Seconds after which a token is made anew."""
PATIENCE = 10.0
"""Seconds to wait for credentials."""


class _SignedTokens:
    """One token at a time, made anew in good time; for any number of tasks."""

    def __init__(self, *, service: str, region: str, host: str, parameters: Mapping[str, str]) -> None:
        self._service = service
        self._region = region
        self._host = host
        self._parameters = parameters
        self._clock: Clock = SystemClock()  # the one that the signature is dated with
        self._lock = asyncio.Lock()
        self._session: Any = None  # Any: the SDK is not typed
        self._token = ""
        self._made_at = 0.0

    async def get(self) -> str:
        """A token that opens a connection for some minutes more.

        Raises:
            StorageRefusedError: there are no credentials to sign with, or the SDK is not installed.
            StorageUnavailableError: the credentials cannot be had now.
        """
        if self._is_younger_than(FRESH_FOR):
            return self._token
        async with self._lock:
            if self._is_younger_than(FRESH_FOR):  # another task made it while we waited
                return self._token
            try:
                await self._make()
            except StorageUnavailableError:
                if not self._is_younger_than(LIFETIME - PATIENCE):
                    raise
            return self._token

    def _is_younger_than(self, seconds: float) -> bool:
        return bool(self._token) and 0 <= self._clock.now() - self._made_at < seconds

    async def _make(self) -> None:
        credentials = await self._get_credentials()
        self._made_at = self._clock.now()
        self._token = _sign(
            f"https://{self._host}/", self._parameters, credentials, self._service, self._region
        )

    async def _get_credentials(self) -> Any:
        session = self._open_session()
        from botocore.exceptions import BotoCoreError  # pyright: ignore[reportMissingTypeStubs]

        try:
            async with asyncio.timeout(PATIENCE):
                credentials = await session.get_credentials()
                frozen = None if credentials is None else await credentials.get_frozen_credentials()
        except (BotoCoreError, OSError) as error:  # a time-out is an OSError
            raise StorageUnavailableError(
                f"AWS gives no credentials to sign a token for {self._host} with: {error or 'it does not answer'}."
            ) from error
        if frozen is None or not frozen.access_key:
            raise StorageRefusedError(
                f"There are no credentials of AWS to sign a token for {self._host} with; set AWS_ACCESS_KEY_ID and "
                "AWS_SECRET_ACCESS_KEY, or give this machine a role."
            )
        return frozen

    def _open_session(self) -> Any:
        if self._session is None:
            try:
                from aiobotocore.session import AioSession  # pyright: ignore[reportMissingTypeStubs]
            except ImportError:
                raise StorageRefusedError(
                    'Tokens of AWS IAM need an extra: pip install "duologue[aws]".'
                ) from None
            self._session = AioSession()
        return self._session


class RdsTokens(_SignedTokens):
    """Passwords for a user of a database of RDS or Aurora that signs in with IAM."""

    def __init__(self, *, host: str, port: int, username: str, region: str) -> None:
        super().__init__(
            service="rds-db",
            region=region,
            host=f"{host}:{port}",
            parameters={"Action": "connect", "DBUser": username},
        )


class ElastiCacheTokens(_SignedTokens):
    """Passwords for a user of ElastiCache that signs in with IAM."""

    def __init__(self, *, cluster_name: str, username: str, region: str, is_serverless: bool = False) -> None:
        parameters = {"Action": "connect", "User": username}
        if is_serverless:
            parameters["ResourceType"] = "ServerlessCache"
        super().__init__(
            service="elasticache",
            region=region,
            host=cluster_name.lower(),  # AWS keeps the name so, and a signature is exact
            parameters=parameters,
        )


def _sign(url: str, parameters: Mapping[str, str], credentials: Any, service: str, region: str) -> str:
    from botocore.auth import SigV4QueryAuth  # pyright: ignore[reportMissingTypeStubs]
    from botocore.awsrequest import AWSRequest  # pyright: ignore[reportMissingTypeStubs]

    request: Any = AWSRequest(method="GET", url=url, params=dict(parameters))
    signer: Any = SigV4QueryAuth(credentials, service, region, expires=LIFETIME)
    signer.add_auth(request)
    # The token is the address without its scheme, which is not part of what is signed.
    return str(request.url).removeprefix("https://")
