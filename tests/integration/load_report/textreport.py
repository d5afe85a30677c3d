# SPDX-License-Identifier: MIT
"""What each figure of the load generator's text report is, so that recompute.py can compute it again."""

import re

from recompute import count, part, percent, printable, rounded, time

WIDTH = 80
N = r"(\d[\d,]*)"
T = r"(\d[\d.]* (?:ms|s)\b|-)"
P = r"(\d[\d.]* %|-)"
R = r"(\d[\d.,]*/s)"
B = r"(\d[\d.]* (?:B|kB|MB|GB|TB)\b)"
D = r"(\d[\d.,]*)"
LATENCIES = rf"\s+{N}" + rf"\s+{T}" * 6
NAMES = ("count", "p50", "p90", "p95", "p99", "p99.9", "max")


def latencies(path):
    return ["count " + path + ".count"] + [f"time {path}.{name}" for name in NAMES[1:]]


# Of each section, what a line may say, and what the figures in it are. {at}: the number of lines of this kind before it.
VERDICT = [
    (rf"^FAIL  {N} of {N} thresholds? not met", ["count thresholds.missed", "count thresholds"]),
    (rf"{N} thresholds? met", ["count thresholds"]),
    (rf"{N} of {N} (?:checked )?deliveries", ["count deliveries.received", "count deliveries.expected"]),
    (rf"{N} deliveries counted", ["count deliveries.counted"]),
    (rf"{N} lost\b", ["count deliveries.lost"]),
    (rf"{N} doubled", ["count deliveries.doubled"]),
    (rf"{N} out of order", ["count deliveries.reordered"]),
    (rf"{N} corrupt", ["count deliveries.corrupt"]),
    (rf"{N} unexpected", ["count deliveries.unexpected"]),
    (rf"{N} messages never answered", ["count messages.unanswered"]),
    (rf"users of {N} of {N} rooms? did not", ["count splits", "count rooms"]),
    (rf"{N} not owed, as", ["count deliveries.excused"]),
    (rf"{N} users? never came in", ["count connections.unarrived_users"]),
    (rf"{N} users? (?:was|were) not in the room", ["count connections.absent_users"]),
    (rf"{P} of the planned messages were sent, {P} answered", ["share messages.sent / messages.planned", "share messages.answered / messages.planned"]),
    (rf"only {P} of the planned messages were answered", ["share messages.answered / messages.planned"]),
    (rf"in {N} rooms there were", ["count rooms_of_one"]),
    (r"exit code (\d+)", ["plain exit_code"]),
    # The parameters.
    (r" v[12](?= )", []),
    (rf"up to {N} users? in {N} rooms?", ["count peak_users", "count rooms"]),
    (rf"^      profile §  {P} of the users(?:, {D}/s each)?", ["weight {at}", "given profiles.{at}.rate_per_user"]),
    (rf", {D}/s each", ["given profiles.0.rate_per_user"]),
    (rf"at most {N} unanswered", ["count parameters.profiles.{profile}.inflight"]),
    (rf", {N}(?:-{N})? bytes", ["plain parameters.profiles.{profile}.size_least", "plain parameters.profiles.{profile}.size_most"]),
    (rf"{N} of them speak", ["count parameters.profiles.{profile}.senders.count"]),
    (rf"{P} of them speak", ["part parameters.profiles.{profile}.senders.share"]),
    (rf"{N} rooms each", ["count parameters.profiles.{profile}.rooms_per_user"]),
    (rf"sessions of (?:about )?{T}", ["time parameters.profiles.{profile}.life.mean_us"]),
    (rf"to the other and (?:about )?{T}", ["time parameters.profiles.{profile}.think.mean_us"]),
    (rf"{N} profiles", ["count profiles"]),
    (rf"  {T}  seed (\d+)", ["time duration", "plain parameters.seed"]),
    (rf"{N} processes", ["count parameters.processes"]),
    (rf"{N} threads", ["count parameters.threads"]),
    (rf"rooms by Zipf {D}", ["given zipf"]),
    (rf"connections at most {D}/s", ["given connect_rate"]),
    (rf"warm-up {T}", ["time parameters.warm_up_us"]),
    (rf"settling {T}", ["time parameters.settle_us"]),
    (rf"^      arrivals  {D}/s for ([\d:]+)", ["given arrivals.0.users_per_second", "clock parameters.arrivals.0.duration_us"]),
]


