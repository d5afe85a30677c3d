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
from urllib.parse import quote

try:
    from devtools import PATIENCE, Browser, Failure, check, until
    from surroundings import FakeServer, Network, Server, TokenServer
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

    async def page_of(self, fake):
        """A page served by our server, that talks to this one."""
        page = await self.browser.page(f"http://127.0.0.1:{self.server.port}/client?name=Ann")
        await page.click("summary")
        await page.type("#address", f"ws://127.0.0.1:{fake.port}/ws")
        await page.click("#connect")
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
    await bob.keep("#typing")
    await ann.type("#text", "hello")
    await bob.showed("#typing", "Ann is typing")
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
    await ann.close()
    await bob.until("!document.querySelector('#member-list').innerText.includes('Ann')", "Ann leaves ")
    await bob.close()


async def test_markup_stays_text(world):
    evil = "<img src=x onerror=hacked=1>"
    ann = await world.page(quote(evil), "markup")
    bob = await world.page("Bob", "markup")
    texts = ["<script>hacked=1</script>", "<img src=x onerror=hacked=1>", "javascript:hacked=1 `<b>` https://x/\"onclick=hacked=1"]
    for text in texts:
        await say(ann, text)
        await bob.shows("#log .line:last-child", text.replace("`", "")[:20])
    for page in (ann, bob):
        await page.shows("#log .who", evil)
        await page.shows("#member-list", evil)
        await lines(page, [text.replace("`", "") for text in texts])
        check(await page.evaluate("document.querySelectorAll('main img, main script, main [onclick], aside img').length") == 0, "text became markup")
        check(await page.evaluate("typeof hacked") == "undefined", "text was run")
        links = await page.evaluate("[...document.querySelectorAll('#log a')].map(each => each.href)")
        check(links == ["https://x/"], f"{links}")
    # Even markup that got in would not run: the policy stands behind all this.
    await bob.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=hacked=1><p style=color:red onclick=hacked=1>')")
    await bob.until("violations.length >= 2", "violations of the policy")
    check(await bob.evaluate("typeof hacked") == "undefined", "the policy let a handler run")
    await bob.evaluate("violations.length = 0")
    bob.errors.clear()
    await ann.close()
    await bob.close()


async def test_rooms(world):
    ann = await world.page("Ann", "general")
    bob = await world.page("Bob", "general")
    await ann.type("#join-name", "#Side-Room ")
    await ann.enter()
    await ann.shows("#title", "# side-room")
    await ann.shows("#member-list", "you")
    await say(bob, "one")
    await say(bob, "two for @ann, not @annabel")
    await ann.until("[...document.querySelectorAll('#joined .unread')].map(each => each.innerText.replace(/\\s+/g, ' ')).join() === 'general @1 ×'", "general with a mention")
    await ann.until("document.title === '(2) #side-room · Parlor'", "the title with two unread")
    await ann.type("#text", "half a sen")
    await ann.key("ArrowUp", modifiers=1, windowsVirtualKeyCode=38)
    await ann.shows("#title", "# general")
    await ann.shows("#log .rule.new", "New messages")
    await ann.until("document.querySelectorAll('#log .mention').length === 1 && !document.querySelector('#joined .unread')", "one mention, all read")
    check(await ann.evaluate("document.querySelector('#text').value") == "", "a draft went to another room")
    await ann.key("ArrowDown", modifiers=1, windowsVirtualKeyCode=40)
    await ann.until("document.querySelector('#text').value === 'half a sen'", "the draft")
    await ann.shows("#title", "# side-room")
    await ann.click("#joined li.active .leave")
    await ann.shows("#title", "# general")
    await ann.until("document.querySelectorAll('#joined li').length === 1", "one room")
    await ann.click("#others li .room")
    await ann.until("document.querySelectorAll('#joined li').length === 2", "two rooms")
    await ann.type("#join-name", "no such room!")
    await ann.enter()
    await ann.shows("#notice-text", "cannot be joined")
    await ann.until("document.querySelectorAll('#joined li').length === 2", "two rooms still")
    await ann.click("#dismiss")
    await ann.until("document.querySelector('#notice').hidden", "no notice")
    await ann.close()
    await bob.close()


async def test_history(world):
    ann = await world.page("Ann", "history")
    for number in range(1, 61):
        await say(ann, f"message {number}")
    await ann.until("document.querySelectorAll('#log .mark[title=sent]').length === 60 && !document.querySelector('#log .pending')", "all 60 sent, in spite of the rate limit")
    await lines(ann, [f"message {number}" for number in range(1, 61)])
    await ann.until("!document.querySelector('#totals').innerText.includes('reconnect')", "no connection lost for it")
    bob = await world.page("Bob", "history")
    await lines(bob, [f"message {number}" for number in range(11, 61)])
    await bob.click("#log .older button")
    await lines(bob, [f"message {number}" for number in range(1, 61)])
    await bob.until("!document.querySelector('#log .older')", "nothing earlier")
    await ann.close()
    await bob.close()


async def test_gap_is_filled(world):
    async with Network(world.server) as network:
        ann = await world.page("Ann", "gap", network.port)
        bob = await world.page("Bob", "gap")
        await say(bob, "before")
        await lines(ann, ["before"])
        await ann.type("#text", "a draft")
        network.cut(stay_down=True)
        await ann.shows("#banner", "Connection lost at")
        await say(bob, "meanwhile 1")
        await say(bob, "meanwhile 2")
        await lines(bob, ["before", "meanwhile 1", "meanwhile 2"])
        await bob.until("document.querySelectorAll('#log .pending').length === 0", "all sent")
        network.restore()
        await ann.shows("#state", "Connected")
        await lines(ann, ["before", "meanwhile 1", "meanwhile 2"])
        await ann.shows("#log .rule.new", "New messages")
        check(await ann.evaluate("document.querySelector('#text').value") == "a draft", "the draft is lost")
        await ann.shows("#totals", "1 reconnect")
        await ann.shows("#facts", "2 members · 3 messages")
        await ann.until("document.querySelector('#banner').hidden", "no banner")
        await ann.close()
        await bob.close()


