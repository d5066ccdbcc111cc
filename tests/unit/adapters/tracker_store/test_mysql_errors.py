"""What goes wrong with a MySQL server is said in one sentence."""

import pytest

from duologue.adapters.tracker_store.mysql_driver import MysqlError
from duologue.adapters.tracker_store.mysql_errors import explain, explain_start
from duologue.adapters.tracker_store.mysql_options import MysqlOptions, find_address
from duologue.core.errors import StorageRefusedError, StorageUnavailableError

ADDRESS = find_address(MysqlOptions(url="db.example", username="anna", password="secret"))


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        (1045, StorageRefusedError, "refuses the user anna: check `username` and `password`"),
        (1130, StorageRefusedError, "does not let the user anna in from this machine"),
        (1862, StorageRefusedError, "refuses the user anna, because its password has expired"),
        (3159, StorageRefusedError, "takes connections over TLS only"),
        (1040, StorageUnavailableError, "has no free connection: raise max_connections"),
        (1021, StorageUnavailableError, "cannot grow: the disk of the server is full"),
        (1290, StorageUnavailableError, "may only be read: the server runs with --read-only"),
        (1999, StorageUnavailableError, "failed: the server runs with --read-only"),
    ],
)
def test_a_fault_at_the_start_says_what_where_and_how_to_mend_it(
    code: int, kind: type[Exception], words: str
) -> None:
    explained = explain_start(MysqlError(code, "the server runs with --read-only"), ADDRESS)
    assert type(explained) is kind
    assert str(explained).startswith(f"The MySQL database rasa at db.example:3306 {words}")
    assert str(explained).endswith(".")
    assert "secret" not in str(explained)


def test_a_refusal_while_the_server_runs_may_pass() -> None:
    explained = explain(MysqlError(1045, "Access denied"), ADDRESS)
    assert isinstance(explained, StorageUnavailableError)
    assert "refuses the user anna" in str(explained)
