"""The demo page in a real browser: what a newcomer sees and does."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

# One browser serves all tests; every page it opens is a window of its own, without the memory of the others.
pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

_QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find_chromium() -> str:
    """The browser's executable; without one the test is skipped, or fails where CI is set."""
    found = (
        os.environ.get("DUOLOGUE_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    )
    if found:
        return found
    reason = (
        "No Chromium was found; install it (Debian: apt install chromium) or name it with DUOLOGUE_CHROMIUM."
    )
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@contextmanager
def start_demo(folder: Path) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """`duologue demo`, run as a user runs it: its address and its process."""
    find_chromium()
    command = [sys.executable, "-m", "duologue", "demo", "--port", "0"]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert "http://" in line, "the demo ended before it was ready"
            yield line.split()[-1], process
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of one demo for all tests; each has a conversation of its own."""
    with start_demo(tmp_path_factory.mktemp("demo")) as (address, _):
        yield address


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=find_chromium(), args=[*_QUIET])
        yield launched
        await launched.close()


async def open_page(browser: Browser, address: str, *, width: int = 1280) -> tuple[Page, list[str]]:
    """The page, and what the browser's console complains about."""
    page = await browser.new_page(viewport={"width": width, "height": 860})
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.goto(address)
    await expect(page.locator("#connection")).to_have_text("live")
    return page, complaints


async def say(page: Page, text: str) -> None:
    await page.locator("#text").fill(text)
    await page.keyboard.press("Enter")


async def tab_back_to(page: Page, words: str) -> None:
    """Press Shift+Tab until the focus is on what says these words."""
    for _ in range(20):
        await page.keyboard.press("Shift+Tab")
        if (await page.locator(":focus").inner_text()).strip() == words:
            return
    pytest.fail(f"The keyboard does not lead to {words!r}.")


async def test_a_transfer_with_a_correction_and_a_digression_is_shown_live(
    demo: str, browser: Browser
) -> None:
    page, complaints = await open_page(browser, demo)
    log, slots, cards = page.locator("#log"), page.locator("#filled"), page.locator("#cards")

    await page.locator("#suggestions").get_by_text("send money to Anna").click()
    await expect(log).to_contain_text("How much")
    await expect(cards).to_contain_text("send money")
    await say(page, "50")
    await expect(slots).to_contain_text("50")
    await say(page, "no wait, make it 60")
    await expect(log).to_contain_text("€60.00")
    changed = slots.locator("tr.changed", has_text="transfer_amount")
    await expect(changed).to_contain_text("60")
    glow = await changed.evaluate("row => row.getAnimations().length")
    assert glow == 1
    await say(page, "what's my balance?")
    await expect(log).to_contain_text("Your current account holds")
    await expect(cards).to_contain_text("send money")
    await page.get_by_role("button", name="Yes, send it").last.click()
    await expect(log).to_contain_text(re.compile("on its way to Anna"))
    await expect(page.locator("#events li").first).to_be_attached()

    assert complaints == []


async def test_a_reload_keeps_the_conversation_and_a_new_one_begins_empty(
    demo: str, browser: Browser
) -> None:
    page, complaints = await open_page(browser, demo)
    await say(page, "block my card")
    await expect(page.locator("#log")).to_contain_text("Which card")

    await page.reload()
    await expect(page.locator("#log")).to_contain_text("Which card")
    await page.locator("#renew").click()
    await expect(page.locator("#log")).not_to_contain_text("Which card")
    await expect(page.locator("#welcome")).to_be_visible()

    assert complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_narrow_screen_shows_chat_and_inside_in_turn_without_scrolling_sideways(
    demo: str, browser: Browser, scheme: str
) -> None:
    page, complaints = await open_page(browser, demo, width=380)
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    await say(page, "what's my balance?")
    await expect(page.locator("#log")).to_contain_text("Your current account holds")

    for view in ("Inside", "Chat"):
        await page.get_by_role("button", name=view, exact=True).click()
        overflow = await page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert overflow <= 0
    ground = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    red = int(re.findall(r"\d+", ground)[0])
    assert (red < 80) == (scheme == "dark")

    assert complaints == []


async def test_everything_can_be_done_from_the_keyboard(demo: str, browser: Browser) -> None:
    page, complaints = await open_page(browser, demo)
    await expect(page.locator("#text")).to_be_focused()
    await page.keyboard.type("when are you")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("open?")
    await page.keyboard.press("Enter")
    await expect(page.locator("#log")).to_contain_text("In which city?")
    await expect(page.locator("#text")).to_be_focused()

    await tab_back_to(page, "Leipzig")
    await page.keyboard.press("Enter")
    await expect(page.locator("#log")).to_contain_text("Am Markt 22, Leipzig")
    await expect(page.locator("#text")).to_be_focused()

    await tab_back_to(page, "New conversation")
    await page.keyboard.press("Enter")
    await expect(page.locator("#welcome")).to_be_visible()
    assert complaints == []


async def test_what_people_write_is_shown_as_text(demo: str, browser: Browser) -> None:
    page, complaints = await open_page(browser, demo)
    await say(page, "<img src=x onerror=alert(1)> & <b>bold</b>")
    await expect(page.locator(".mine .bubble")).to_have_text("<img src=x onerror=alert(1)> & <b>bold</b>")
    await expect(page.locator(".message:not(.mine) .bubble").first).to_be_visible()
    assert await page.locator("#log img, #log b").count() == 0
    assert complaints == []


async def test_a_server_that_is_gone_is_said_so_and_the_message_can_be_sent_again(
    tmp_path: Path, browser: Browser
) -> None:
    with start_demo(tmp_path) as (address, process):
        page, _ = await open_page(browser, address)
        await say(page, "block my card")
        await expect(page.locator("#log")).to_contain_text("Which card")
        process.terminate()
        process.wait(20)
        await expect(page.locator("#connection")).to_have_text("reconnecting")
        await say(page, "the credit card")
        await expect(page.locator(".failure")).to_contain_text("The server did not answer.")
        await expect(page.get_by_role("button", name="Try again")).to_be_visible()
