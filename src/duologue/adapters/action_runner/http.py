"""Custom actions behind the HTTP protocol of action servers (`POST /webhook`)."""

from typing import Any, cast

import httpx2
import msgspec

from duologue.core.domain import Domain
from duologue.core.errors import ActionError, ActionRejectedError
from duologue.core.values import OpenData
from duologue.ports.action_runner import ActionCall, ActionResult
from duologue.wire.action_call import format_action_call
from duologue.wire.domain import format_domain
from duologue.wire.encoding import encode_json
from duologue.wire.events import parse_event

IDEMPOTENCY_HEADER = "Idempotency-Key"


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
        """`url` is the server's webhook; `timeout` in seconds for each call."""
        self._url = url
        self._params = params or {}
        self._client = httpx2.AsyncClient(
            timeout=timeout, headers=headers or {}, auth=auth, verify=cafile or True
        )
        self._domain: Domain | None = None
        self._formatted_domain: OpenData = {}

    async def run(self, call: ActionCall) -> ActionResult:
        """Run the action; a failed call is not repeated, since it may have had its effect."""
        body = encode_json(await self._describe(call))
        headers = {"Content-Type": "application/json", IDEMPOTENCY_HEADER: call.idempotency_key}
        try:
            response = await self._client.post(self._url, content=body, headers=headers, params=self._params)
        except httpx2.TimeoutException as error:
            raise ActionError(
                f"The action server at {self._url} did not answer {call.action_name!r} in time.",
                action_name=call.action_name,
                is_retryable=True,
            ) from error
        except httpx2.HTTPError as error:
            raise ActionError(
                f"The action server at {self._url}, which should run {call.action_name!r}, cannot be reached.",
                action_name=call.action_name,
                is_retryable=True,
            ) from error
        return self._read(call.action_name, response)

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
        if response.status_code == 200:
            return _parse_result(action_name, response.content)
        if response.status_code == 400 and b"action_name" in response.content:
            raise ActionRejectedError(f"The action {action_name!r} declined to run.", action_name=action_name)
        if response.status_code == 404:
            raise ActionError(
                f"The action server at {self._url} has no action {action_name!r}.", action_name=action_name
            )
        raise ActionError(
            f"The action server at {self._url} answered {action_name!r} with status {response.status_code}.",
            action_name=action_name,
        )

    async def list_actions(self) -> frozenset[str] | None:
        """Names from the server's `GET /actions`; None if it does not say."""
        try:
            response = await self._client.get(self._url.rsplit("/", 1)[0] + "/actions")
            listed = msgspec.json.decode(response.content, type=list[dict[str, Any]])
        except (httpx2.HTTPError, msgspec.MsgspecError):
            return None
        return frozenset(str(item.get("name")) for item in listed)

    async def close(self) -> None:
        await self._client.aclose()


def _parse_result(action_name: str, content: bytes) -> ActionResult:
    try:
        body = msgspec.json.decode(content)
    except msgspec.MsgspecError:
        body = None
    if not isinstance(body, dict):
        raise ActionError(
            f"The action server's answer for {action_name!r} is not the JSON it should be.",
            action_name=action_name,
        )
    answer = cast("OpenData", body)
    events = tuple(parse_event(event) for event in answer.get("events") or ())
    return ActionResult(events=events, responses=tuple(answer.get("responses") or ()))
