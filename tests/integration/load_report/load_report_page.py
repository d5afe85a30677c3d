# SPDX-License-Identifier: MIT
"""The HTML report of the load generator in a real browser.

usage: load_report_page.py BIN FOLDER [TEST…]
Leaves pictures and a PDF in FOLDER. Exits with 0; 1 and a text if something is wrong; 77 without Chromium or
python3-websockets.
"""

import asyncio
import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "page"))
try:
    from devtools import Browser, Failure, check
except ImportError as missing:
    print(missing)
    sys.exit(77)

SECTIONS = ["parameters", "thresholds", "correctness", "latency", "throughput", "connections", "generator", "watched", "errors", "notes"]
CHARTS = ["faults", "latency-time", "distribution", "latency-load", "messages-time", "deliveries-time", "users-time",
          "connects-time", "generator-cpu", "generator-lag", "watched-cpu", "watched-memory"]
SIDEWAYS = "document.documentElement.scrollWidth - innerWidth"
READOUT = "document.querySelector('.readout')?.textContent ?? ''"


class World:
    def __init__(self, browser, folder, pictures):
        self.browser, self.folder, self.pictures = browser, folder, pictures

    async def page(self, kind="spoiled", file="report.html", width=1280, height=900, dark=False):
        return await self.browser.page(f"file://{self.folder}/{kind}/{file}", width, height, dark)

    async def picture(self, page, name):
        """Of the whole page."""
        height = await page.evaluate("document.documentElement.scrollHeight")
        width = await page.evaluate("innerWidth")
        picture = await page.call("Page.captureScreenshot", format="png", captureBeyondViewport=True,
                                  clip={"x": 0, "y": 0, "width": width, "height": height, "scale": 1})
        self.write(name + ".png", picture["data"])

    def write(self, name, data):
        with open(os.path.join(self.pictures, name), "wb") as file:
            file.write(base64.b64decode(data))


async def test_everything_is_there(world):
    page = await world.page()
    check(await page.evaluate("[...document.querySelectorAll('section')].map(each => each.id)") == SECTIONS, "sections are missing")
    charts = await page.evaluate("[...document.querySelectorAll('figure.chart')].map(each => each.id)")
    check(charts == CHARTS, f"charts: {charts}")
    for chart in CHARTS:
        facts = await page.evaluate(f"""(figure => {{
            const plot = figure.querySelector('svg.plot'), box = plot.getBoundingClientRect();
            return {{
                role: plot.getAttribute('role'),
                names: plot.getAttribute('aria-labelledby').split(' ').map(id => document.getElementById(id).textContent),
                rows: figure.querySelectorAll('details tbody tr, details table:not(:has(tbody)) tr').length,
                drawn: figure.querySelectorAll('svg.area path[d]').length, wide: box.width > 200, high: box.height > 100,
            }};
        }})(document.getElementById('{chart}'))""")
        check(facts["role"] == "img" and all(facts["names"]), f"{chart} has no name: {facts}")
        check(facts["rows"] > 1 and facts["drawn"] and facts["wide"] and facts["high"], f"{chart}: {facts}")
    check((await page.text("#verdict strong")) == "Incorrect", "the verdict")
    await world.picture(page, "spoiled-light")
    await page.close()


async def test_markup_stays_text(world):
    page = await world.page()
    check(await page.evaluate("typeof hacked") == "undefined", "a text of the server's was run")
    check(await page.evaluate("document.querySelectorAll('img, [onerror], [onclick]').length") == 0, "a text became markup")
    check(await page.evaluate("document.querySelectorAll('script').length") == 2, "a text became a script")
    # Even markup that got in would not run: the policy stands behind all this.
    await page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=hacked=1><p style=color:red>')")
    await page.until("violations.length >= 2", "violations of the policy")
    check(await page.evaluate("typeof hacked") == "undefined", "the policy let a handler run")
    await page.evaluate("violations.length = 0")
    page.errors.clear()
    await page.close()


async def test_phone(world):
    for kind in ("good", "spoiled", "never"):
        page = await world.page(kind, width=390, height=844)
        check(await page.evaluate(SIDEWAYS) <= 0, f"{kind}: the page is wider than a phone: {await page.evaluate(SIDEWAYS)} px")
        await page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        check(await page.evaluate(SIDEWAYS) <= 0, f"{kind}: an open table is wider than a phone")
        await page.evaluate("document.querySelectorAll('details').forEach(each => each.open = false)")
        await world.picture(page, f"{kind}-phone")
        await page.look(320, 700, False)
        check(await page.evaluate(SIDEWAYS) <= 0, f"{kind}: wider than 320 px")
        await page.close()


