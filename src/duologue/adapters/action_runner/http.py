"""Custom actions behind the HTTP protocol of action servers (`POST /webhook`)."""

import asyncio
import ssl
from typing import Any
from urllib.parse import quote

import httpx2
import msgspec

from duologue.adapters.action_runner.answer import parse_answer
from duologue.core.domain import Domain
from duologue.core.errors import ActionError, ActionRejectedError, DefinitionError
from duologue.core.values import OpenData
from duologue.ports.action_runner import ActionCall, ActionResult
from duologue.wire.action_call import format_action_call
from duologue.wire.domain import format_domain
from duologue.wire.encoding import encode_json
from duologue.wire.members import is_object

IDEMPOTENCY_HEADER = "Idempotency-Key"
LIST_TIMEOUT = 5.0
"""Seconds to wait for the names of the actions; nothing but a warning depends on them."""
_MOST_CONNECTIONS = 1000
# Servers close idle connections after five seconds and more; ours must be gone by then.
_IDLE_SECONDS = 4.0


class HttpActionRunner:
    """Calls one action server, over connections that are kept."""

    def __init__(
        self,
        url: str,
        *,
        timeout: float,
        headers: dict[str, str] | None = None,
        params: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        cafile: str | None = None,
    ) -> None:
        """`url` is the server's webhook; `timeout` in seconds for each call.

        Raises:
            DefinitionError: the URL or the file of certificates is of no use.
        """
        # Merged here: parameters of a request would replace what the address has of its own.
        self._url = _parse_url(url).copy_merge_params(params or {})
        self._timeout = timeout
        self._client = httpx2.AsyncClient(
            # The time of a call is bounded as a whole below, not for each of its parts.
            timeout=None,
            headers=headers or {},
            auth=auth,
            verify=_load_authorities(cafile),
            limits=httpx2.Limits(
                max_connections=_MOST_CONNECTIONS,
                max_keepalive_connections=_MOST_CONNECTIONS,
                keepalive_expiry=_IDLE_SECONDS,
            ),
            trust_env=False,
        )
        self._domain: Domain | None = None
        self._formatted_domain: OpenData = {}

    async def run(self, call: ActionCall) -> ActionResult:
        """Run the action; a failed call is not repeated, since it may have had its effect."""
        body = encode_json(await self._describe(call))
        return self._read(call.action_name, await self._post(call, body))

    async def _post(self, call: ActionCall, body: bytes) -> httpx2.Response:
        headers = {
            "Content-Type": "application/json",
            IDEMPOTENCY_HEADER: quote(call.idempotency_key, safe="/"),
        }
        try:
            async with asyncio.timeout(self._timeout):
                return await self._client.post(self._url, content=body, headers=headers)
        except TimeoutError as error:
            problem = f"did not answer {call.action_name!r} within {self._timeout:g} s"
            raise self._fail(call.action_name, problem, is_retryable=True) from error
        except httpx2.HTTPError as error:
            problem = f"cannot be reached to run {call.action_name!r} ({type(error).__name__})"
            raise self._fail(call.action_name, problem, is_retryable=True) from error

    async def _describe(self, call: ActionCall) -> OpenData:
        if self._domain is not call.domain:
            self._domain, self._formatted_domain = call.domain, format_domain(call.domain)
        return format_action_call(
            call.action_name,
            state=call.state,
            events=await call.load_events(),
            domain=call.domain,
            formatted_domain=self._formatted_domain,
            idempotency_key=call.idempotency_key,
        )

    def _read(self, action_name: str, response: httpx2.Response) -> ActionResult:
        answer = _decode(response.content)
        match response.status_code:
            case 200 if is_object(answer):
                return parse_answer(action_name, answer)
            case 200:
                raise self._fail(
                    action_name, f"answered {action_name!r} with something that is no JSON object"
                )
            case 400 if is_object(answer) and "action_name" in answer:
                sentence = f"The action {action_name!r} declined to run."
                raise ActionRejectedError(sentence, action_name=action_name)
            case 404:
                raise self._fail(action_name, f"has no action {action_name!r}")
            case status:
                raise self._fail(action_name, f"answered {action_name!r} with status {status}")

    def _fail(self, action_name: str, problem: str, *, is_retryable: bool = False) -> ActionError:
        # Without the query and the user's name, which may be secret.
        place = self._url.copy_with(query=None, userinfo=b"", fragment=None)
        return ActionError(
            f"The action server at {place} {problem}.", action_name=action_name, is_retryable=is_retryable
        )

    async def list_actions(self) -> frozenset[str] | None:
        """Names from the server's `GET /actions`; None if it does not say."""
        folder = self._url.path.rstrip("/").rpartition("/")[0]
        url = self._url.copy_with(path=f"{folder}/actions")
        try:
            async with asyncio.timeout(min(LIST_TIMEOUT, self._timeout)):
                response = await self._client.get(url)
            listed = msgspec.json.decode(response.content, type=list[dict[str, Any]])
        except (TimeoutError, httpx2.HTTPError, msgspec.MsgspecError, ValueError):
            return None
        return frozenset(str(item.get("name")) for item in listed)

    async def close(self) -> None:
        await self._client.aclose()


def _parse_url(url: str) -> httpx2.URL:
    try:
        parsed = httpx2.URL(url)
    except (httpx2.InvalidURL, ValueError):
        parsed = None
    if parsed is None or parsed.scheme not in {"http", "https"} or not parsed.host:
        raise DefinitionError(
            "The `url` of `action_endpoint` in endpoints.yml is no web address; write it as http://host:5055/webhook."
        )
    return parsed


def _load_authorities(cafile: str | None) -> ssl.SSLContext | bool:
    if cafile is None:
        return True
    try:
        return ssl.create_default_context(cafile=cafile)
    except OSError as error:  # an `ssl.SSLError` is one too
        raise DefinitionError(
            f"endpoints.yml names {cafile} as the `cafile` of the action server, which cannot be read: {error}."
        ) from error


def _decode(content: bytes) -> object:
    try:
        return msgspec.json.decode(content)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