async def test_unacknowledged_arrives_once(world):
    async with Network(world.server) as network:
        ann = await world.page("Ann", "once", network.port)
        bob = await world.page("Bob", "once")
        network.muted = True
        await say(ann, "first")
        await say(ann, "second")
        await lines(bob, ["first"])  # it reached the server; its acknowledgement is lost
        await ann.until("document.querySelectorAll('#log .pending').length === 2", "two pending")
        network.cut()
        for page in (ann, bob):
            await lines(page, ["first", "second"])
        await ann.until("document.querySelectorAll('#log .mark[title=sent]').length === 2", "both sent")
        await say(bob, "third")
        for page in (ann, bob):
            await lines(page, ["first", "second", "third"])
        await ann.close()
        await bob.close()


async def test_server_goes_and_comes_back(world):
    ann = await world.page("Ann", "restart")
    dan = await world.page("Dan", "restart", dark=True)
    await say(ann, "before")
    await lines(dan, ["before"])
    await ann.keep("#banner")
    await dan.keep("#banner")
    await dan.keep("#state")
    for page in (ann, dan):
        await page.evaluate("Math.random = () => 0.5")  # after 3 s, when people are told, the third attempt is awaited
    world.server.stop(signal.SIGKILL)
    await ann.showed("#banner", "(attempt 3 of 3)")
    await dan.showed("#banner", "attempt 3 of 3")
    await dan.showed("#state", "Reconnecting 3/3")
    await say(dan, "written while away")
    await dan.type("#text", "still typing")
    await dan.shows("#log .pending", "written while away")
    await world.picture(dan, "dark-reconnecting")
    await dan.shows("#banner", "Checking every 30 s")
    await dan.shows("#state", "Offline")
    await ann.shows("#state", "Offline")
    world.server.start()
    await ann.click("#retry")
    await dan.evaluate("document.querySelector('#retry').click()")  # it may have come back by itself, as its window was shown
    for page in (ann, dan):
        await page.shows("#state", "Connected")
        await page.shows("#log .rule", "new history")
        await lines(page, ["before", "written while away"])
    check(await dan.evaluate("document.querySelector('#text').value") == "still typing", "what was typed is lost")
    await say(ann, "after")
    for page in (ann, dan):
        await lines(page, ["before", "written while away", "after"])
        await page.close()


async def test_moves_to_another_server_quietly(world):
    async with FakeServer() as fake:
        page = await world.page_of(fake)
        await page.shows("#state", "Connected")
        await page.shows("#round-trip", "ms")
        await page.evaluate("{ const now = Date.now(); Date.now = () => now; }")  # no time passes
        for each in ("#banner-title", "#state", "#connect", "#member-list"):
            await page.keep(each)
        await page.type("#text", "half a thought")
        for number, end in enumerate((4200, 4203, None)):
            ws = fake.connections[-1]
            if end:
                await fake.send(ws, "reconnect", reason="shutdown", delay_ms=1)
                await ws.close(end)
            else:
                ws.transport.abort()
            fake.hostname = f"ws{number}"
            await page.shows("#served-by", fake.hostname)

            async def is_back():
                return len(fake.times["join"]) == number + 2

            await until(is_back, "no join")
            fake.seq += 1
            await fake.say(fake.seq, str(number))
        await lines(page, ["0", "1", "2"])
        kept = await page.evaluate("kept")
        check(set(kept["#banner-title"]) == {""} and set(kept["#state"]) == {"Connected"}, f"{kept}")
        check(len(set(kept["#connect"])) == 1 and len(set(kept["#member-list"])) == 1, f"{kept}")
        check(await page.evaluate("document.activeElement.id") == "text", "the focus is elsewhere")
        check(await page.evaluate("document.querySelector('#text').value") == "half a thought", "what was typed is lost")

        await page.close()


async def test_says_that_the_connection_stays_away(world):
    async with FakeServer() as fake:
        page = await world.page_of(fake)
        await page.shows("#state", "Connected")
        await page.keep("#banner-title")
        await page.keep("#state")
        await page.evaluate("{ let now = Date.now(); Date.now = () => now += 3000; }")  # time flies
        await fake.connections[-1].close(4200)
        await page.showed("#state", "Reconnecting 1/3")
        await page.showed("#banner-title", "Connection lost at")
        await page.shows("#state", "Connected")
        await page.close()


async def test_servers_that_do_not_reach_each_other(world):
    class Apart(FakeServer):
        apart = True

        async def on_message(self, ws, frame):
            if self.apart:
                await self.refuse(ws, frame, 300_000 if len(self.times["message"]) > 3 else 1, "unavailable")
            else:
                self.seq += 1
                await self.send(ws, "ack", rid=frame["rid"], room=frame["room"], id=f"i{self.seq}", seq=self.seq, cid=frame["cid"],
                                timestamp="2026-01-31T12:00:00.000Z", dup=False, durable=True)

    async with Apart() as fake:
        page = await world.page_of(fake)
        await page.shows("#state", "Connected")
        await page.keep("#banner")
        for state in ("degraded", "on holiday"):
            await fake.send(fake.connections[-1], "server_state", cluster=state)
        wait = "Messages wait until the servers reach each other again. What you write is kept and sent when they do."
        await page.shows("#banner", wait)
        await say(page, "one")
        await say(page, "two")

        async def asked():
            return len(fake.times.get("message", [])) > 3

        await until(asked, "the message was not tried again")
        await page.shows("#banner", wait)
        await world.picture(page, "degraded")
        fake.apart = False
        await fake.send(fake.connections[-1], "server_state", cluster="ok")
        await page.until("document.querySelectorAll('#log .mark[title=sent]').length === 2", "sent")
        await page.until("document.querySelector('#banner').hidden", "no banner")
        check(not any("takes no messages" in each for each in await page.evaluate("kept['#banner']")), "it speaks of the store")
        await fake.send(fake.connections[-1], "server_state", cluster="degraded")
        await page.shows("#banner", wait)
        await fake.connections[-1].close(4203)
        await page.until("document.querySelector('#banner').hidden", "no banner")
        await page.close()


async def test_drain(world):
    ann = await world.page("Ann", "drain")
    await asyncio.get_running_loop().run_in_executor(None, world.server.stop)
    await ann.shows("#banner", "Connection lost")
    world.server.start()
    await ann.click("#retry")
    await ann.shows("#state", "Connected")
    await ann.close()