async def test_dark(world):
    ground = "getComputedStyle(document.body).backgroundColor"
    page = await world.page("good", dark=True)
    check(await page.evaluate(ground) == "rgb(27, 28, 29)", "not dark, as the system is")
    await world.picture(page, "good-dark")
    await page.click("#theme")
    check(await page.evaluate(ground) == "rgb(250, 249, 246)", "not light, as chosen")
    await page.click("#theme")
    check(await page.evaluate(ground) == "rgb(27, 28, 29)", "not dark, as chosen")
    await page.close()


async def test_light(world):
    page = await world.page("good")
    await world.picture(page, "good-light")
    await page.close()
    page = await world.page("never")
    await world.picture(page, "never-light")
    await page.close()


async def test_pointer(world):
    page = await world.page("good")
    for chart in ("latency-time", "latency-load", "users-time"):
        where = await page.evaluate(f"""(plot => {{
            plot.scrollIntoView({{ block: 'center' }});
            const box = plot.getBoundingClientRect();
            return [box.left, box.top, box.width, box.height];
        }})(document.querySelector('#{chart} .plot'))""")
        left, top, width, height = where
        # In the scatter: upwards at the right, where the last phase's dots are.
        for step in range(0, 40):
            await page.call("Input.dispatchMouseEvent", type="mouseMoved", x=left + width * (.8 if chart == "latency-load" else .5),
                            y=top + height * step / 40)
            if await page.evaluate(READOUT):
                break
        text = await page.evaluate(READOUT)
        check(" – " in text and ("users in rooms" if chart == "users-time" else "p50") in text, f"{chart}: the read-out is '{text}'")
        check(await page.evaluate(SIDEWAYS) <= 0, f"{chart}: the read-out makes the page wider")
    lines = await page.evaluate("[...document.querySelectorAll('.cursor')].length")
    check(lines == 9, f"{lines} charts show the moment")
    await page.call("Input.dispatchMouseEvent", type="mouseMoved", x=1, y=1)
    await page.until("!document.querySelector('.readout, .cursor')", "the end of the read-out")
    await page.close()


async def test_keys(world):
    page = await world.page("good")
    points = await page.evaluate("JSON.parse(document.getElementById('points').textContent).points")
    await page.key("ArrowRight")
    first = await page.evaluate(READOUT)
    check(first.startswith("00:00 – 00:01 · ramp to 50\nmax "), f"the first second: '{first}'")
    await page.key("ArrowRight")
    await page.key("ArrowRight", modifiers=8)
    check((await page.evaluate(READOUT)).startswith("00:11 – 00:12"), "eleven seconds on")
    await page.key("ArrowLeft")
    check((await page.evaluate(READOUT)).startswith("00:10 – 00:11"), "one back")
    await page.key("End")
    check((await page.evaluate(READOUT)).startswith("03:59 – 04:00 · hold 100"), "the last second")
    # What the pointer is told is what the table says.
    column = next(each for each in points["columns"] if each["figure"] == "time latency.p50")
    p50 = (await page.evaluate(READOUT)).split("p50 ")[1].split("\n")[0]
    check(p50 == f"{column['values'][-1] / 1000:.2f} ms", f"p50 {p50}")
    await page.key("Escape")
    await page.until("!document.querySelector('.readout')", "no read-out")
    await page.key("]")
    check(await page.evaluate("document.querySelector('#phase').selectedOptions[0].text") == "ramp to 50", "the first phase")
    await page.key("]")
    boxes = await page.evaluate("[...document.querySelectorAll('#latency-time .area')].map(each => each.getAttribute('viewBox'))")
    from_to = [[float(each) for each in box.split()[0:3:2]] for box in boxes]  # a run of 240.34 s, drawn 1200 wide
    check(len(boxes) == 2 and all(abs(each - 60 / 240.34 * 1200) < 1 for box in from_to for each in box), f"the chart shows {boxes}")
    check(await page.evaluate("[...document.querySelectorAll('#latency-time .x text')].map(each => each.textContent)") ==
          ["01:00", "01:10", "01:20", "01:30", "01:40", "01:50", "02:00"], "the times of the second phase")
    check(await page.evaluate("document.querySelector('tr.chosen th').textContent.trim()") == "hold 50", "its row")
    await page.key("ArrowRight")
    check((await page.evaluate(READOUT)).startswith("01:00 – 01:01"), "the first second of the phase")
    await page.key("Escape")
    await page.key("Escape")
    check(await page.evaluate("document.querySelector('#phase').value") == "", "the whole run again")
    shown = "getComputedStyle(document.querySelector('#latency-time .plot .log')).display"
    check(await page.evaluate(shown) == "none", "the axis is logarithmic from the beginning")
    await page.key("l")
    check(await page.evaluate(shown) == "inline", "no logarithmic axis")
    await page.evaluate("document.querySelector('#latency-time').scrollIntoView()")
    await world.picture(page, "good-logarithmic")
    await page.key("?", text="?")
    await page.until("document.querySelector('#help').open", "the list of keys")
    await page.key("Escape", windowsVirtualKeyCode=27)
    await page.until("!document.querySelector('#help').open", "no list of keys")
    await page.close()


