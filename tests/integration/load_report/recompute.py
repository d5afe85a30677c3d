# SPDX-License-Identifier: MIT
"""Computes every figure of a load run's reports a second time, from the run's file, and compares.

usage: recompute.py RUN.json [REPORT.html] [--baseline RUN.json] [--text REPORT.txt]
Exits with 0; 1 and a text for each figure that differs, or that stands where nothing says what it is.

Nothing is taken from what the program derived: percentiles come from the histograms' buckets, sums from the phases.
docs/run-file.md explains the file.
"""

import argparse
import json
import math
import os
import re
import sys
import unicodedata
from html.parser import HTMLParser

NONE = "–"


# --- Numbers as people read them.

def three(value):
    return f"{value:.{0 if value >= 99.95 else 1 if value >= 9.995 else 2 if value >= 0.9995 else 3}f}"


def rounded(value):
    return math.floor(value + 0.5)


def count(value):
    return f"{value:,}"


def time(value):
    if value is None:
        return NONE
    value = rounded(value)
    return three(value / 1e6) + " s" if value >= 999.5e3 else three(value / 1e3) + " ms"


def decimal(value):
    return count(rounded(value)) if value >= 100 else three(value)


def rate(value):
    return decimal(value) + "/s"


def part(value):
    return f"{math.floor(value * 1e4 + 1e-9) / 100:.2f} %"


def percent(value):
    return f"{rounded(value * 100)} %"


def size(value):
    scaled, unit = value, 0
    while scaled >= 1000 and unit < 4:
        scaled, unit = scaled / 1000, unit + 1
    return (three(scaled) if unit else str(value)) + " " + ["B", "kB", "MB", "GB", "TB"][unit]


def clock(value):
    seconds = int(value) // 1000000
    hours, minutes, seconds = seconds // 3600, seconds // 60 % 60, seconds % 60
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes:02}:{seconds:02}"