async def test_faults_are_texts(world):
    ann = await world.page("a" * 33, "faults")
    await ann.shows("#notice-text", "was refused")  # connected all the same, under its id
    await ann.click("summary")
    await ann.type("#name", "Anna")
    await ann.click("#connect")
    await ann.shows("#member-list", "Anna")
    await ann.type("#text", "x" * 4001)
    await ann.enter()
    await ann.shows("#notice-text", "4001 characters")
    check(len(await ann.evaluate("document.querySelector('#text').value")) == 4001, "the long text is lost")
    await ann.type("#address", "ftp://example.org")
    await ann.click("#connect")
    await ann.shows("#notice-text", "not ws: or wss:")
    await ann.type("#address", f"127.0.0.1:{world.server.port}")
    resume = await ann.evaluate("JSON.parse(sessionStorage.getItem('parlor')).resume.token")
    async with websockets.connect(f"ws://127.0.0.1:{world.server.port}/ws", subprotocols=["parlor.v2"]) as other:
        await other.send(json.dumps({"type": "auth", "resume": resume}))
        await ann.shows("#banner", "opened elsewhere")
        await ann.shows("#state", "Not connected")
    await ann.click("#retry")
    await ann.shows("#state", "Connected")
    await ann.shows("#member-list", "Anna")
    await ann.click("#disconnect")
    await ann.shows("#banner", "Not connected")
    await ann.click("#retry")
    await ann.shows("#state", "Connected")
    await ann.close()


async def test_reload_and_file(world):
    ann = await world.page("Ann", "reload")
    await say(ann, "hello")
    await lines(ann, ["hello"])
    await ann.type("#text", "kept")
    who = "document.querySelector('#member-list li').title"
    before = await ann.evaluate(who)
    await ann.evaluate("window.old = true")
    await ann.call("Page.reload")
    await ann.until("!window.old && document.readyState === 'complete'", "the page again")
    await lines(ann, ["hello"])
    await ann.shows("#member-list", "you")
    check(await ann.evaluate(who) == before, "another session after a reload")
    check(await ann.evaluate("document.querySelector('#text').value") == "kept", "the draft is lost by a reload")
    await ann.close()

    page = await world.browser.page("file://" + os.path.abspath(SOURCE) + "?name=File&room=reload")
    check(await page.evaluate("document.querySelector('#address').value") == "ws://localhost:8000/ws", "the default address of a file")
    await page.click("summary")
    await page.type("#address", f"127.0.0.1:{world.server.port}")
    await page.enter()
    await page.shows("#state", "Connected")
    await lines(page, ["hello"])
    await page.close()


async def test_signs_in_with_a_token(world):
    server = TokenServer(world.program, world.folder).start()
    try:
        page = await world.browser.page(f"http://127.0.0.1:{server.port}/client")
        await page.shows("#sign-in-why", "lets nobody in without a token")
        await world.picture(page, "sign-in")
        for shown, why in (("nonsense", "refused the token"), (server.token("ann", exp=1), "refused the token")):
            await page.type("#token", shown)
            await page.enter()
            await page.shows("#sign-in-why", why)
            await page.until("!document.querySelector('#sign-in').hidden", "the question for another token")
        ann = server.token("ann", name="Ann")
        await page.type("#token", ann)
        await page.enter()
        await page.shows("#state", "Connected")
        await page.shows("#member-list", "Ann")
        check(await page.evaluate("document.querySelector('#sign-in').hidden && !document.querySelector('#token').value"), "it still asks")
        check(ann not in await page.evaluate("location.href + JSON.stringify(localStorage) + document.documentElement.outerHTML"), "the token is about")
        await say(page, "by Ann")
        await page.shows("#log .mark", "✓")
        await page.evaluate("window.old = true")
        await page.call("Page.reload")
        await page.until("!window.old && document.readyState === 'complete'", "the page again")
        await lines(page, ["by Ann"])
        await page.shows("#state", "Connected")  # what was kept is shown before

        # An outbox is its author's: it does not go out under another's token.
        server.stop(signal.SIGKILL)
        await page.shows("#banner", "Connection lost")
        await say(page, "not by Bob")
        await page.shows("#log .pending", "not by Bob")
        await page.evaluate(f"sessionStorage.setItem('parlor.token', JSON.stringify({{...JSON.parse(sessionStorage.getItem('parlor.token')), text: '{server.token('bob', name='Bob')}'}}))")
        server.start()
        await page.evaluate("window.old = true")
        await page.call("Page.reload")
        await page.until("!window.old && document.readyState === 'complete'", "the page again")
        await page.shows("#member-list", "Bob")
        await page.shows("#log .fault", "Not written by Bob")

        await page.click("summary")
        await page.click("#sign-out")
        await page.shows("#notice-text", "would be lost")
        await page.evaluate("document.querySelector('#sign-out').click()")  # which leaves the page
        await page.shows("#sign-in-why", "lets nobody in without a token")
        check(await page.evaluate("!document.querySelector('#log .line') && !JSON.stringify(sessionStorage).includes('eyJ')"), "something of Bob stays")
        await page.close()
        server.stop()
    finally:
        server.process.kill()


async def test_deletion(world):
    ann = await world.page("Ann", "deletion")
    bob = await world.page("Bob", "deletion")
    for text in ("one", "two"):
        await say(ann, text)
    await lines(bob, ["one", "two"])
    await ann.until("document.querySelectorAll('#log .mark[title=sent]').length === 2 && !document.querySelector('#log .pending')", "both sent")
    check(await bob.evaluate("[...document.querySelectorAll('#log .act')].every(each => each.hidden)"), "Bob may delete what Ann said")
    first = "document.querySelector('#log .line .act')"
    await ann.evaluate(f"{first}.firstChild.click()")
    check(await ann.evaluate(f"{first}.textContent") == "Delete for everybody? Yes, deleteKeep", "it does not ask")
    await world.picture(ann, "deletion")
    await ann.enter()  # the one that has the focus
    await ann.until(f"{first}.textContent === 'Delete'", "the message is kept")
    await ann.evaluate(f"{first}.firstChild.click()")
    await ann.evaluate(f"{first}.querySelectorAll('button')[0].click()")
    for page in (ann, bob):
        await lines(page, ["Deleted", "two"])
        await page.until("document.querySelector('#log .line.deleted .act').hidden", "no further deletion")
    await say(bob, "three")
    for page in (ann, bob):
        await lines(page, ["Deleted", "two", "three"])
    carl = await world.page("Carl", "deletion")
    await lines(carl, ["Deleted", "two", "three"])
    check(not await ann.evaluate("document.querySelector('.rule:not([hidden])')?.innerText.includes('no longer kept')"), "a hole was seen")
    for page in (ann, bob, carl):
        await page.close()


