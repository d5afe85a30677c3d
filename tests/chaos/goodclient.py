# SPDX-License-Identifier: MIT
"""The good client that runs beside each attack, in a process of its own: members of a room who talk, and newcomers. It
obeys the client rules of docs/protocol.md (outbox, positions, back-off), and accounts for every message at every member.

On its standard input it reads `phase NAME` and `end`; it says `ready`, and at the end what it has seen, as JSON."""
import argparse
import asyncio
import json
import random
import sys
import time

from wire import Client, Refused, ulid_like

GONE = (OSError, Refused, asyncio.IncompleteReadError, asyncio.TimeoutError)
SILENCE = 5  # seconds without a byte after which a connection is dead


class Ledger:
    """What was said, what was acknowledged, and what was heard, by phase."""

    def __init__(self):
        self.phase = "before"
        self.composed, self.acknowledged, self.phases = {}, {}, {}
        self.doubled = self.reordered = self.told = self.moves = self.refused = 0
        self.longest_away, self.ends = 0.0, {}

    def now(self):
        return self.phases.setdefault(self.phase, {"sent": 0, "latencies": [], "connects": [], "refusals": {}})


class Pacer:
    """Keeps what an outage has delayed under the server's rate, 10 a second and 20 at once, with some left for resends."""
    rate, burst = 8, 12

    def __init__(self):
        self.tokens, self.at = self.burst, time.monotonic()

    async def turn(self):
        now = time.monotonic()
        self.tokens, self.at = min(self.burst, self.tokens + self.rate * (now - self.at)) - 1, now
        if self.tokens < 0:
            await asyncio.sleep(-self.tokens / self.rate)


class Member:
    def __init__(self, index, options, ledger):
        self.room, self.rate, self.ledger, self.index = options.room, options.rate, ledger, index
        self.addresses = options.address
        self.client, self.position, self.resume, self.outbox = None, None, None, []
        self.seen, self.top, self.last_byte = set(), 0, 0.0
        self.is_joined, self.answered = asyncio.Event(), asyncio.Event()
        self.answer, self.pacer = None, Pacer()

    async def live(self):
        attempt, gone_since, at = 0, None, self.index
        while True:
            try:
                await asyncio.wait_for(self.enter(self.addresses[at % len(self.addresses)]), 5)
                if gone_since is not None:
                    self.ledger.longest_away = max(self.ledger.longest_away, time.monotonic() - gone_since)
                    self.ledger.moves += 1
                gone_since, attempt = None, 0
                await self.listen()
            except GONE as error:
                words = str(error) or type(error).__name__
                self.ledger.ends[words] = self.ledger.ends.get(words, 0) + 1
            finally:
                self.is_joined.clear()
                self.answer = None
                self.answered.set()
                if self.client:
                    self.client.abort()
                    self.client = None
            gone_since = gone_since or time.monotonic()
            at, attempt = at + 1, attempt + 1
            await asyncio.sleep(random.uniform(0, min(2.0, 0.2 * 2 ** attempt)))

    async def enter(self, address):
        self.client = client = await Client.open(address)
        auth = {"type": "auth", "username": f"Good {self.index}"}
        client.send(auth | ({"resume": self.resume} if self.resume else {}))
        self.resume = (await client.next_of("ack"))["resume"]
        join = {"type": "join", "room": self.room, "history": 0}
        client.send(join | ({"since": self.position} if self.position else {}))
        while True:
            message = await client.read()
            if message["type"] == "error":
                raise Refused(message["code"])
            self.take(message)
            if message["type"] == "sync":
                break
        self.last_byte = time.monotonic()
        self.is_joined.set()

    async def listen(self):
        while True:
            try:
                self.take(await asyncio.wait_for(self.client.read(), 1))
                self.last_byte = time.monotonic()
            except asyncio.TimeoutError:
                if time.monotonic() - self.last_byte > SILENCE:
                    raise Refused("silence") from None
                self.client.send({"type": "ping", "t": 1})

    def take(self, message):
        kind = message["type"]
        if kind == "message":
            self.hear(message, is_live=True)
        elif kind == "sync":
            if message.get("reason"):
                self.ledger.told += 1
                self.top = 0
            for event in message["events"]:
                self.hear(event, is_live=False)
            if not message["more"]:
                self.top = message["seq"]
                self.position = {key: message[key] for key in ("epoch", "seq", "id") if key in message}
        elif kind == "ack" and "cid" in message or kind == "error" and "cid" in message:
            self.answer = message
            self.answered.set()

    def hear(self, event, is_live):
        ledger = self.ledger
        if event["id"] in self.seen:
            ledger.doubled += is_live
            return
        ledger.reordered += event["seq"] <= self.top
        self.seen.add(event["id"])
        self.top = event["seq"]
        if self.position:
            self.position = {"epoch": self.position["epoch"], "seq": event["seq"], "id": event["id"]}
        if event.get("cid") in ledger.composed:
            composed, phase = ledger.composed[event["cid"]]
            phase["latencies"].append(time.monotonic() - composed)

    async def compose(self, is_over):
        await asyncio.sleep(random.uniform(0, 1 / self.rate))
        due = time.monotonic()
        while not is_over.is_set():
            due += 1 / self.rate
            await asyncio.sleep(max(0, due - time.monotonic()))
            cid, phase = ulid_like(), self.ledger.now()
            phase["sent"] += 1
            self.ledger.composed[cid] = (time.monotonic(), phase)
            self.outbox.append(cid)

    async def post(self):
        """Sends what is in the outbox, in order, one unanswered message at a time."""
        refusals = 0
        while True:
            if not self.outbox:
                await asyncio.sleep(0.005)
                continue
            await self.pacer.turn()
            await self.is_joined.wait()
            cid = self.outbox[0]
            self.answered.clear()
            self.answer = None
            self.client.send({"type": "message", "room": self.room, "content": "good " * 20, "cid": cid})
            while not self.answered.is_set() or self.answer is not None and self.answer["cid"] != cid:
                self.answered.clear()
                await self.answered.wait()
            if self.answer is None:
                continue  # the connection ended: it is sent again
            if self.answer["type"] == "ack":
                self.ledger.acknowledged[cid] = self.answer["id"]
                self.outbox.pop(0)
                refusals = 0
            else:
                self.ledger.refused += 1
                refusals += 1
                await asyncio.sleep(max(self.answer.get("retry_ms", 100) / 1000, 0.1 * 2 ** min(refusals, 4)))


