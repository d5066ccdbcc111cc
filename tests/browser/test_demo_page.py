"""The demo page in a real browser: what a newcomer sees and does."""

import asyncio
import os
import re
import shutil
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

pytestmark = pytest.mark.browser

_QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_READY_SECONDS = 30


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


def find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest_asyncio.fixture
async def demo(tmp_path: Path) -> AsyncIterator[str]:
    """The address of `duologue demo`, run as a user runs it."""
    find_chromium()
    port = find_free_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "duologue",
        "demo",
        "--port",
        str(port),
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(_READY_SECONDS):
            while b"http://" not in (line := await process.stdout.readline()):
                assert line, "the demo ended before it was ready"
        yield f"http://localhost:{port}/"
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


@pytest_asyncio.fixture
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
    await expect(slots.locator("tr", has_text="transfer_amount")).to_contain_text("60")
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