async def test_bad_advice_is_bounded(world):
    class Flapping(FakeServer):
        async def on_join(self, ws, frame):
            await super().on_join(ws, frame)
            await self.send(ws, "reconnect", reason="rebalance", delay_ms=0 if len(self.connections) < 4 else 2 ** 40)
            await ws.close(4200)

    async with Flapping() as fake:
        page = await world.page_of(fake)
        await page.until("document.querySelector('#state').innerText === 'Offline'", "the end of quick attempts")
        await asyncio.sleep(1)
        times = fake.times["connection"]
        pauses = [after - before for before, after in zip(times, times[1:])]
        check(len(times) == 4, f"{len(times)} connections")
        check(min(pauses) > 0.19 and pauses[2] > 0.75, f"pauses of {pauses}")
        left = int((await page.text("#countdown")).split()[2])
        check(200 < left <= 300, f"{left} s to the next")
        await page.close()


async def test_joins_are_not_repeated_without_pause(world):
    class Refusing(FakeServer):
        async def on_join(self, ws, frame):
            if len(self.times["join"]) < 4:
                await self.refuse(ws, frame, [0, -5, 2 ** 31][len(self.times["join"]) - 1])
            else:
                await super().on_join(ws, frame)

    async with Refusing() as fake:
        page = await world.page_of(fake)
        await page.shows("#state", "Connected")
        await until(lambda: held(len(fake.times.get("join", [])) == 3), "three joins")
        await asyncio.sleep(1)
        times = fake.times["join"]
        check(len(times) == 3, "2^31 ms are none")
        check(min(after - before for before, after in zip(times, times[1:])) > 0.19, f"joins at {times}")
        await page.close()


async def test_nothing_is_taken_for_now(world):
    class Full(FakeServer):
        async def on_message(self, ws, frame):
            if len(self.times["message"]) < 4:
                await self.refuse(ws, frame, 1, "unavailable")
            else:
                await self.send(ws, "ack", rid=frame["rid"], room=frame["room"], id="i1", seq=1, cid=frame["cid"],
                                timestamp="2026-01-31T12:00:00.000Z", dup=False, durable=True)

    async with Full() as fake:
        page = await world.page_of(fake)
        await page.shows("#state", "Connected")
        await say(page, "waits")
        await page.shows("#banner", "The server takes no messages for now. What you write is kept and sent when it does. (not now)")
        check(await page.evaluate("document.querySelector('#retry').hidden"), "nothing can be tried")
        await world.picture(page, "held-up")
        await page.until("document.querySelectorAll('#log .mark[title=sent]').length === 1", "sent")
        await page.until("document.querySelector('#banner').hidden", "no banner")
        await page.close()


async def held(value):
    return value


async def test_many_members(world):
    others = [{"id": f"c{n}", "user": f"u{n}", "username": f"A{n:05}"} for n in range(3000)]
    async with FakeServer(members=others) as fake:
        page = await world.page_of(fake)
        await page.shows("#more-members", "and 2501 more")
        await page.until("document.querySelectorAll('#member-list li').length === 500", "500 members")
        await page.shows("#member-list", "you")
        await page.shows("#facts", "3001 members")
        await fake.send(fake.connections[-1], "presence", room="general", joined=[], left=[{"id": f"c{n}"} for n in range(2990)], count=11)
        await page.until("document.querySelectorAll('#member-list li').length === 11", "11 members")
        await page.until("document.querySelector('#more-members').hidden", "nobody more")
        await page.close()


async def test_names_do_not_turn_the_text(world):
    async with FakeServer(hostname="ip-10-0-0-1\u202e." * 20, members=[{"id": "x", "user": "x", "username": "\u202egnp.exe\u0007"}]) as fake:
        page = await world.page_of(fake)
        await page.shows("#member-list", "\ufffdgnp.exe\ufffd")
        await fake.say(1, "hi", username="a\u2067b\nc")
        await page.shows("#log .who", "a\ufffdb\ufffdc")
        await fake.send(fake.connections[-1], "typing", room="general", id="x", username="\u202ex", on=True)
        await page.shows("#typing", "\ufffdx is typing")
        check("\u202e" not in await page.evaluate("document.body.innerText + [...document.querySelectorAll('[title]')].map(each => each.title)"), "an override is in the page")
        isolated = await page.evaluate("['.name', '.who b', '#served-by'].map(each => getComputedStyle(document.querySelector('main ' + each + ', ' + each)).unicodeBidi)")
        check(isolated == ["isolate"] * 3, f"{isolated}")
        await page.until("document.querySelector('#served-by').getBoundingClientRect().width < 300", "a short hostname")
        await page.until("document.querySelector('footer').getBoundingClientRect().height < 50", "a footer of one line")
        await page.close()


async def test_hole_is_not_closed_silently(world):
    class Forgetful(FakeServer):
        async def on_history(self, ws, frame):
            if "before" in frame:
                await self.send(ws, "history", rid=frame["rid"], room="general", epoch="e", events=[], more=False)
            elif len(self.times["history"]) < 3:
                await self.refuse(ws, frame, 300)
            elif len(self.times["history"]) == 3:
                await self.send(ws, "history", rid=frame["rid"], room="general", epoch="e",
                                events=[self.message(2, "two"), self.message(3, "three")], more=False)
            else:
                await self.send(ws, "error", rid=frame["rid"], code="internal", message="gone", retryable=False)

    async with Forgetful() as fake:
        page = await world.page_of(fake)
        await page.shows("#state", "Connected")
        await page.shows("#member-list", "you")
        await fake.say(1, "one")
        await fake.say(4, "four")
        await lines(page, ["one", "two", "three", "four"])
        check(len(fake.times["history"]) == 3 and fake.times["history"][1] - fake.times["history"][0] > 0.29, f"{fake.times}")
        await fake.say(9, "nine")
        await lines(page, ["one", "two", "three", "four", "nine"])
        await page.shows("#log .rule", "no longer kept")
        await page.close()