async def newcomers(options, ledger, is_over):
    at = 0
    while not is_over.is_set():
        await asyncio.sleep(0.2)
        at += 1
        phase, begin, client = ledger.now(), time.monotonic(), None
        try:
            async with asyncio.timeout(5):
                client = await Client.open(options.address[at % len(options.address)])
                client.send({"type": "join", "room": "newcomers", "history": 0})
                await client.next_of("sync")
            phase["connects"].append(time.monotonic() - begin)
            client.close()
        except GONE as error:
            words = str(error) or type(error).__name__
            phase["refusals"][words] = phase["refusals"].get(words, 0) + 1
            if client:
                client.abort()


async def forgotten(options, ledger):
    """How many acknowledged messages are not in the room's history. Two pages a second are within the rate."""
    missing, before, at = set(ledger.acknowledged.values()), {}, 0
    while True:
        try:
            client = await asyncio.wait_for(Client.open(options.address[at % len(options.address)]), 5)
            break
        except GONE:
            at += 1
            if at > 20:
                raise
            await asyncio.sleep(0.2)
    client.send({"type": "join", "room": options.room, "history": 0})
    await client.next_of("sync")
    while True:
        client.send({"type": "history", "room": options.room, "limit": 200} | before)
        page = await client.next_of("history")
        missing -= {each["id"] for each in page["events"]}
        if not page["more"]:
            client.close()
            return len(missing)
        before = {"before": page["events"][0]["seq"]}
        await asyncio.sleep(0.6)


def percentile(values, part):
    return sorted(values)[min(len(values) - 1, int(len(values) * part))] if values else 0.0


def summary(ledger, members):
    lost = sum(each not in member.seen for member in members for each in ledger.acknowledged.values())
    phases = {name: {"sent": phase["sent"], "p99": percentile(phase["latencies"], 0.99),
                     "heard": len(phase["latencies"]), "connects": len(phase["connects"]),
                     "slowest_connect": max(phase["connects"], default=0.0), "refusals": phase["refusals"]}
              for name, phase in ledger.phases.items()}
    return {"phases": phases, "lost": lost, "unanswered": sum(len(each.outbox) for each in members),
            "acknowledged": len(ledger.acknowledged), "doubled": ledger.doubled, "reordered": ledger.reordered,
            "told": ledger.told, "moves": ledger.moves,
            "refused": ledger.refused, "longest_away": ledger.longest_away, "ends": ledger.ends}


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("address", nargs="+", type=lambda value: (value.split(":")[0], int(value.split(":")[1])))
    parser.add_argument("--members", type=int, default=6)
    parser.add_argument("--rate", type=float, default=3)
    parser.add_argument("--room", default="good")
    parser.add_argument("--patience", type=float, default=20)
    parser.add_argument("--no-newcomers", action="store_true")
    parser.add_argument("--no-history", action="store_true", help="it is too long to be read at the end")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    random.seed(options.seed)
    ledger, is_over = Ledger(), asyncio.Event()
    members = [Member(i, options, ledger) for i in range(options.members)]
    tasks = [asyncio.ensure_future(each.live()) for each in members]
    await asyncio.wait_for(asyncio.gather(*(each.is_joined.wait() for each in members)), 20)
    tasks += [asyncio.ensure_future(task) for each in members for task in (each.compose(is_over), each.post())]
    if not options.no_newcomers:
        tasks.append(asyncio.ensure_future(newcomers(options, ledger, is_over)))
    print("ready", flush=True)
    commands = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    while (words := (await commands.readline()).decode().split()) and words[0] == "phase":
        ledger.phase = words[1]
    is_over.set()
    deadline = time.monotonic() + options.patience
    while time.monotonic() < deadline and (any(each.outbox for each in members) or summary(ledger, members)["lost"]):
        await asyncio.sleep(0.2)
    history = {} if options.no_history else {"forgotten": await forgotten(options, ledger)}
    failed = [str(task.exception()) for task in tasks if task.done() and not task.cancelled() and task.exception()]
    print(json.dumps(summary(ledger, members) | history | {"failed": failed}), flush=True)
    for task in tasks:
        task.cancel()


if __name__ == "__main__":
    asyncio.run(main())
