"""The browser: where it is, how it is started, and how it shares a process with other tests."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Browser, BrowserContext, sync_playwright

VARIABLE = "NUSTAR_WIDGETS_BROWSER"
NAMES = ("chromium", "chromium-browser", "google-chrome")
MISSING = f"no browser: install one of {', '.join(NAMES)}, or name its program in {VARIABLE}"
PATIENCE_MS = 30_000.0
FLAGS = (  # besides Playwright's own
    "--disable-gpu",  # and not SwiftShader for the whole page: that is five times slower
    "--disable-quic",
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # what escapes the routes ends here
)


def find() -> str | None:
    """Return the browser's program: the one the variable names, or the first that is installed."""
    named = os.environ.get(VARIABLE)
    if named:
        return shutil.which(named) or named  # a wrong name is told when it is started
    return next(filter(None, map(shutil.which, NAMES)), None)


@dataclass(frozen=True)
class Chromium:
    """A running browser.

    Playwright lets its event loop count as running between two of its calls. Other tests of
    this process want asyncio for themselves, so the loop counts only inside `awake`.
    """

    browser: Browser
    loop: asyncio.AbstractEventLoop

    @contextmanager
    def awake(self) -> Iterator[None]:
        """Allow calls of Playwright."""
        before = asyncio._get_running_loop()
        asyncio._set_running_loop(self.loop)
        try:
            yield
        finally:
            asyncio._set_running_loop(before)

    def context(self) -> BrowserContext:
        """Open a window that shares nothing with the others."""
        context = self.browser.new_context(
            viewport={"width": 1280, "height": 800},
            service_workers="block",  # their requests would pass the routes by
        )
        context.set_default_timeout(PATIENCE_MS)
        return context


@contextmanager
def launched(program: str) -> Iterator[Chromium]:
    """Start a browser for the length of the block, asleep."""
    playwright = sync_playwright().start()
    chromium: Chromium | None = None
    try:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        chromium = Chromium(browser=browser, loop=asyncio.get_running_loop())
        asyncio._set_running_loop(None)
        yield chromium
    finally:
        if chromium is not None:
            asyncio._set_running_loop(chromium.loop)
            chromium.browser.close()
        playwright.stop()


if __name__ == "__main__":
    if find() is None:
        sys.exit(MISSING)