def printable(text):
    if len(text) > 200:
        text = text[:199] + "…"
    return "".join("?" if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp") else c for c in text)


# --- What was measured.

def whole(value):
    """Numbers of more than 53 bits are texts in the file."""
    return int(value) if isinstance(value, str) else value


def bucket_low(place, half_bits):
    half = 1 << half_bits
    return place if place < 2 * half else (place % half + half) << (place // half - 1)


def bucket_width(low, half_bits):
    return 1 << max(0, low.bit_length() - half_bits - 1)


class Histogram:
    """Durations, µs, in buckets at most a thousandth as wide as their values."""

    def __init__(self):
        self.buckets, self.sum, self.min, self.max, self.count = {}, 0, None, 0, 0

    def add(self, stored):
        for low, number in stored["buckets"]:
            self.buckets[low] = self.buckets.get(low, 0) + whole(number)
            self.count += whole(number)
        if stored["buckets"]:
            least = stored["min_us"]
            self.min = least if self.min is None else min(self.min, least)
        self.max = max(self.max, stored["max_us"])
        self.sum += whole(stored["sum_us"])
        return self

    @staticmethod
    def middle(low):
        return low + (bucket_width(low, 10) - 1) // 2

    def percentile(self, percent):
        rank = min(max(math.ceil(percent / 100 * self.count - 1e-9), 1), self.count)
        for low in sorted(self.buckets):
            rank -= self.buckets[low]
            if rank <= 0:
                return min(max(self.middle(low), self.min), self.max)
        return self.max

    def sound(self, percent):
        """None: fewer than ten values lie above it."""
        return self.percentile(percent) if self.count and (1 - percent / 100) * self.count + 1e-6 >= 10 else None

    def below(self, bound):
        return sum(number for low, number in self.buckets.items() if self.middle(low) < bound)

    def figure(self, name):
        if name == "count":
            return self.count
        if name == "max":
            return self.max if self.count else None
        if name == "min":
            return self.min
        if name == "mean":
            return self.sum // self.count if self.count else None
        return self.sound(float(name[1:]))


class Coarse:
    """The latencies of some seconds, µs, in buckets of a thirty-second."""

    def __init__(self, stored):
        self.cells, self.max = {}, 0
        for each in stored:
            self.max = max(self.max, each[0])
            place = 0
            for number in map(whole, each[1:]):
                if number > 0:
                    self.cells[place] = self.cells.get(place, 0) + number
                place += 1 if number > 0 else -number

    def figure(self, name):
        if not self.cells:
            return None
        if name == "max":
            return self.max
        rank = max(math.ceil(sum(self.cells.values()) * float(name[1:]) / 100), 1)
        for place in sorted(self.cells):
            rank -= self.cells[place]
            if rank <= 0:
                return min(bucket_low(place + 1, 5) - 1, self.max)
        return None


COUNTED = ("connects", "failures", "losses", "planned", "sent", "answered", "received", "faults")
AT_END = ("wanted", "members", "open")
HIGHEST = ("cpu", "send_lag_us", "loop_lag_us", "watched_cpu", "watched_memory")
OF_PHASES = ("delivery_latency", "delivery_service", "fan_out", "ack_latency", "send_lag")
ELSEWHERE = {
    **{name + "_duration": "connections" for name in ("connect", "tcp", "tls", "upgrade", "greeting", "join")},
    "loop_lag": "generator",
}


class Run:
    """A run's file, and what follows from it."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.file = json.load(file)
        self.before = None  # the baseline
        self.duration = self.file["duration_us"]
        self.planned_time = min(self.duration, self.file["phases"][-1]["end_us"])
        self.seconds = self.file["seconds"]
        self.delivering_time = self.until_last_delivery()
        self.messages = {}
        for phase in self.file["phases"]:
            for key, value in phase["messages"].items():
                self.messages[key] = self.messages.get(key, 0) + whole(value)
        self.deliveries = {key: whole(value) for key, value in self.file["deliveries"].items()}
        self.deliveries["expected"] = self.deliveries["received"] + self.deliveries["lost"]
        self.known = {}

    def until_last_delivery(self):
        """Not less than the plan's time: what came in the last second came at most its latency after it."""
        ends = self.seconds.get("end_us", [])
        if not ends:
            return self.duration
        for end, received, latency in reversed(list(zip(ends, self.seconds["received"], self.seconds["latency"]))):
            if whole(received):
                latest = min(end, self.planned_time + (Coarse([latency]).figure("max") or 0))
                return max(self.planned_time, latest)
        return self.planned_time

    def histogram(self, name):
        if name not in self.known:
            found = Histogram()
            of_one = re.fullmatch(r"(phases|profiles)\.(\d+)\.(\w+)", name)
            if of_one:
                found.add(self.file[of_one[1]][int(of_one[2])]["histograms"][of_one[3]])
            elif name.startswith("host_delivery_latency"):
                for stored in self.of_hosts(name):
                    found.add(stored)
            elif name in ELSEWHERE:
                if name in self.file[ELSEWHERE[name]]:  # steps without a value are not
                    found.add(self.file[ELSEWHERE[name]][name])
            elif name in OF_PHASES:
                for phase in self.file["phases"]:
                    if phase["measured"]:
                        found.add(phase["histograms"][name])
            else:
                return None
            self.known[name] = found
        return self.known[name]

    def of_hosts(self, name):
        """The histograms of host_delivery_latency[HOST], or of all but the first with host_delivery_latency.others.NUMBER."""
        connections = self.file["connections"]
        of_key = re.fullmatch(r"\w+\[(.*)\]", name, re.DOTALL)
        if of_key:
            hosts = [host for host in connections["hosts"] if printable(host) == of_key[1]]
        else:
            by_connections = sorted(connections["hosts"], key=lambda host: (-whole(connections["hosts"][host]), host.encode()))
            hosts = by_connections[int(name.rpartition(".")[2]):]
        latencies = connections.get("host_delivery_latency", {})
        return [latencies[host] for host in hosts if host in latencies]

    def value(self, path):
        """What a path means, as a number; None: nothing was measured."""
        if path.startswith("before."):
            return self.before.value(path[len("before."):])
        named = re.fullmatch(r"([\w.]+|\w+\[.*\])\.(count|min|max|mean|p[\d.]+)", path, re.DOTALL)
        if named and self.histogram(named[1]):
            return self.histogram(named[1]).figure(named[2])
        ranged = re.fullmatch(r"(\w+)\.between\.(\d+)\.(\d+|end)", path)
        if ranged:
            histogram = self.histogram(ranged[1])
            upper = histogram.count if ranged[3] == "end" else histogram.below(int(ranged[3]))
            return upper - histogram.below(int(ranged[2]))
        of_key = re.fullmatch(r"([\w.]+?)\[(.*)\]", path, re.DOTALL)
        if of_key:
            return sum(whole(number) for key, number in self.at(of_key[1]).items() if printable(key) == of_key[2])
        others = re.fullmatch(r"([\w.]+)\.others\.(\d+)", path)
        if others:
            return sum(sorted(map(whole, self.at(others[1]).values()), reverse=True)[int(others[2]):])
        simple = {
            "duration": lambda: self.duration,
            "rooms": lambda: len(self.file["parameters"]["rooms"]),
            "rooms_of_one": lambda: len(self.file["rooms_of_one"]),
            "splits": lambda: len(self.file["splits"]),
            "thresholds": lambda: len(self.file["parameters"]["thresholds"]),
            "thresholds.passed": lambda: sum(held for _, held in map(self.threshold, self.file["parameters"]["thresholds"])),
        }
        if path in simple:
            return simple[path]()
        group, _, key = path.partition(".")
        if group in ("messages", "deliveries") and key:
            return getattr(self, group)[key]
        return whole(self.at(path))

    def at(self, path):
        found = self.file
        for key in path.split("."):
            found = found[int(key)] if isinstance(found, list) else found[key]
        return found

    def window(self, path, first, last):
        """The same of some seconds, both included, told as one."""
        column = lambda key: [whole(each) for each in self.seconds[key][first:last + 1]]
        begin = self.seconds["end_us"][first - 1] if first else 0
        end = self.seconds["end_us"][last]
        if path == "end":
            return end
        if path.startswith("latency."):
            return Coarse(column("latency")).figure(path[len("latency."):])
        if path in AT_END:
            return column(path)[-1]
        if path in HIGHEST:
            return max(column(path))
        assert path in COUNTED, path
        if path == "faults":
            return sum(column(path))
        return sum(column(path)) * 1e6 / (end - begin) if end > begin else 0

    def threshold(self, text):
        """What was measured, in words, and whether the threshold was met."""
        found = re.fullmatch(r"\s*(\w+)\s*(?:\{\s*phase\s*:\s*(.*?)\s*\})?\s*(rate|count|avg|min|max|med|p\s*\(\s*([\d.]+)\s*\))\s*(<=|>=|==|!=|<|>)\s*([\d.]+)\s*(\S*)\s*", text)
        assert found, text
        metric, phase, figure, percent, comparison, bound, unit = found.groups()
        bound = float(bound) * {"us": 1, "ms": 1e3, "s": 1e6, "%": 0.01, "": 1}[unit]
        measured, words = self.measured(metric, phase, figure, percent)
        if measured is None:
            return words, False
        held = {"<": measured < bound, "<=": measured <= bound, ">": measured > bound, ">=": measured >= bound,
                "==": measured == bound, "!=": measured != bound}[comparison]
        return words, held

    def measured(self, metric, phase, figure, percent):
        at = None
        messages = self.messages
        if phase is not None:
            at = [each["name"] for each in self.file["phases"]].index(phase)
            messages = self.file["phases"][at]["messages"]
        histogram = self.histogram(metric if at is None else f"phases.{at}.{metric}") if metric in OF_PHASES or metric in ELSEWHERE else None
        if histogram:
            if figure == "count":
                return histogram.count, count(histogram.count)
            if not histogram.count:
                return None, "no samples"
            if percent is not None and float(percent) == 100:
                figure = "max"
            value = histogram.figure({"avg": "mean", "med": "p50", "min": "min", "max": "max"}.get(figure, f"p{percent}"))
            return (None, f"too few samples ({count(histogram.count)})") if value is None else (value, time(value))
        connections = self.file["connections"]
        shares = {
            "connect_success": (connections["connected"], connections["attempts"]),
            "join_success": (connections["joined"], connections["join_attempts"]),
            "message_success": (messages["answered"], messages["planned"]),
            "delivery_success": (self.deliveries["received"], self.deliveries["expected"]),
        }
        if metric in shares:
            some, of = map(whole, shares[metric])
            return (some / of, part(some / of)) if of else (None, "no samples")
        group, _, key = metric.partition("_")
        value = {
            "rooms_split": lambda: len(self.file["splits"]),
            "connections_lost": lambda: connections["lost"],
            "messages_not_sent": lambda: messages["planned"] - messages["sent"],
        }.get(metric, lambda: {"messages": messages, "deliveries": self.deliveries}[group][key])()
        return value, count(value)

    def text(self, figure, window=None):
        """A figure as the report must print it: "FORM EXPRESSION"."""
        form, _, path = figure.partition(" ")
        value = lambda of: self.window(of, *window) if window else self.value(of)
        if form == "threshold":
            return self.threshold(self.file["parameters"]["thresholds"][int(path)])[0]
        if form == "share":
            some, _, of = path.rpartition(" / ")
            return part(value(some) / value(of)) if value(of) else NONE
        if form == "change":
            now, then = self.value(path), self.before.value(path) if self.before_has(path) else None
            return NONE if now is None or not then else f"{(now / then - 1) * 100:+.1f} %"
        if form == "rate" and not window:
            of_run = self.before if path.startswith("before.") else self
            during = of_run.planned_time if path.endswith("messages.sent") else of_run.delivering_time
            return rate(value(path) * 1e6 / during) if during else "0/s"
        if form == "time" and path.startswith("before.") and not self.before_has(path[len("before."):]):
            return NONE
        found = value(path)
        if found is None:
            return NONE
        return {"count": count, "time": time, "rate": rate, "part": part, "cpu": percent, "bytes": size, "cores": decimal,
                "number": decimal, "clock": clock, "plain": str}[form](found)

    def before_has(self, path):
        """The baseline's phase of the same place has the same name."""
        of_phase = re.match(r"phases\.(\d+)\.", path)
        if not of_phase:
            return True
        at = int(of_phase[1])
        phases = self.before.file["phases"]
        return at < len(phases) and phases[at]["name"] == self.file["phases"][at]["name"]


# --- The page.

VOID = {"meta", "link", "br", "input", "line", "path", "rect"}
CLOSES = {"td": ("td", "th"), "th": ("td", "th"), "tr": ("td", "th", "tr"), "li": ("li",), "dt": ("dt", "dd"), "dd": ("dt", "dd"),
          "tbody": ("td", "th", "tr")}
NO_FIGURES = {"script", "style", "title", "code", "svg", "th", "dialog", "option"}  # whose digits are no figures, or checked elsewhere


class Page(HTMLParser):
    """All figures of a report: (what it is, the seconds it is of, its text, where)."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.stack, self.figures, self.strays, self.heads, self.points = [], [], [], [], ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        for each in CLOSES.get(tag, ()):
            if self.stack and self.stack[-1]["tag"] == each:
                self.end()
        node = {"tag": tag, "text": "", "attributes": dict(attributes), "columns": []}
        if tag == "tr":
            node["cell"] = -1
        if tag in ("td", "th") and self.inside("tr"):
            row = self.inside("tr")
            row["cell"] += 1
            if tag == "th" and "data-figure" in node["attributes"]:
                self.inside("table")["columns"].append(node["attributes"]["data-figure"])
            if tag == "td" and "data-seconds" in row["attributes"]:
                node["figure"] = self.inside("table")["columns"][row["cell"]]
                node["seconds"] = tuple(map(int, row["attributes"]["data-seconds"].split("-")))
        if tag != "th" and "data-figure" in node["attributes"]:
            node["figure"] = node["attributes"]["data-figure"]
        if tag not in VOID:
            self.stack.append(node)

    def handle_startendtag(self, tag, attributes):
        assert tag in VOID, tag

    def handle_endtag(self, tag):
        assert self.inside(tag), f"</{tag}> ends nothing"
        while self.stack:
            if self.end() == tag:
                break

    def end(self):
        node = self.stack.pop()
        if "figure" in node:
            self.figures.append((node["figure"], node.get("seconds"), node["text"].strip()))
        elif self.stack:
            self.stack[-1]["text"] += node["text"]
        return node["tag"]

    def inside(self, tag):
        return next((each for each in reversed(self.stack) if each["tag"] == tag), None)

    def handle_data(self, text):
        if not self.stack:
            return
        node = self.stack[-1]
        if node["tag"] == "script" and node["attributes"].get("id") == "points":
            self.points += text
        if any("figure" in each for each in self.stack):
            next(each for each in self.stack if "figure" in each)["text"] += text
        elif any(c.isdigit() for c in text) and not any(
                each["tag"] in NO_FIGURES or each["attributes"].get("class") in ("given", "legend") for each in self.stack):
            self.strays.append(" > ".join(each["tag"] for each in self.stack) + ": " + text.strip())


def compare_page(run, text):
    page = Page(text)
    wrong = [f"a figure that nothing says the meaning of: {each}" for each in page.strays]
    for figure, seconds, shown in page.figures:
        expected = run.text(figure, seconds)
        if shown != printable(expected):
            wrong.append(f"{figure}{f' of the seconds {seconds}' if seconds else ''}: the page has '{shown}', the file says '{expected}'")
    checked = len(page.figures)
    points = json.loads(page.points)["points"]
    first = 0
    for at, after in enumerate(points["seconds"]):
        window = (first, after - 1)
        if points["ends"][at] != run.window("end", *window):
            wrong.append(f"the end of the seconds {window} is {points['ends'][at]}")
        for column in points["columns"]:
            path = column["figure"].partition(" ")[2]
            shown, expected = column["values"][at], run.window(path, *window)
            if (shown is None) != (expected is None) or (shown is not None and abs(shown - expected) > 1e-4 * abs(expected)):
                wrong.append(f"{column['figure']} of the seconds {window}, for the pointer: {shown}, the file says {expected}")
            checked += 1
        first = after
    if first != len(run.seconds.get("end_us", [])):
        wrong.append(f"the page ends with second {first} of {len(run.seconds['end_us'])}")
    return checked, wrong


def main():
    import textreport  # which needs this one

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run")
    parser.add_argument("html", nargs="?")
    parser.add_argument("--baseline")
    parser.add_argument("--text")
    options = parser.parse_args()
    run = Run(options.run)
    if options.baseline:
        run.before = Run(options.baseline)
    failed = False
    for path, compare in ((options.html, compare_page), (options.text, textreport.compare_text)):
        if not path:
            continue
        with open(path, encoding="utf-8") as file:
            checked, wrong = compare(run, file.read())
        if run.file["generator"]["limits"] != textreport.expected_limits(run):
            wrong.append(f"the generator's limits: {run.file['generator']['limits']}, not {textreport.expected_limits(run)}")
        for each in wrong:
            print(each)
        print(f"{path}: {checked} figures, {len(wrong)} wrong")
        failed = failed or bool(wrong)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    sys.exit(main())
