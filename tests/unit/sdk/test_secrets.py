"""Actions get secrets without knowing where they are kept."""

from pathlib import Path

import pytest

from duologue.sdk import action
from duologue.sdk.events import SlotSet
from duologue.sdk.executor import ActionExecutor
from duologue.sdk.secrets import EnvironmentSecrets, MissingSecretError, find_secret, get_secret
from duologue.sdk.testing import run_action


@action("action_sign_in")
def sign_in(dispatcher, tracker, domain):
    return [SlotSet("password", get_secret("SHOP_PASSWORD"))]


def test_a_secret_is_a_variable_or_in_the_file_it_points_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "password"
    path.write_text("two words\n", encoding="utf-8")
    monkeypatch.setenv("SHOP_TOKEN", "abc")
    monkeypatch.setenv("SHOP_PASSWORD_FILE", str(path))

    assert [get_secret("SHOP_TOKEN"), get_secret("SHOP_PASSWORD")] == ["abc", "two words"]
    assert find_secret("SHOP_NOTHING") is None


def test_a_missing_secret_is_named_with_the_places_it_could_be() -> None:
    with pytest.raises(MissingSecretError, match=r"no secret 'SHOP_NOTHING': set .* or SHOP_NOTHING_FILE"):
        get_secret("SHOP_NOTHING")


def test_a_file_that_cannot_be_read_is_named() -> None:
    secrets = EnvironmentSecrets({"SHOP_TOKEN_FILE": "nowhere/token"})

    with pytest.raises(MissingSecretError, match="'nowhere/token', which cannot be read"):
        secrets.find_secret("SHOP_TOKEN")


async def test_a_test_gives_an_action_its_secrets() -> None:
    outcome = await run_action(sign_in, secrets={"SHOP_PASSWORD": "sesame"})

    assert outcome.slots == {"password": "sesame"}


async def test_a_server_gives_secrets_from_a_place_of_its_own() -> None:
    class Vault:
        def find_secret(self, name: str) -> str | None:
            return f"vault:{name}"

    executor = ActionExecutor(threads=1, secrets=Vault())
    executor.register_action(sign_in)

    result = await executor.run({"next_action": "action_sign_in"})
    executor.close()

    assert result["events"][0]["value"] == "vault:SHOP_PASSWORD"
