"""The options of a store are read, completed and, if they cannot be what they are, named with their line."""

import logging
from typing import Literal

import msgspec
import pytest

from duologue.core.errors import DefinitionError
from duologue.project.endpoints import TypedEndpoint
from duologue.runtime.store_options import read_options


class StoreOptions(msgspec.Struct, frozen=True, kw_only=True):
    url: str = "localhost"
    port: int = 5432
    password: str | None = None
    record_exp: float | None = None
    use_ssl: bool = False
    mode: Literal["standard", "cluster"] = "standard"
    endpoints: tuple[str, ...] = ()
    query: dict[str, str] = {}
    schema: str = "public"


def read(options: dict[str, object], **environment: object) -> StoreOptions:
    places = {name: f"endpoints.yml:{place}" for place, name in enumerate(options, 2)}
    endpoint = TypedEndpoint(type="SQL", options=options, place="endpoints.yml:1", places=places)
    return read_options(StoreOptions, endpoint, what="tracker_store", environment=environment)


def test_what_is_not_said_has_its_default() -> None:
    assert read({}) == StoreOptions()


def test_variables_give_texts_where_numbers_are_meant_and_digits_may_be_a_password() -> None:
    found = read({"port": "6000", "use_ssl": "true", "record_exp": "2.5", "password": 12345, "url": None})
    assert found == StoreOptions(port=6000, use_ssl=True, record_exp=2.5, password="12345")


def test_lists_and_mappings_are_read() -> None:
    found = read({"endpoints": ["a:1", "b:2"], "query": {"sslmode": "require"}, "mode": "cluster"})
    assert found == StoreOptions(endpoints=("a:1", "b:2"), query={"sslmode": "require"}, mode="cluster")


def test_the_file_wins_over_the_environment() -> None:
    assert read({}, schema="bank", unheard_of=1).schema == "bank"
    assert read({"schema": "file"}, schema="bank").schema == "file"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"port": "many"}, "endpoints.yml:2: `port` of `tracker_store` must be a whole number."),
        (
            {"url": "x", "use_ssl": "perhaps"},
            "endpoints.yml:3: `use_ssl` of `tracker_store` must be true or false.",
        ),
        ({"mode": "star"}, "endpoints.yml:2: `mode` of `tracker_store` must be one of cluster, standard."),
        ({"endpoints": "a:1"}, "endpoints.yml:2: `endpoints` of `tracker_store` must be a list."),
        ({"record_exp": []}, "endpoints.yml:2: `record_exp` of `tracker_store` must be a number."),
    ],
)
def test_a_value_of_the_wrong_kind_is_named_with_its_line(options: dict[str, object], sentence: str) -> None:
    with pytest.raises(DefinitionError) as error:
        read(options)
    assert str(error.value) == sentence


def test_a_value_that_is_refused_is_never_shown() -> None:
    with pytest.raises(DefinitionError) as error:
        read({"password": {"source": "open sesame"}})
    assert "open sesame" not in str(error.value)


def test_an_option_that_nobody_knows_is_passed_over_with_the_nearest_name(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING):
        assert read({"pasword": "x", "dialect": "postgresql"}) == StoreOptions()
    (record,) = caplog.records
    assert vars(record)["finding"] == (
        "endpoints.yml:2: `tracker_store` has no option `pasword`. Did you mean `password`?"
    )


class NeedyOptions(msgspec.Struct, frozen=True, kw_only=True):
    table_name: str


def test_an_option_that_is_needed_is_missed() -> None:
    with pytest.raises(DefinitionError, match=r"endpoints\.yml:1: `tracker_store` needs `table_name`"):
        read_options(
            NeedyOptions, TypedEndpoint(place="endpoints.yml:1"), what="tracker_store", environment={}
        )