def counted(name, path, more=""):
    return (rf"^  {name}\s+{N}(?=  |$){more}", ["count " + path])


SECTIONS = {
    **{word: VERDICT for word in ("PASS", "FAIL", "INTERRUPTED", "INCOMPLETE", "INVALID")},  # the last lines tell it again
    "Thresholds": [(r"^  ([✓✗]) §\s+(.+)$", ["mark {at}", "threshold {at}"])],
    "Split:": [(rf"{N} users? on", ["split"])],
    "Deliveries": [
        (rf"one receiver in {N}", ["count parameters.verify_sample"]),
        counted("expected", "deliveries.expected"),
        (rf"^  received\s+{N}  {P}  {R}", ["count deliveries.received", "share deliveries.received / deliveries.expected", "rate deliveries.received"]),
        *(counted(name, "deliveries." + key) for name, key in (
            ("lost", "lost"), ("doubled", "doubled"), ("out of order", "reordered"), ("corrupt", "corrupt"), ("unexpected", "unexpected"),
            ("not owed, came", "ambiguous"), ("no longer owed", "excused"), ("of others", "foreign"), ("counted only", "counted"))),
    ],
    "Latency": [(r"p50 .*p99\.9 .*max", []), *((rf"^  {name}{LATENCIES}", latencies(path)) for name, path in (
        ("delivery", "delivery_latency"), ("service", "delivery_service"), ("fan-out", "fan_out"),
        ("ack", "ack_latency"), ("connect", "connect_duration"),
        ("TCP", "tcp_duration"), ("TLS", "tls_duration"), ("upgrade", "upgrade_duration"), ("greeting", "greeting_duration"),
        ("join", "join_duration")))],
    "Delivery by phase": [(r"p50 .*p99\.9 .*max", []), (rf"^    service{LATENCIES}", latencies("phases.{at}.delivery_service")),
                          (rf"^  §?{LATENCIES}", latencies("phases.{at}.delivery_latency"))],  # a long name has a line of its own
    "Delivery by profile": [(r"p50 .*p99\.9 .*max", []), (rf"^    ack{LATENCIES}", latencies("profiles.{at}.ack_latency")),
                            (rf"^  (?:\S.*?)?{LATENCIES}", latencies("profiles.{at}.delivery_latency"))],
    "Delivery by host": [(r"p50 .*p99\.9 .*max", []), (rf"^  §{LATENCIES}", latencies("host_delivery_latency[{host}]"))],
    "Messages": [
        counted("planned", "messages.planned"),
        (rf"^  sent\s+{N}  {P}  {R}", ["count messages.sent", "share messages.sent / messages.planned", "rate messages.sent"]),
        (rf"^  answered\s+{N}  {P}", ["count messages.answered", "share messages.answered / messages.planned"]),
        (rf"^  in the busiest second\s+{N} sent, {N} deliveries", ["most sent", "most received"]),
        *(counted(name, "messages." + key) for name, key in (
            ("before the join", "early"), ("refused", "rejected"), ("never answered", "unanswered"), ("answer unknown", "abandoned"),
            ("not a member", "not_member"), ("held back", "held"), ("dropped", "dropped"))),
    ],
    "Connections": [
        (rf"^  connected\s+{N} of {N} attempts?  {P}", ["count connections.connected", "count connections.attempts", "share connections.connected / connections.attempts"]),
        (rf"^  joined\s+{N} of {N} attempts?", ["count connections.joined", "count connections.join_attempts"]),
        (rf"^  lost\s+{N}, {N} joined again", ["count connections.lost", "count connections.reconnects"]),
        (rf"^  not there at the end\s+{N} users?", ["count connections.absent_users"]),
        (rf"^  never came in\s+{N} users?", ["count connections.unarrived_users"]),
        (rf"^  bytes\s+{B} sent, {B} received", ["bytes connections.bytes_sent", "bytes connections.bytes_received"]),
        (rf"^  served by §\s*{N}  {P}", ["count connections.hosts[{host}]", "share connections.hosts[{host}] / connections.connected"]),
    ],
    "Generator": [
        (r"p50 .*p99\.9 .*max", []),
        (rf"^  send lag{LATENCIES}", latencies("send_lag")), (rf"^  loop lag{LATENCIES}", latencies("loop_lag")),
        (rf"^  machine\s+§ +§ +{N} cores?", ["count machine.cores"]),
        (rf"^  CPU of its (?:busiest )?thread\s+{P} on average, at most {P}", ["highest cpu_mean", "highest cpu_peak"]),
        (rf"  of {N} threads", ["count threads"]),
        (rf"^  stolen CPU time\s+{P}", ["part generator.stolen"]),
        counted("negative times", "generator.negative_times"),
    ],
    "Watched process": [(rf"^  § {N}\s*{D} cores on average, at most {D}; memory at most {B}", [
        "plain watched.{at}.pid", "cores watched.{at}.cpu_mean", "cores watched.{at}.cpu_peak", "bytes watched.{at}.memory_peak"])],
    "Notes": [],
    "Files": None,  # their names, and how large they are on the disk
    "Errors": [(rf"^\s+{N}  §", ["count errors[{host}]"]), (rf"^  and {N} other kinds?", ["count other errors"])],
    "A server whose rooms are fixed": [],
}