class Restored(FakeServer):
    """Comes back with what it is given for the next join."""

    def __init__(self):
        super().__init__()
        self.since = []
        self.next = {}

    async def on_join(self, ws, frame):
        self.synced = False
        self.since.append(frame.get("since"))
        await self.send(ws, "ack", rid=frame["rid"], room=frame["room"])
        await self.send(ws, "room_users", room=frame["room"], members=self.members, count=len(self.members))
        await self.send(ws, "sync", **{"room": frame["room"], "epoch": "e", "more": False, **self.next})
        self.synced = True

    async def comes_back(self, page, **sync):
        self.next = sync
        joins = len(self.since)
        await self.connections[-1].close(1012)
        await page.evaluate("document.querySelector('#retry').click()")  # or it comes back by itself

        async def is_asked():
            return len(self.since) > joins and self.synced

        await until(is_asked, "no join")

    def others(self, *messages):
        """Messages of another history, which have other ids."""
        return [{**self.message(seq, content), "id": f"other{seq}"} for seq, content in messages]


BEGINS = "The server began a new history here"
HISTORY = f"""[...document.querySelectorAll('#log .line .body, #log .rule')].map(each => each.textContent)
    .filter(text => !/^(Today|New messages|\\w+day.*)$/.test(text))"""


async def history(page, wanted):
    """Waits until the log has these lines and dividers, and nothing else."""
    await page.until(f"JSON.stringify({HISTORY}) === JSON.stringify({json.dumps(wanted)})", f"the log {wanted}")


async def test_history_that_was_lost(world):
    async with Restored() as fake:
        said = [fake.message(1, "1"), fake.message(2, "2"), fake.message(3, "3")]
        fake.next = {"seq": 3, "id": "m3", "recovered": False, "events": said}
        page = await world.page_of(fake)
        await history(page, ["1", "2", "3"])

        forked = fake.others((2, "2b"), (3, "3b"))
        await fake.comes_back(page, seq=3, id="other3", recovered=False, reason="diverged", events=[said[0], *forked])
        await history(page, ["1", "2", "3", BEGINS, "2b", "3b"])
        await fake.comes_back(page, seq=2, id="other2", recovered=False, reason="ahead", events=[said[0], forked[0]])
        await page.shows("#state", "Connected")
        await history(page, ["1", "2", "3", BEGINS, "2b", "3b", BEGINS])
        await fake.connections[-1].send(json.dumps({**fake.message(3, "3c"), "id": "third3"}))
        await history(page, ["1", "2", "3", BEGINS, "2b", "3b", BEGINS, "3c"])
        await fake.comes_back(page, seq=4, id="m4", recovered=False, reason="novelty", events=[fake.message(4, "4")])
        await history(page, ["1", "2", "3", BEGINS, "2b", "3b", BEGINS, "3c", "Some messages that came meanwhile are no longer kept", "4"])
        check(fake.since == [None, {"epoch": "e", "seq": 3, "id": "m3"}, {"epoch": "e", "seq": 3, "id": "other3"},
                             {"epoch": "e", "seq": 3, "id": "third3"}], f"{fake.since}")
        await page.close()


async def test_history_that_was_lost_meanwhile(world):
    """A replica without the newest messages took over, and gave their numbers to others."""
    async with Restored() as fake:
        said = [fake.message(1, "1"), fake.message(2, "2"), fake.message(3, "3")]
        fake.next = {"seq": 3, "id": "m3", "recovered": False, "events": said}
        page = await world.page_of(fake)
        await history(page, ["1", "2", "3"])

        async def sync(seq, identity, reason, events, **more):
            await fake.send(fake.connections[-1], "sync", **{"room": "general", "epoch": "e", "seq": seq, "id": identity,
                                                             "recovered": False, "reason": reason, "events": events, "more": False, **more})

        forked = fake.others((2, "2b"), (3, "3b"))
        await sync(3, "other3", "diverged", [said[0], *forked])
        await history(page, ["1", "2", "3", BEGINS, "2b", "3b"])
        await sync(3, "other3", "diverged", [said[0], *forked])  # it says nothing new
        await sync(2, "other2", "ahead", [said[0], forked[0]])
        await fake.connections[-1].send(json.dumps({**fake.message(3, "3c"), "id": "third3"}))
        shown = ["1", "2", "3", BEGINS, "2b", "3b", BEGINS, "3c"]
        await history(page, shown)
        check("(" not in await page.evaluate("document.title"), "what was seen is unread")

        # Amid the pages of another one, and of no other kind than a page that ends those.
        await fake.comes_back(page, seq=9, id="m9", recovered=True, events=[fake.message(4, "4"), fake.message(5, "5")], more=True)
        await sync(4, "m4", "too_old", [{**fake.message(3, "3c"), "id": "third3"}, fake.message(4, "4")])
        await fake.connections[-1].send(json.dumps({**fake.message(5, "5b"), "id": "other5"}))
        await history(page, [*shown, "4", "5", "Some messages that came meanwhile are no longer kept", "5b"])
        await fake.comes_back(page, seq=5, id="other5", recovered=True, events=[])
        check(fake.since == [None, {"epoch": "e", "seq": 3, "id": "third3"}, {"epoch": "e", "seq": 5, "id": "other5"}], f"{fake.since}")
        await page.close()


async def test_pages_that_were_dropped_meanwhile(world):
    async with Restored() as fake:
        fake.next = {"seq": 1, "id": "m1", "recovered": False, "events": [fake.message(1, "1")]}
        page = await world.page_of(fake)
        await history(page, ["1"])
        await fake.comes_back(page, seq=9, id="m9", recovered=True, events=[fake.message(2, "2")], more=True)
        await fake.send(fake.connections[-1], "sync", room="general", epoch="e", seq=9, id="m9", recovered=False, reason="too_old",
                        events=[fake.message(8, "8"), fake.message(9, "9")], more=False)
        await history(page, ["1", "2", "Some messages that came meanwhile are no longer kept", "8", "9"])
        # By the last page even the newest messages may be gone.
        await fake.comes_back(page, seq=20, id="m20", recovered=True, events=[fake.message(10, "10")], more=True)
        await fake.send(fake.connections[-1], "sync", room="general", epoch="e", seq=20, id="m20", recovered=False, reason="too_old",
                        events=[], more=False)
        await fake.say(21, "21")
        await history(page, ["1", "2", "Some messages that came meanwhile are no longer kept", "8", "9", "10",
                             "Some messages that came meanwhile are no longer kept", "21"])
        check("history" not in fake.times, "the page asked for what is gone")
        await page.close()


