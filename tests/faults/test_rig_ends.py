"""However the fault rig ends, nothing that it started stays behind."""

import asyncio
import signal
import sys
from pathlib import Path

import psutil
import pytest

PATIENCE = 90


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 130)])
async def test_a_rig_that_is_told_to_stop_ends_all_its_processes(
    tmp_path: Path, repository: Path, number: signal.Signals, code: int
) -> None:
    rig = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "torture", "--store", "sqlite", "--turns", "1000000"),
        *("--faults", "kill,freeze,restart,actions-crash", "--pause", "0.3", "--folder", str(tmp_path)),
        cwd=repository,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert rig.stderr is not None
    try:
        async with asyncio.timeout(PATIENCE):
            await rig.stderr.readline()  # the first line of its progress: servers run, faults happen
            family = psutil.Process(rig.pid).children(recursive=True)
            rig.send_signal(number)
            _, complaints = await rig.communicate()
    finally:
        if rig.returncode is None:
            rig.kill()
    assert rig.returncode == code, complaints.decode()
    assert family
    _, alive = psutil.wait_procs(family, timeout=5)
    assert alive == []
