"""Stores are found by the names that endpoints files use, waited for, and refused in one sentence."""

from pathlib import Path

import pytest

from duologue.adapters.tracker_store.memory import InMemoryTrackerStore
from duologue.core.errors import DefinitionError, StorageUnavailableError
from duologue.project.endpoints import TypedEndpoint
from duologue.runtime.settings import Settings
from duologue.runtime.stores import find_lock_kind, find_tracker_kind, open_lock_store, open_tracker_store


def entry(kind: str | None = None, **options: object) -> TypedEndpoint:
    return TypedEndpoint(
        type=kind, options=options, place="endpoints.yml:1", places={"type": "endpoints.yml:2"}
    )


@pytest.mark.parametrize(
    ("endpoint", "kind"),
    [
        (None, "sqlite"),
        (entry("SQL"), "sqlite"),
        (entry("sql", dialect="sqlite", db=":memory:"), "memory"),
        (entry("SQL", dialect="postgresql"), "postgresql"),
        (entry("SQL", dialect="postgresql+psycopg2"), "postgresql"),
        (entry("SQL", dialect="mysql+pymysql"), "mysql"),
        (entry("SQL", dialect="mariadb"), "mysql"),
        (entry("redis"), "redis"),
        (entry("mongod"), "mongod"),
        (entry("mongodb"), "mongod"),
        (entry("dynamo"), "dynamo"),
        (entry("in_memory"), "memory"),
    ],
)
def test_a_tracker_store_is_found_by_every_name_it_has(endpoint: TypedEndpoint | None, kind: str) -> None:
    assert find_tracker_kind(endpoint) == kind


def test_a_lock_store_is_found_by_every_name_it_has() -> None:
    kinds = [find_lock_kind(endpoint) for endpoint in (None, entry("in_memory"), entry("concurrent_redis"))]
    assert kinds == ["in_memory", "in_memory", "redis"]


@pytest.mark.parametrize(
    ("endpoint", "sentence"),
    [
        (
            entry("SQL", dialect="oracle"),
            "endpoints.yml:1: there is no 'oracle' for `tracker_store`. There is: dynamo,",
        ),
        (entry("reddis"), "endpoints.yml:2: there is no 'reddis' for `tracker_store`. Did you mean `redis`?"),
        (entry("no_such_module.Store"), "endpoints.yml:2: no_such_module.Store cannot be imported"),
    ],
)
async def test_a_store_that_there_is_not_is_refused_with_those_there_are(
    endpoint: TypedEndpoint, sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(DefinitionError) as error:
        await open_tracker_store(endpoint, tmp_path, Settings())
    assert str(error.value).startswith(sentence)


async def test_a_lock_store_that_there_is_not_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        DefinitionError, match=r"no 'zookeeper' for `lock_store`\. There is: in_memory, redis"
    ):
        await open_lock_store(entry("zookeeper"), tmp_path, Settings())


OWN_STORES = """
from duologue.adapters.tracker_store.memory import InMemoryTrackerStore
from duologue.core.errors import StorageUnavailableError

attempts = []

async def open_store(options):
    attempts.append(options)
    if len(attempts) < 2:
        raise StorageUnavailableError("The store is not up yet.")
    return InMemoryTrackerStore()

async def open_never(options):
    raise StorageUnavailableError("The store is away.")

class StoreOfAnotherPlatform:
    def get_or_create_tracker(self): ...
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "own_stores.py").write_text(OWN_STORES, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


async def test_a_projects_own_store_gets_its_options_and_is_waited_for(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("duologue.runtime.waiting._PAUSE", 0.0)
    store = await open_tracker_store(entry("own_stores.open_store", flavour="sweet"), project, Settings())
    assert isinstance(store, InMemoryTrackerStore)
    await store.close()


async def test_a_store_that_is_away_for_too_long_is_an_error(project: Path) -> None:
    with pytest.raises(StorageUnavailableError, match="The store is away"):
        await open_tracker_store(entry("own_stores.open_never"), project, Settings(store_seconds=0.0))


async def test_a_store_made_for_another_platform_is_told_what_to_be(project: Path) -> None:
    with pytest.raises(DefinitionError, match="is not a tracker store of Duologue; name a function"):
        await open_tracker_store(entry("own_stores.StoreOfAnotherPlatform"), project, Settings())
