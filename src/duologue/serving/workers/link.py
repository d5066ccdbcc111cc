"""What the parent and its workers say to each other, one byte at a time over a pair of sockets."""

from enum import Enum

import msgspec

READY = b"+"
"""From the worker: it answers."""


class Order(Enum):
    """From the parent to a worker. Signals would not do: service managers send them to parent and workers alike."""

    STOP = b"s"
    """Drain, then end."""
    STOP_SOON = b"n"
    """End without draining first: a person is waiting."""
    RETIRE = b"r"
    """A successor serves already."""


class WorkerPost(msgspec.Struct, frozen=True, kw_only=True):
    """Where a worker stands."""

    number: int
    """Counted from 1."""
    listeners: tuple[int, ...]
    """The file descriptors of the sockets to serve, one for each port."""
    link: int
    """The file descriptor of the socket to the parent."""
    is_first: bool
    """None has served yet, so that what concerns all of them is said by this one."""


def format_post(post: WorkerPost) -> str:
    """A post as a word of the worker's command line."""
    return ",".join(str(number) for number in (post.number, post.link, int(post.is_first), *post.listeners))


def parse_post(text: str) -> WorkerPost:
    """The post that the parent gave."""
    number, link, is_first, *listeners = map(int, text.split(","))
    return WorkerPost(number=number, listeners=tuple(listeners), link=link, is_first=bool(is_first))