async def test_history_under_a_new_epoch(world):
    """It lacks nothing of what was seen, and its pages begin before that."""
    async with Restored() as fake:
        fake.next = {"seq": 3, "id": "m3", "recovered": False, "events": [fake.message(2, "2"), fake.message(3, "3")]}
        page = await world.page_of(fake)
        await history(page, ["2", "3"])
        fake.next = {"epoch": "e2", "seq": 4, "id": "m4", "recovered": False, "reason": "epoch"}
        await fake.comes_back(page, **fake.next, events=[fake.message(1, "1")], more=True)
        await fake.send(fake.connections[-1], "sync", room="general", **{**fake.next, "events": [fake.message(3, "3"), fake.message(4, "4")], "more": False})
        await history(page, ["2", "3", "4"])
        check(fake.since[1] == {"epoch": "e", "seq": 3, "id": "m3"}, f"{fake.since}")
        await fake.comes_back(page, epoch="e2", seq=4, id="m4", recovered=True, events=[])
        check(fake.since[2] == {"epoch": "e2", "seq": 4, "id": "m4"}, f"{fake.since}")
        await page.close()


async def test_events_of_a_later_version(world):
    async with Restored() as fake:
        unknown = [{"type": "novelty", "room": "general", "seq": seq, "id": f"m{seq}"} for seq in (1, 3)]
        fake.next = {"seq": 3, "id": "m3", "recovered": False, "events": [unknown[0], fake.message(2, "2"), unknown[1]]}
        page = await world.page_of(fake)
        await history(page, ["2"])
        await fake.say(4, "4")
        await history(page, ["2", "4"])
        await fake.comes_back(page, seq=5, id="m5", recovered=True, events=[{**unknown[0], "seq": 5, "id": "m5"}])
        await fake.say(6, "6")
        await history(page, ["2", "4", "6"])
        check("history" not in fake.times, "a hole was seen")
        check(fake.since[1] == {"epoch": "e", "seq": 4, "id": "m4"}, f"{fake.since}")
        await page.close()


async def test_message_sent_again_is_there_once(world):
    """The server had lost it, and has it under another id."""
    async with Restored() as fake:
        fake.next = {"seq": 0, "recovered": False, "events": []}
        page = await world.page_of(fake)
        await page.shows("#member-list", "you")
        for seq, user in ((1, "bob"), (2, "bob"), (3, "eve")):
            await fake.connections[-1].send(json.dumps({**fake.message(seq, f"by {user}"), "user": user, "cid": "c1"}))
        await fake.say(4, "4")
        await history(page, ["by bob", "by eve", "4"])
        await page.close()


class Crowded(FakeServer):
    """Has many rooms, and lets a page into all of them."""

    def __init__(self, rooms, **more):
        super().__init__(**more)
        self.rooms = rooms
        self.resumed = {}

    async def on_rooms(self, ws, frame):
        await self.send(ws, "rooms", rid=frame["rid"], rooms=[{"name": name, "count": 1, "seq": 0} for name in self.rooms])

    async def on_message(self, ws, frame):
        self.seq += 1
        await self.send(ws, "ack", rid=frame["rid"], room=frame["room"], id=f"own{self.seq}", seq=self.seq, cid=frame["cid"],
                        timestamp="2026-03-01T12:00:00.000Z", dup=False, durable=True)


async def test_nothing_but_the_lists_scrolls(world):
    """Whatever is long: rooms, members, names, messages, texts of the server, in windows of any size."""
    long = "w" * 64
    others = [{"id": f"c{n}", "user": f"u{n}", "username": f"{'W' * 28}{n:04}"} for n in range(300)]
    async with Crowded([f"room-{n:02}-{long[:50]}" for n in range(62)], members=others, hostname="h" * 200) as fake:
        page = await world.page_of(fake)
        await page.shows("#member-list", "you")
        await page.until("document.querySelectorAll('#others li').length === 62", "62 rooms")
        for seq in range(1, 60):
            await fake.say(seq, long * (1 + seq % 5), username="W" * 32)
        await page.until("document.querySelectorAll('#log .line').length === 59", "59 messages")
        await page.evaluate("document.querySelector('#text').value = 'x\\n'.repeat(60)")
        await fake.send(fake.connections[-1], "error", code="internal", message=long * 40, retryable=False)
        await page.shows("#notice-text", long)
        fake.listener.close()
        await fake.connections[-1].close(1012, long)
        await page.shows("#banner", "Connection lost")
        for drawer in ("", "rooms", "members"):
            for width, height in ((1120, 740), (480, 360), (320, 480), (760, 300)):
                await page.look(width, height, False)
                await page.evaluate(f"showing = {json.dumps(drawer)}; showing ? document.body.dataset.drawer = showing : delete document.body.dataset.drawer")
                await page.evaluate("window.scrollTo(5000, 5000)")
                for element in ("document.scrollingElement", "document.body", "document.querySelector('main')"):
                    size = await page.evaluate(f"(each => [each.scrollWidth - each.clientWidth, each.scrollHeight - each.clientHeight, each.scrollLeft, each.scrollTop])({element})")
                    check(size == [0, 0, 0, 0], f"{element} at {width}x{height}, {drawer}: {size}")
                send = await page.evaluate("(box => [box.width, box.height, box.bottom <= innerHeight, box.right <= innerWidth])(document.querySelector('#send').getBoundingClientRect())")
                check(send[0] > 20 and send[1] >= 32 and send[2:] == [True, True], f"Send at {width}x{height}: {send}")
        await page.close()


