"""AWS Bedrock through aiobotocore: one client, opened at the first call."""

import asyncio
from collections.abc import Mapping
from typing import Any

from duologue.adapters.language_model.vendor_failures import Vendor
from duologue.adapters.language_model.vendor_options import VendorOptions
from duologue.core.errors import DefinitionError, LanguageModelError, ModelFailure
from duologue.core.values import OpenData

_SERVICE = "bedrock-runtime"
_DEFAULT_REGION = "us-east-1"
_MOST_CONNECTIONS = 100
_LONG = 3600
"""Seconds; time is bounded for the whole answer."""
_CREDENTIALS = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
_OUR_OPTIONS = (*_CREDENTIALS, "aws_region_name", "region", "region_name", "aws_profile_name")
_REASONS: Mapping[str, ModelFailure] = {
    "ModelTimeoutException": ModelFailure.TIMEOUT,
    "ModelErrorException": ModelFailure.UNAVAILABLE,
    "ModelNotReadyException": ModelFailure.UNAVAILABLE,
    "ThrottlingException": ModelFailure.RATE_LIMIT,
    "ServiceQuotaExceededException": ModelFailure.RATE_LIMIT,
}


class BedrockClient:
    """The SDK's client; shared by everything that speaks to one model."""

    def __init__(self, session: Any, arguments: OpenData, vendor: Vendor) -> None:
        self.vendor = vendor
        self._session = session  # Any: the SDK is not typed
        self._arguments = arguments
        self._lock = asyncio.Lock()
        self._client: Any = None

    async def get(self) -> Any:
        """The SDK's client."""
        async with self._lock:
            if self._client is None:
                opening = self._session.create_client(_SERVICE, **self._arguments)
                self._client = await opening.__aenter__()
            return self._client

    async def close(self) -> None:
        async with self._lock:
            if self._client is not None:
                await self._client.close()
                self._client = None

    def explain(self, error: Exception, texts: tuple[str, ...] = ()) -> LanguageModelError | None:
        """Our error for one of the SDK's; None if it is a bug and no failure."""
        from aiohttp import ClientError as ConnectionFailure
        from botocore.eventstream import ParserError  # pyright: ignore[reportMissingTypeStubs]
        from botocore.exceptions import (  # pyright: ignore[reportMissingTypeStubs]
            BotoCoreError,
            ClientError,
            NoCredentialsError,
            PartialCredentialsError,
        )

        if isinstance(error, ClientError):
            return self._explain_refusal(error, texts)
        if isinstance(error, NoCredentialsError | PartialCredentialsError):
            return self.vendor.fail(
                ModelFailure.AUTHENTICATION,
                "has no credentials of AWS; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give this machine a role.",
            )
        if isinstance(error, BotoCoreError | ConnectionFailure | ParserError | OSError | ValueError):
            return self.vendor.fail_to_connect(error)
        return None

    def _explain_refusal(self, error: Any, texts: tuple[str, ...]) -> LanguageModelError:
        answer: Any = error.response
        code = str(answer.get("Error", {}).get("Code", ""))
        about = answer.get("ResponseMetadata", {})
        failure = self.vendor.fail_by_status(
            int(about.get("HTTPStatusCode") or 500),
            said=str(answer.get("Error", {}).get("Message", "")),
            code=code,
            headers=about.get("HTTPHeaders", {}),
            texts=texts,
        )
        reason = _REASONS.get(code)
        if reason is None or reason is failure.reason:
            return failure
        return LanguageModelError(
            str(failure), reason=reason, model=failure.model, retry_after=failure.retry_after
        )


def open_client(options: VendorOptions) -> tuple[BedrockClient, OpenData]:
    """A client, and the options that are not for it.

    Raises:
        DefinitionError: the SDK is not installed.
    """
    try:
        from aiobotocore.config import AioConfig  # pyright: ignore[reportMissingTypeStubs]
        from aiobotocore.session import AioSession  # pyright: ignore[reportMissingTypeStubs]
    except ImportError:
        raise DefinitionError(
            'Models of AWS Bedrock need an extra: pip install "duologue[bedrock]".'
        ) from None
    extra = {**options.extra}
    ours = {name: extra.pop(name, None) for name in _OUR_OPTIONS}
    session: Any = AioSession(profile=ours["aws_profile_name"])
    # What the client reads from the disk is read now, while nobody waits for the event loop.
    loader = session.get_component("data_loader")
    for kind in ("service-2", "endpoint-rule-set-1", "paginators-1"):
        loader.load_service_model(_SERVICE, kind)
    for name in ("endpoints", "partitions", "_retry", "sdk-default-configuration"):
        loader.load_data(name)
    region = ours["aws_region_name"] or ours["region_name"] or ours["region"]
    arguments: OpenData = {
        "region_name": region or session.get_config_variable("region") or _DEFAULT_REGION,
        "endpoint_url": options.api_base or None,
        "verify": options.ca_bundle or None,
        "config": AioConfig(
            connect_timeout=_LONG,
            read_timeout=_LONG,
            max_pool_connections=_MOST_CONNECTIONS,
            retries={"total_max_attempts": 1},
        ),
        **{name: ours[name] for name in _CREDENTIALS if ours[name]},
    }
    secrets = tuple(str(ours[name]) for name in _CREDENTIALS if ours[name])
    return BedrockClient(session, arguments, Vendor(name=options.name, secrets=secrets)), extra
