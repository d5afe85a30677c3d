# SPDX-License-Identifier: MIT
"""Chats through the page at /client, in a real browser, with a real server.

usage: client_page.py PARLOR_SERVER FOLDER [TEST…]
Leaves pictures of the page in FOLDER. Exits with 0; 1 and a text if something is wrong; 77 without Chromium or
python3-websockets.
"""

import asyncio
import json
import os
import shutil
import signal
import sys
import tempfile

try:
    from devtools import PATIENCE, Browser, Failure, check, until
    from surroundings import Network, Server
    import websockets
except ImportError as missing:
    print(missing)
    sys.exit(77)

SOURCE = os.path.join(os.path.dirname(__file__), "..", "..", "..", "resources", "web", "client.html")
LINES = "[...document.querySelectorAll('#log .line .body')].map(each => each.textContent)"


class World:
    """What a test works with."""

    def __init__(self, browser, program, folder, pictures):
        self.browser = browser
        self.program = program
        self.folder = folder
        self.pictures = pictures
        self.server = Server(program, folder, "--grace", "300ms").start()

    async def page(self, name, room="general", port=None, **look):
        """A page of this person that is connected."""
        page = await self.browser.page(f"http://127.0.0.1:{port or self.server.port}/client?name={name}&room={room}", **look)
        await page.shows("#state", "Connected")
        await page.shows("#member-list", "you")
        return page

    async def picture(self, page, name):
        await page.picture(os.path.join(self.pictures, f"client-{name}.png"))


async def say(page, text):
    await page.type("#text", text)
    await page.enter()


async def lines(page, wanted):
    """Waits until the log has these lines, and nothing else."""
    await page.until(f"JSON.stringify({LINES}) === JSON.stringify({json.dumps(wanted)})", f"the lines {wanted}")


async def test_two_pages_chat(world):
    ann = await world.page("Ann", "chat")
    bob = await world.page("Bob", "chat")
    await ann.shows("#member-list", "Bob")
    await ann.type("#text", "hello")
    await bob.shows("#typing", "Ann is typing")
    await say(ann, "hello `code` https://example.org/a?b=1.")
    await bob.shows("#log .line", "hello")
    await bob.shows("#log .who", "Ann")
    await say(bob, "hi")
    for page in (ann, bob):
        await lines(page, ["hello code https://example.org/a?b=1.", "hi"])
        await page.until("document.querySelectorAll('#log .mark[title=sent]').length === 1 && !document.querySelector('#log .pending')", "own message sent, once")
        await page.shows("#facts", "2 members · 2 messages")
    link = await bob.evaluate("(a => [a.href, a.rel, a.target])(document.querySelector('#log a'))")
    check(link == ["https://example.org/a?b=1", "noopener noreferrer", "_blank"], f"{link}")
    await bob.shows("#served-by", os.uname().nodename)
    await bob.until("/^\\d+ ms$/.test(document.querySelector('#round-trip').textContent)", "the round-trip time")
    await bob.until("!document.querySelector('#typing').textContent", "the end of typing")
    await world.picture(ann, "thin")
    await ann.close()
    await bob.until("!document.querySelector('#member-list').innerText.includes('Ann')", "Ann leaves ")
    await bob.close()


async def main_with(program, pictures, only):
    chromium = shutil.which("chromium")
    if not chromium:
        print("chromium is not installed")
        return 77
    tests = [(name, test) for name, test in globals().items() if name.startswith("test_")]
    if only:
        tests = [each for each in tests if each[0] in only]
    os.makedirs(pictures, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="parlor-page-") as folder:
        async with Browser(chromium) as browser:
            for name, test in tests:
                world = World(browser, program, folder, pictures)
                try:
                    await asyncio.wait_for(test(world), 4 * PATIENCE)
                    world.server.stop()
                except (Failure, asyncio.TimeoutError, OSError, websockets.exceptions.WebSocketException) as problem:
                    print(f"FAILED {name}: {type(problem).__name__}: {problem}\n--- the server's log ---\n{world.server.text()[-3000:]}")
                    return 1
                finally:
                    world.server.process.kill()
                print(f"passed {name}", flush=True)
    return 0


if __name__ == "__main__":
    if len(sys.argv) < 3:
        print(__doc__)
        sys.exit(2)
    sys.exit(asyncio.run(main_with(sys.argv[1], sys.argv[2], sys.argv[3:])))
