"""How an endpoints file says where a web service is, and who we are to it."""

from duologue.project.endpoints import BasicAuth, WebService
from duologue.project.fields import Fields, is_scalar, text_of

SERVICE_KEYS = frozenset(
    ("basic_auth", "cafile", "headers", "params", "token", "token_name", "type", "url", "version")
)


def read_service(fields: Fields, known: frozenset[str]) -> WebService:
    """The service; keys that are not `known` become its options."""
    return WebService(
        url=fields.text("url"),
        params=_read_texts(fields, "params"),
        headers=_read_texts(fields, "headers"),
        basic_auth=_read_basic_auth(fields),
        token=fields.text("token"),
        token_name=fields.text("token_name") or "token",
        cafile=fields.text("cafile"),
        options={key: value for key, value in fields.data.items() if key not in known},
    )


def _read_texts(fields: Fields, key: str) -> dict[str, str]:
    return {name: text_of(value) for name, value in fields.mapping(key).items() if is_scalar(value)}


def _read_basic_auth(fields: Fields) -> BasicAuth | None:
    if not fields.has("basic_auth"):
        return None
    inner = fields.child("basic_auth")
    username, password = inner.text("username"), inner.text("password")
    if username is None or password is None:
        inner.problems.error(inner.place, "`basic_auth` needs `username` and `password`.")
        return None
    return BasicAuth(username=username, password=password)
