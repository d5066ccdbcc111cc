"""Problems are sorted, shown with their place, and never show a secret."""

import pytest

from duologue.project.places import WholeFile
from duologue.project.problems import Problems, find_nearest, is_secret_key, quote_value, suggest_name


def test_problems_come_out_sorted_by_file_and_line_and_each_once() -> None:
    problems = Problems()
    problems.warn(WholeFile("b.yml", 2), "Second.")
    problems.error(WholeFile("b.yml", 10), "Third.", "Mend it.")
    problems.error(WholeFile("a.yml"), "First.")
    problems.warn(WholeFile("b.yml", 2), "Second.")
    assert problems.format() == (
        "a.yml: error: First.\nb.yml:2: warning: Second.\nb.yml:10: error: Third. Mend it."
    )
    assert (len(problems.errors), len(problems.warnings), problems.has_errors) == (2, 1, True)


@pytest.mark.parametrize(
    ("name", "nearest"),
    [("transfer_mony", "transfer_money"), ("Transfer_Money", "transfer_money"), ("weather", None)],
)
def test_the_nearest_name_is_offered_only_for_a_slip(name: str, nearest: str | None) -> None:
    assert find_nearest(name, ["transfer_money", "check_balance"]) == nearest


def test_a_suggestion_is_a_sentence() -> None:
    assert suggest_name("ammount", ["amount"]) == "Did you mean `amount`?"
    assert suggest_name("xyz", ["amount"]) == ""


@pytest.mark.parametrize(
    "key",
    [
        "api_key",
        "password",
        "sasl_password",
        "token",
        "auth_token",
        "client_secret",
        "page-access-token",
        "jwt_key",
    ],
)
def test_the_value_of_a_secret_is_not_shown(key: str) -> None:
    assert is_secret_key(key)
    assert quote_value("hunter2", ("tracker_store", key)) == "(not shown)"


@pytest.mark.parametrize("key", ["token_name", "max_tokens", "url", "key_prefix", 3, None])
def test_other_keys_are_no_secrets(key: object) -> None:
    assert not is_secret_key(key)


def test_long_values_are_cut_and_yaml_words_are_spelt_as_in_yaml() -> None:
    assert quote_value("x" * 100) == "`" + "x" * 59 + "…`"
    assert [quote_value(value) for value in (True, None, [1], {})] == [
        "`true`",
        "`null`",
        "a list",
        "a mapping",
    ]