async def test_without_script(world):
    page = await world.page("good")
    with open(f"{world.folder}/good/report.html", encoding="utf-8") as file:
        text = file.read()
    bare = f"{world.folder}/good/bare.html"
    with open(bare, "w", encoding="utf-8") as file:
        file.write(text[:text.rindex("<script>")] + "</body></html>")
    await page.call("Page.navigate", url=f"file://{bare}")
    await page.until("location.pathname.endsWith('bare.html') && document.readyState === 'complete'")
    check(await page.evaluate("document.querySelector('#tools').checkVisibility()") is False, "tools that do nothing are shown")
    await page.click("#latency-time .switch input")
    check(await page.evaluate("getComputedStyle(document.querySelector('#latency-time .plot .log')).display") == "inline", "the axis needs a script")
    await page.click("#latency-time summary")
    check(await page.evaluate("document.querySelector('#latency-time details table').checkVisibility()"), "the table needs a script")
    await page.close()


async def test_hour(world):
    page = await world.page("hour")
    most = await page.evaluate("JSON.parse(document.getElementById('points').textContent).points.ends.length")
    check(most == 600, f"an hour has {most} points")
    await world.picture(page, "hour-light")
    await page.look(390, 844, False)
    check(await page.evaluate(SIDEWAYS) <= 0, "an hour is wider than a phone")
    await page.close()


async def test_print(world):
    page = await world.page("good")
    printed = await page.call("Page.printToPDF", printBackground=True, paperWidth=8.27, paperHeight=11.69)
    world.write("good.pdf", printed["data"])
    check(base64.b64decode(printed["data"]).startswith(b"%PDF"), "no PDF")
    await page.call("Emulation.setEmulatedMedia", media="print", features=[{"name": "prefers-color-scheme", "value": "dark"}])
    check(await page.evaluate("getComputedStyle(document.querySelector('.card')).backgroundColor") == "rgb(255, 255, 255)", "print is dark")
    for each in ("#tools", ".switch", "details"):
        check(await page.evaluate(f"document.querySelector('{each}').checkVisibility()") is False, f"{each} is printed")
    # A table that would be cut off at the paper's edge: 190 mm are 718 px.
    await page.call("Emulation.setDeviceMetricsOverride", width=718, height=1000, deviceScaleFactor=1, mobile=False)
    wide = await page.evaluate("[...document.querySelectorAll('.card')].filter(each => each.scrollWidth > each.clientWidth + 1).map(each => each.innerText.slice(0, 60))")
    check(not wide, f"too wide for paper: {wide}")
    await page.close()


async def main():
    chromium = shutil.which("chromium")
    if not chromium:
        print("no chromium")
        return 77
    programs, pictures, chosen = sys.argv[1], sys.argv[2], sys.argv[3:]
    os.makedirs(pictures, exist_ok=True)
    tests = {name[5:]: test for name, test in globals().items() if name.startswith("test_")}
    with tempfile.TemporaryDirectory(prefix="parlor-report-") as folder:
        for kind in ("good", "spoiled", "hour", "never"):
            subprocess.run([os.path.join(programs, "tests", "load-report-example"), kind, os.path.join(folder, kind)], check=True)
        async with Browser(chromium) as browser:
            world = World(browser, folder, pictures)
            failures = 0
            for name in chosen or tests:
                try:
                    await tests[name](world)
                    print(f"PASS {name}", flush=True)
                except Failure as failure:
                    failures += 1
                    print(f"FAIL {name}: {failure}", flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
