# SPDX-License-Identifier: MIT
"""Drives Debian's Chromium through the DevTools protocol: a browser without a window, and pages in it."""

import asyncio
import base64
import json
import os
import shutil
import subprocess
import tempfile
import time

import websockets

PATIENCE = 30  # seconds that a test waits for what must come
FLAGS = """--headless=new --disable-gpu --disable-quic --no-first-run --disable-background-networking
    --disable-component-update --disable-sync --disable-extensions --hide-scrollbars --remote-debugging-port=0
    --force-device-scale-factor=1 --lang=en-GB""".split()
WATCH = "window.violations = []; document.addEventListener('securitypolicyviolation', e => violations.push(`${e.violatedDirective} ${e.blockedURI}`))"


class Failure(Exception):
    """Something is not as it must be; the text says what."""


def check(condition, text):
    if not condition:
        raise Failure(text)


async def until(condition, text):
    """Waits until the (asynchronous) condition is true, and returns what it then is. The text of the failure, or the
    asynchronous function that finds it, says what did not come about."""
    deadline = time.monotonic() + PATIENCE
    while True:
        value = await condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise Failure(await text() if callable(text) else text)
        await asyncio.sleep(0.03)


class Browser:
    """One Chromium with an empty profile, both gone at the end."""

    def __init__(self, program):
        self.folder = tempfile.mkdtemp(prefix="parlor-chromium-")
        command = [program, *FLAGS, f"--user-data-dir={self.folder}"]
        if os.geteuid() == 0:  # its sandbox refuses root, who may be all that a container has
            command.append("--no-sandbox")
        self.process = subprocess.Popen(
            command + ["about:blank"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        self.answers = {}
        self.pages = {}
        self.number = 0

    async def __aenter__(self):
        where = os.path.join(self.folder, "DevToolsActivePort")

        async def port():
            check(self.process.poll() is None, "chromium ended at once")
            try:
                with open(where, encoding="ascii") as file:
                    lines = file.read().split()
                    return lines if len(lines) == 2 else None
            except FileNotFoundError:
                return None

        number, path = await until(port, "chromium opened no DevTools port")
        self.socket = await websockets.connect(f"ws://127.0.0.1:{number}{path}", max_size=None, ping_interval=None)
        self.reader = asyncio.ensure_future(self.read())
        return self

    async def __aexit__(self, *_):
        try:
            await asyncio.wait_for(self.call("Browser.close"), 5)
        except (Failure, asyncio.TimeoutError, websockets.exceptions.ConnectionClosed):
            self.process.kill()
        self.reader.cancel()
        self.process.wait(PATIENCE)
        shutil.rmtree(self.folder, ignore_errors=True)

    async def read(self):
        async for text in self.socket:
            message = json.loads(text)
            if "id" in message:
                self.answers.pop(message["id"]).set_result(message)
            elif message.get("sessionId") in self.pages:
                self.pages[message["sessionId"]].event(message["method"], message["params"])

    async def call(self, method, session=None, **parameters):
        self.number += 1
        answer = self.answers[self.number] = asyncio.get_running_loop().create_future()
        message = {"id": self.number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        await self.socket.send(json.dumps(message))
        result = await asyncio.wait_for(answer, PATIENCE)
        check("error" not in result, f"{method}: {result.get('error')}")
        return result.get("result", {})

    async def page(self, url, width=1120, height=740, dark=False):
        """A page in a window of its own: visible, with its own sessionStorage."""
        context = (await self.call("Target.createBrowserContext"))["browserContextId"]
        target = (await self.call("Target.createTarget", url="about:blank", browserContextId=context, newWindow=True))["targetId"]
        session = (await self.call("Target.attachToTarget", targetId=target, flatten=True))["sessionId"]
        page = Page(self, session, target)
        self.pages[session] = page
        for domain in ("Page", "Runtime", "Log"):
            await page.call(f"{domain}.enable")
        await page.call("Page.addScriptToEvaluateOnNewDocument", source=WATCH)
        await page.look(width, height, dark)
        await page.call("Page.navigate", url=url)
        await page.until("document.readyState === 'complete'")
        return page


class Page:
    """A page: what it shows, and hands to use it."""

    def __init__(self, browser, session, target):
        self.browser = browser
        self.session = session
        self.target = target
        self.errors = []

    def call(self, method, **parameters):
        return self.browser.call(method, self.session, **parameters)

    def event(self, method, parameters):
        if method == "Runtime.exceptionThrown":
            self.errors.append(json.dumps(parameters["exceptionDetails"]))
        elif method == "Runtime.consoleAPICalled" and parameters["type"] in ("error", "warning"):
            self.errors.append(json.dumps(parameters["args"]))
        elif method == "Log.entryAdded" and parameters["entry"]["level"] == "error":
            # That a connection failed is the browser's own note, which no page can prevent.
            if not parameters["entry"]["text"].startswith("WebSocket connection to"):
                self.errors.append(parameters["entry"]["text"])

    async def evaluate(self, expression):
        answer = await self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        check("exceptionDetails" not in answer, f"{expression}: {answer.get('exceptionDetails')}")
        return answer["result"].get("value")

    async def until(self, expression, what=None):
        async def failure():
            shown = await self.evaluate("document.body?.innerText ?? ''")
            return f"{what or expression} did not come about; the page shows:\n{shown}"

        await until(lambda: self.evaluate(f"Boolean({expression})"), failure)

    async def text(self, selector):
        return await self.evaluate(f"document.querySelector({json.dumps(selector)})?.innerText ?? null")

    async def shows(self, selector, text):
        """Waits until one of these elements, as far as it can be seen, has the text."""
        await self.until(f"[...document.querySelectorAll({json.dumps(selector)})].some(each => each.innerText.includes({json.dumps(text)}))", f"{selector} with '{text}'")

    async def keep(self, selector):
        """From now on showed() knows what this element shows, if only for a moment."""
        await self.evaluate(f"""{{
            const node = document.querySelector({json.dumps(selector)});
            const texts = (window.kept ??= {{}})[{json.dumps(selector)}] = [];
            const look = () => texts.push(node.innerText);
            look();
            new MutationObserver(look).observe(node, {{ subtree: true, childList: true, characterData: true, attributes: true }});
        }}""")

    async def showed(self, selector, text):
        """Waits until this element, which is kept, has the text or has had it."""
        await self.until(f"kept[{json.dumps(selector)}].some(each => each.includes({json.dumps(text)}))", f"{selector} with '{text}'")

    async def click(self, selector):
        """Where it is once it has come to rest, and again where it moved away under the pointer all the same, as a
        frame from the server may have it do."""
        place = f"""(async () => {{
            const node = document.querySelector({json.dumps(selector)});
            if (!node?.checkVisibility())
                return null;
            const center = () => {{
                const box = node.getBoundingClientRect();
                return [box.x + box.width / 2, box.y + box.height / 2];
            }};
            node.scrollIntoView({{ block: 'nearest' }});
            const before = center();
            await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
            const after = center();
            const rests = before.every((value, at) => value === after[at]);
            if (!rests || !node.contains(document.elementFromPoint(...after)))
                return null;
            window.clicked = false;
            node.addEventListener('click', () => window.clicked = true, {{ capture: true, once: true }});
            return after;
        }})()"""

        async def hits():
            where = await self.evaluate(place)
            if not where:
                return False
            x, y = where
            for kind in ("mousePressed", "mouseReleased"):
                await self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)
            return await self.evaluate("window.clicked")

        await until(hits, f"{selector} did not come to be clicked")

    async def key(self, key, **more):
        for kind in ("keyDown", "keyUp"):
            await self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, **more)

    async def enter(self):
        await self.key("Enter", windowsVirtualKeyCode=13, text="\r")

    async def type(self, selector, text):
        field = f"document.querySelector({json.dumps(selector)})"
        await self.until(f"{field}.select() ?? document.activeElement === {field}", f"the focus in {selector}")
        await self.call("Input.insertText", text=text)
        await self.until(f"{field}.value.replace(/\\r/g, '') === {json.dumps(text)}", f"{selector} with what was typed")

    async def look(self, width, height, dark):
        await self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        await self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    async def picture(self, path):
        with open(path, "wb") as file:
            file.write(base64.b64decode((await self.call("Page.captureScreenshot", format="png"))["data"]))

    async def close(self):
        """Leaves, after a look at what must not have happened."""
        violations = await self.evaluate("window.violations")
        check(not violations, f"the Content-Security-Policy was violated: {violations}")
        check(not self.errors, f"errors on the console: {self.errors}")
        await self.browser.call("Target.closeTarget", targetId=self.target)