async def test_what_is_typed_is_written(world):
    async with Crowded(["random", "support"]) as fake:
        page = await world.page_of(fake)
        await page.shows("#member-list", "you")
        for seq in range(1, 40):
            await fake.say(seq, f"message {seq}")
        await page.shows("#log .line:last-child", "message 39")
        value = "document.querySelector('#text').value"

        async def types(text, **more):
            for letter in text:
                await page.key(letter, text=letter, **more)

        for selector in ("#log .line:last-child .body", "#member-list li", "#others li .room", "#joined li.active .room"):
            await page.click(selector)
            await types("hello")
            await page.until(f"{value} === 'hello' && document.activeElement.id === 'text'", f"hello after a click on {selector}")
            await page.evaluate(f"{value} = ''")
        # a letter with a command is none
        await page.click("#log")
        await page.key("q", windowsVirtualKeyCode=81, modifiers=2)
        await page.key("q", windowsVirtualKeyCode=81, modifiers=1)
        await page.key("q", windowsVirtualKeyCode=81, modifiers=4)
        check(await page.evaluate(f"{value} + document.activeElement.id") != "text", "a command was typed")
        await types("Q", modifiers=8)
        await page.until(f"{value} === 'Q'", "a capital letter")
        # fields keep what is typed into them
        await page.type("#join-name", "sup")
        await types("port")
        await page.until(f"document.querySelector('#join-name').value === 'support' && {value} === 'Q'", "the room's name")
        await page.enter()
        await page.shows("#title", "# support")
        await types("hi")
        await page.until(f"{value} === 'hi'", "hi in the room that was chosen")
        await page.close()


def many(fake, first, last, mention):
    return [fake.message(seq, "look, @Ann" if seq == mention else f"message {seq}") for seq in range(first, last + 1)]


PLACE = """(log => {
    const top = log.getBoundingClientRect().top;
    const rule = document.querySelector('#log .rule.new')?.getBoundingClientRect().top;
    return rule === undefined ? 'none' : rule >= top - 1 && rule < top + 60 ? 'first new' : rule < top ? 'above' : 'below';
})(document.querySelector('#log'))"""


async def test_a_mention_far_up_is_found(world):
    async with Crowded(["random"]) as fake:
        page = await world.page_of(fake)
        await page.shows("#member-list", "you")
        await fake.say(1, "one")
        await page.shows("#log .line", "one")
        await page.click("#others li .room")
        await page.shows("#title", "# random")
        for message in many(fake, 2, 501, 3):
            await fake.connections[-1].send(json.dumps(message))
        await page.shows("#joined .unread .count", "@1")
        await page.until("document.title.startsWith('(500)')", "500 unread")

        # WHEN the room is opened THEN it is at the first new message, and what is not seen is still counted
        await page.click("#joined .unread .room")
        await page.until(f"{PLACE} === 'first new'", "the line above the first new message")
        await page.shows("#log .mention", "look, @Ann")
        await page.until("/^↓ 4\\d\\d new$/.test(document.querySelector('#last-new').innerText)", "what is below, without the mention that is seen")
        await world.picture(page, "first-new")

        # a jump over them reads none, and leads back
        await page.click("#last-new")
        await page.until("/^↑ 4\\d\\d new$/.test(document.querySelector('#first-new').innerText)", "the way back")
        await page.shows("#joined .unread .count", "4")
        await page.click("#first-new")
        await page.until("document.querySelector('#first-new').hidden && !document.querySelector('#last-new').hidden", "the first new message")

        # and reading on to the end reads them
        await page.until("""(log => { log.scrollTop += log.clientHeight * 0.8; return log.scrollTop + log.clientHeight >= log.scrollHeight - 1; })(document.querySelector('#log'))""", "the end")
        await page.until("!document.querySelector('#joined .unread') && document.querySelector('#last-new').hidden && document.title.startsWith('#general')", "all is read")
        await page.close()


async def test_of_many_at_once_the_last_are_seen(world):
    async with FakeServer() as fake:
        page = await world.page_of(fake)
        await page.shows("#member-list", "you")
        # one by one at the end they are seen, and there is no line above them
        for seq in range(1, 41):
            await fake.say(seq, f"message {seq}")
            await page.shows("#log .line:last-child", f"message {seq}")
        check(await page.evaluate("!document.querySelector('#joined .unread') && !document.querySelector('#log .rule.new')"), "what is seen is new")

        # WHEN more come than there is room for, before the page is drawn THEN they wait to be read
        await page.evaluate("""(() => {
            const [draw, parse] = [requestAnimationFrame, JSON.parse];
            let heard = 0;
            const held = [];
            window.requestAnimationFrame = later => held.push(later);
            JSON.parse = text => {
                if (++heard === 60) setTimeout(() => { window.requestAnimationFrame = draw; held.forEach(later => draw(later)); });
                return parse(text);
            };
        })()""")
        for message in many(fake, 41, 100, 60):
            await fake.connections[-1].send(json.dumps(message))
        await page.shows("#joined .unread .count", "@1")
        await page.until("document.querySelector('#first-new').innerText === '↑ 60 new · @1'", "60 above")
        await page.until("""(log => log.scrollHeight - log.scrollTop - log.clientHeight < 2)(document.querySelector('#log'))""", "still the end")
        await fake.say(101, "live")  # is seen as it comes
        await page.shows("#log .line:last-child", "live")
        await page.until("document.querySelector('#first-new').innerText === '↑ 60 new · @1'", "60 above after a live one")
        await page.click("#first-new")
        await page.until(f"{PLACE} === 'first new'", "the line above the first new message")
        await page.close()


async def test_what_is_gone_from_the_log_is_not_read(world):
    class WithHistory(Crowded):
        async def on_history(self, ws, frame):
            events = many(self, max(1, frame["before"] - 50), frame["before"] - 1, 5)
            await self.send(ws, "history", rid=frame["rid"], room="general", epoch="e", events=events, more=events[0]["seq"] > 1)

    async with WithHistory(["random"]) as fake:
        page = await world.page_of(fake)
        await page.shows("#member-list", "you")
        await fake.say(1, "one")
        await page.shows("#log .line", "one")
        await page.click("#others li .room")
        await page.shows("#title", "# random")
        for message in many(fake, 2, 2601, 5):  # the log keeps 2500
            await fake.connections[-1].send(json.dumps(message))
        await page.until("document.title.startsWith('(2600)')", "2600 unread")
        await page.click("#joined .unread .room")
        await page.until("document.querySelector('#first-new').innerText === '↑ 2600 new · @1'", "all of them new")
        await page.click("#first-new")  # a page is brought
        await page.until("document.querySelectorAll('#log .line').length === 2550", "a page of older ones")
        await page.click("#first-new")
        await page.until("document.querySelectorAll('#log .line').length === 2600", "another, with the first of them")
        await page.click("#first-new")
        await page.until("/^↓ 25\\d\\d new$/.test(document.querySelector('#last-new').innerText)", "the mention is seen")
        await page.close()