def givens(run, more=()):
    """The texts of the user's and the server's, whose digits are no figures; the longest first."""
    file, found = run.file, set(more)
    settings = file["parameters"]
    found.update([settings["url"], file["machine"]["host"], file["machine"]["system"], *settings["rooms"], *file["rooms_of_one"], *file["notes"]])
    found.update([*settings["thresholds"], *file["generator"]["limits"], *file["errors"], *file["connections"]["hosts"]])
    found.update(each["name"] for each in [*file["phases"], *file["watched"]])
    found.update(f"{key}={value}" for key, value in settings["tags"].items())
    for split in file["splits"]:
        found.add(split["room"])
        for group in split["groups"]:
            found.update([*group["servers"], *group["epochs"]])
    refused = sorted(file["refusals"].items(), key=lambda each: (-each[1], each[0].encode()))
    found.add(", ".join(key for key, _ in refused))
    return sorted((printable(each) for each in found if re.search(r"[^\d.,\s]", each)), key=len, reverse=True)


def extra(run, figure):
    """Figures that only the text report has; None: it is none of those."""
    kind, _, path = figure.partition(" ")
    file, settings = run.file, run.file["parameters"]
    if figure == "count thresholds.missed":
        return count(run.value("thresholds") - run.value("thresholds.passed"))
    if figure == "count profiles":
        return count(len(settings["profiles"]))
    if figure == "count threads":
        return count(len(file["generator"]["threads"]))
    if figure == "count other errors":
        return count(len(file["errors"]) - 12)
    if kind == "weight":
        return part(settings["profiles"][int(path)]["weight"] / sum(each["weight"] for each in settings["profiles"]))
    if kind == "given":
        return f"{run.at('parameters.' + path):g}"
    if kind == "most":
        return count(max(run.seconds[path]))
    if kind == "highest":
        return percent(max(each[path] for each in file["generator"]["threads"]))
    if kind == "mark":
        return "✓" if run.threshold(settings["thresholds"][int(path)])[1] else "✗"
    return None


