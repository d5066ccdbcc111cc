"""Servers in processes of their own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.faults.served_project import ServedProject, write_project


@pytest.fixture
async def servers(tmp_path: Path) -> AsyncIterator[list[ServedProject]]:
    """Two servers over one folder; the test starts those that it wants."""
    folder = write_project(tmp_path / "project")
    both = [ServedProject(folder), ServedProject(folder)]
    yield both
    for server in both:
        await server.kill()
