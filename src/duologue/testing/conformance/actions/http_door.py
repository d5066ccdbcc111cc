"""The way to an action server over HTTP."""

from typing import Any
from urllib.parse import quote

import httpx2
import msgspec

from duologue.testing.conformance.actions.answers import Answer, Json, Outcome, Streamed
from duologue.testing.conformance.actions.door import (
    CALL_SECONDS,
    Listener,
    MismatchError,
    Transport,
    UnreachableError,
)

FEATURES_HEADER = "duologue-features"
_STATUSES = {
    400: Outcome.REJECTED,
    404: Outcome.UNKNOWN_ACTION,
    449: Outcome.NEEDS_DOMAIN,
}


class HttpDoor:
    """Speaks to the server whose webhook is at `url`; without a path, that is `/webhook`."""

    transport = Transport.HTTP

    def __init__(
        self, url: str, *, cafile: str | None = None, transport: httpx2.AsyncBaseTransport | None = None
    ) -> None:
        """`transport`: instead of the network, such as an `httpx2.ASGITransport` of an application."""
        parsed = httpx2.URL(url)
        self._url = parsed if parsed.path.strip("/") else parsed.copy_with(path="/webhook")
        self._client = httpx2.AsyncClient(
            timeout=CALL_SECONDS,
            transport=transport,
            verify=_load_authorities(cafile),
            trust_env=False,
        )

    async def find_features(self) -> frozenset[str]:
        return _read_features(await self._send("GET", "health"))

    async def check_health(self) -> None:
        response = await self._send("GET", "health")
        if response.status_code != 200 or _decode(response) != {"status": "ok"}:
            raise MismatchError(
                f'GET /health answers {_describe(response)} instead of 200 and {{"status": "ok"}}.'
            )

    async def list_actions(self) -> list[str]:
        response = await self._send("GET", "actions")
        listed = _decode(response)
        try:
            return [item["name"] for item in msgspec.convert(listed, list[dict[str, str]])]
        except (msgspec.ValidationError, KeyError):
            raise MismatchError(
                f'GET /actions answers {_describe(response)} instead of a list such as [{{"name": "action_one"}}].'
            ) from None

    async def call(self, body: Json, *, key: str | None = None) -> Answer:
        headers = {} if key is None else {"Idempotency-Key": quote(key, safe="/")}
        return read_answer(await self.post(msgspec.json.encode(body), headers))

    async def post(self, body: bytes, headers: dict[str, str] | None = None) -> httpx2.Response:
        """Send these bytes to the webhook."""
        return await self._send(
            "POST", None, content=body, headers={"Content-Type": "application/json", **(headers or {})}
        )

    async def can_stream(self) -> bool:
        return False

    async def stream(
        self, body: Json, listener: Listener | None = None, *, key: str | None = None
    ) -> Streamed:
        raise MismatchError("Nothing is streamed over HTTP.")

    async def acknowledge(self, response_id: str) -> None:
        raise MismatchError("Nothing is streamed over HTTP.")

    async def close(self) -> None:
        await self._client.aclose()

    # Options of the client's own, passed on.
    async def _send(self, method: str, name: str | None, **options: Any) -> httpx2.Response:
        url = self._url
        if name is not None:
            url = url.copy_with(path=f"{url.path.rstrip('/').rpartition('/')[0]}/{name}")
        try:
            return await self._client.request(method, url, **options)
        except httpx2.ConnectError as error:
            raise UnreachableError(f"Nobody answers at {self._url}: {error}.") from error
        except httpx2.HTTPError as error:
            reason = str(error) or type(error).__name__
            raise MismatchError(f"{method} {url.path} gets no answer: {reason}.") from error


def read_answer(response: httpx2.Response) -> Answer:
    """What an answer of the webhook means."""
    content = _decode(response)
    status = f"status {response.status_code}"
    features = _read_features(response)
    if response.status_code == 200:
        if content is None:
            return Answer(outcome=Outcome.NOTHING, status=status, features=features)
        try:
            lists = msgspec.convert(content, dict[str, list[Json] | None])
        except msgspec.ValidationError as error:
            raise MismatchError(
                f"The answer is no object with the lists `events` and `responses` ({error})."
            ) from None
        return Answer(
            outcome=Outcome.RESULT,
            status=status,
            events=tuple(lists.get("events") or ()),
            responses=tuple(lists.get("responses") or ()),
            features=features,
        )
    refusal: Json = msgspec.convert(content, Json) if isinstance(content, dict) else {}
    name = refusal.get("action_name")
    # Without the name of an action, 400 and 404 are the words of a web server that did not get as far.
    outcome = _STATUSES.get(response.status_code, Outcome.FAILED) if name is not None else Outcome.FAILED
    if response.status_code < 400:
        raise MismatchError(f"A call is answered with {_describe(response)}.")
    return Answer(
        outcome=outcome,
        status=status,
        action_name=name,
        text=str(refusal.get("error") or ""),
        features=features,
    )


def _read_features(response: httpx2.Response) -> frozenset[str]:
    return frozenset(response.headers.get(FEATURES_HEADER, "").split())


def _decode(response: httpx2.Response) -> object:
    try:
        return msgspec.json.decode(response.content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        if response.status_code == 200:
            raise MismatchError(f"The answer is no JSON: {response.text[:80]!r}.") from None
        return ...


def _describe(response: httpx2.Response) -> str:
    return f"{response.status_code} and {response.text[:80]!r}"


def _load_authorities(cafile: str | None) -> Any:
    if cafile is None:
        return True
    import ssl

    return ssl.create_default_context(cafile=cafile)
