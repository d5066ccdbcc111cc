"""Names of keys in Redis: ours, apart from everybody else's, and those of one conversation in one slot of a cluster."""

from duologue.core.errors import StorageRefusedError

_ROOT = "duologue"


def make_root(key_prefix: str | None) -> str:
    """What the keys of a store begin with.

    Raises:
        StorageRefusedError: the prefix holds a character that would tear keys apart.
    """
    if not key_prefix:
        return f"{_ROOT}:"
    if not key_prefix.isprintable() or any(character in key_prefix for character in "{} "):
        raise StorageRefusedError(
            f"`key_prefix: {key_prefix}` cannot be used; choose one of letters, digits, `-`, `_` and `:`."
        )
    return f"{_ROOT}:{key_prefix}:"


def make_key(root: str, kind: str, name: str) -> bytes:
    """The key of one kind of thing and one name.

    A cluster places a key by what stands between the braces, so the name must neither end them nor be empty.
    """
    tag = name.replace("%", "%25").replace("}", "%7D") or "%"
    return f"{root}{kind}:{{{tag}}}".encode()
