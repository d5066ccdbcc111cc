"""`python -m torture.server_with_clock CLOCK …`: the command line of Duologue, on a machine whose clock jumps.

CLOCK is a file of eight bytes: how many seconds the clock is wrong, as a float that another process may change.
"""

import mmap
import struct
import sys
import time
from pathlib import Path

OFFSET = struct.Struct("<d")


def write_offset(path: Path, seconds: float) -> None:
    """Put the clock of a server so many seconds ahead, or back."""
    with path.open("r+b" if path.exists() else "w+b") as file:
        file.write(OFFSET.pack(seconds))


def bend_clock(path: Path) -> None:
    """Let `time.time` of this process be as wrong as the file says."""
    with path.open("rb") as file:
        offset = mmap.mmap(file.fileno(), OFFSET.size, access=mmap.ACCESS_READ)
    tell_time = time.time

    def tell_wrong_time() -> float:
        return tell_time() + OFFSET.unpack_from(offset)[0]

    time.time = tell_wrong_time


def main() -> None:
    """Bend the clock before anything of the server is imported, then run it."""
    bend_clock(Path(sys.argv.pop(1)))
    from duologue.cli.main import main as run_command_line

    run_command_line()


if __name__ == "__main__":
    main()