def unwrapped(text, url):
    """Its lines, as they were before they were broken: where the next word would not have had place."""
    lines, before = [], 0
    starts = ("    service ", "    ack ", "      " + printable(url))  # of lines of their own behind wide ones
    for line in text.splitlines():
        first = re.match(r" {4,}(\S*\d \S{1,2}(?= |$)|\S+)", line)
        of_value = re.match(r" {28}(?!- |[\d,]+ users? on )\S", line)
        if of_value or first and before + 1 + len(first[1]) > WIDTH and not line.startswith(starts):
            lines[-1] += " " + line.strip()
        else:
            lines.append(line)
        before = len(line)
    return lines


def compare_text(run, text):
    """How many figures the report has, and what is wrong with them."""
    wrong, checked, section, numbers = [], 0, VERDICT, {}
    split_sizes = [count(group["users"]) for split in run.file["splits"] for group in split["groups"]]
    # A profile is often called by a common word, as "user", and is named in lines of its own alone.
    given, of_profiles = givens(run), givens(run, [each["name"] for each in run.file["parameters"]["profiles"]])
    for line in unwrapped(text, run.file["parameters"]["url"]):
        for name, phrases in SECTIONS.items():
            if line.startswith(name):
                section, numbers = phrases, {}
        if section is None:
            continue
        if len(line) > WIDTH and line in text:
            wrong.append(f"a line of more than {WIDTH} columns: {line}")
        names, rest = [], line
        for each in of_profiles if line.startswith("      profile ") else given:
            while each in rest:
                names.append((rest.index(each), each))
                rest = rest.replace(each, "§" + "\0" * (len(each) - 1), 1)  # of the same length, so that places stay
        names = [each for _, each in sorted(names)]
        rest = rest.replace("\0", "")
        for pattern, figures in section:
            found = re.search(pattern, rest)
            if not found:
                continue
            at = numbers.get(pattern, 0)
            numbers[pattern] = at + 1
            if "profile §" in pattern:
                numbers["profile"] = at
            places = {"at": at, "profile": numbers.get("profile", 0), "host": names[-1] if names else ""}
            for figure, shown in zip(figures, found.groups()):
                if shown is None:
                    continue
                checked += 1
                if figure == "split":
                    expected = split_sizes.pop(0)
                else:
                    # A name may have braces.
                    named = re.sub(r"\{(\w+)\}", lambda each: str(places[each[1]]), figure)
                    expected = extra(run, named)
                    expected = run.text(named) if expected is None else expected
                expected = "-" if expected == "–" else expected
                if shown.strip() != expected:
                    wrong.append(f"{figure}: the text has '{shown}', the file says '{expected}': {line}")
            rest = rest[:found.start()] + " " + rest[found.end():]
        if any(c.isdigit() for c in rest.replace("--redis", "")):
            wrong.append(f"a figure that nothing says the meaning of: {line} ({rest})")
    return checked, wrong


def expected_limits(run):
    """What speaks against the generator: sentences with figures of their own."""
    found = []
    for thread in run.file["generator"]["threads"]:
        if thread["seconds"] and thread["busy_seconds"] > 0.1 * thread["seconds"]:
            found.append(f"its thread took more than 90 % of a core in {thread['busy_seconds']} of {thread['seconds']} s")
    loop = run.histogram("loop_lag")
    late = sum(low * number for low, number in loop.buckets.items() if low > 10000)
    of_all = run.duration * max(1, len(run.file["generator"]["threads"]))
    if late > 100000 and late > 0.01 * of_all:
        found.append(f"its threads were late for {percent(min(1, late / of_all))} of the time, by up to {time(loop.max)}")
    lag, delivery = (run.histogram(name).sound(99) for name in ("send_lag", "delivery_latency"))
    if lag is not None and delivery is not None and lag > max(1000, delivery // 10):
        found.append(f"messages left late: send lag p99 {time(lag)}, delivery p99 {time(delivery)}")
    stolen = run.file["generator"]["stolen"]
    if stolen > 0.05:
        found.append(f"its machine was given less than it asked for: {part(stolen)} of its CPU time was stolen")
    return found