async def test_what_came_meanwhile_is_new(world):
    async with Restored() as fake:
        fake.next = {"seq": 1, "id": "m1", "recovered": False, "events": [fake.message(1, "one")]}
        page = await world.page_of(fake)
        await page.shows("#log .line", "one")
        await fake.comes_back(page, seq=101, id="m101", recovered=True, events=many(fake, 2, 101, 2))
        await page.until("document.querySelectorAll('#log .line').length === 101", "101 messages")
        await page.until(f"{PLACE} !== 'above' && {PLACE} !== 'none'", "the first of them in view")
        await page.shows("#joined .unread .count", "")
        await page.key("Escape")
        await page.until("!document.querySelector('#joined .unread') && !document.querySelector('#log .rule.new')", "all marked as read")
        await page.close()


async def test_a_person_has_one_colour_and_a_name(world):
    guest = "01M8H1DQ6GZX3K9V5T2B8R7F3K"
    hue = "document.querySelector('{} ').className.match(/hue\\d+/)[0]"
    members = [{"id": "a2", "user": "a2", "username": "Bob"}, {"id": guest, "user": guest, "username": guest}]
    async with FakeServer(members=members) as fake:
        page = await world.page_of(fake)
        await page.shows("#member-list", "Guest 7F3K")
        check("G7" in await page.text("#member-list"), "the guest's avatar")
        check("01M8" not in await page.text("body"), "an id is shown")
        for seq, sender in ((1, "a1"), (2, "a2")):
            await fake.connections[-1].send(json.dumps({**fake.message(seq, "hi"), "sender": sender, "user": sender}))
        hues = "[...document.querySelectorAll('#log .line')].map(each => each.className.match(/hue\\d+/)[0])"
        await page.until(f"document.querySelectorAll('#log .line').length === 2 && new Set({hues}).size === 1", "one colour after a new session")
        member = "[...document.querySelectorAll('#member-list li')].find(each => each.innerText.includes('Bob')).className"
        await page.until(f"{hues}[0] === {member}", "the same in the list of members")
        # another one of this name: nobody looks like another
        await fake.send(fake.connections[-1], "presence", room="general", joined=[{"id": "a1", "user": "a1", "username": "Bob"}], left=[], count=4)
        await page.until(f"new Set({hues}).size === 2", "two colours for two people")
        await fake.send(fake.connections[-1], "presence", room="general", joined=[], left=[{"id": "a1"}], count=3)
        await page.until(f"new Set({hues}).size === 1", "one colour again")
        await page.close()


async def test_server_too_old(world):
    async with FakeServer(subprotocols=()) as fake:
        page = await world.page_of(fake)
        await page.shows("#banner", f"The server at 127.0.0.1:{fake.port} runs, but is too old for this page")
        await page.shows("#state", "Not connected")
        await page.close()


async def test_pictures(world):
    """A conversation to look at; and what has to hold at every size."""
    ann = await world.page("Maren%20Kolb", "general")
    bob = await world.page("Abiola", "general")
    rosa, tariq = [await world.page(name, "general") for name in ("Rosa", "Tariq")]
    await say(bob, "The second instance is in. Can someone try `parlor-cli probe wss://chat.example/ws -n 50` from the office?")
    await bob.until("!document.querySelector('#log .pending')", "sent")
    await say(ann, "Rolling restart is done. Nobody was logged out, 0 messages lost in the load run.\nReport is at https://parlor.example/runs/118")
    await ann.until("!document.querySelector('#log .pending')", "sent")
    await say(bob, "@Maren Kolb thank you! You should see it in the status line after a reconnect.")
    await bob.until("!document.querySelector('#log .pending')", "sent")
    await ann.shows("#log .mention", "thank you")
    await say(ann, "On it. 50 of 50 spread over both hosts.")
    await ann.shows("#log .line:last-child", "On it")
    await ann.type("#join-name", "releases")
    await ann.enter()
    await ann.shows("#title", "# releases")
    await say(bob, "One more thing")
    await say(bob, "and another")
    await ann.shows("#joined .unread .count", "2")
    await world.picture(ann, "light-empty-room")
    await ann.click("#joined .unread .room")
    await ann.shows("#log .line:last-child", "another")
    await ann.keep("#typing")
    await rosa.type("#text", "typing")
    await ann.showed("#typing", "Rosa is typing")
    await ann.click("summary")
    await ann.type("#text", "")
    await world.picture(ann, "light")
    await ann.click("summary")
    await ann.look(1120, 740, True)
    await ann.evaluate("document.querySelector('#theme').onclick ?? 0")
    await ann.until("document.querySelector('#theme').innerText === 'Light'", "a switch to light")
    await world.picture(ann, "dark")
    await ann.look(390, 720, False)
    await ann.until("document.documentElement.scrollWidth <= 390", "no sideways scrolling")
    await world.picture(ann, "narrow")
    await ann.click(".drawer[data-drawer=rooms]")
    await ann.until("document.querySelector('#rooms').checkVisibility()", "the rooms")
    await world.picture(ann, "narrow-rooms")
    await ann.key("Escape")
    await ann.click("#theme")
    await ann.until("getComputedStyle(document.body).backgroundColor === 'rgb(27, 28, 29)'", "dark by the switch")
    unnamed = await ann.evaluate("""[...document.querySelectorAll('button, input, textarea')]
        .filter(each => !(each.ariaLabel || each.innerText || each.labels?.length)).map(each => each.outerHTML)""")
    check(not unnamed, f"without a name for screen readers: {unnamed}")
    for page in (ann, bob, rosa, tariq):
        await page.close()


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
