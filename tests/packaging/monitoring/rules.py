# SPDX-License-Identifier: MIT
"""Tests the rules of packaging/monitoring/prometheus by promtool.

usage: rules.py

Each configuration and each rule file passes promtool's check. Two healthy deployments (two servers on one Redis, one server
on SQLite) raise no alert within three hours; one fault each raises its alert, that one alone, five minutes later too, and not before its time. Each
recording rule has the value that the series give. Each alert says what it must, and leads to its paragraph in the runbook.
Exits with 0; 1 and a text if it is not so; 77 where promtool is not installed.
"""

import glob
import os
import re
import subprocess
import sys
import tempfile

from programs import need

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
FOLDER = os.path.join(ROOT, "packaging", "monitoring", "prometheus")
MINUTES = 180  # of each deployment, with a sample a minute
FAULT = 20  # the minute from which something is wrong
MIB = 1024 * 1024


def always(value):
    return f"{value}+0x{MINUTES}"


def grows(by):
    return f"0+{by}x{MINUTES}"


def until(minute, before, after):
    """`before` for this many minutes, then `after`."""
    return f"{before}+0x{minute - 1} {after}+0x{MINUTES - minute}"


def jumps(minute, by):
    """A counter that grows by so much a minute from this minute on."""
    return f"0+0x{minute} {by}+{by}x{MINUTES - minute - 1}"


def histogram(name, labels, bounds, fast):
    """200 observations a minute, 98 % of them at most the first bound, all of them at most the second."""
    return {f'{name}_bucket{{{labels}, le="{bound}"}}': grows(count)
            for bound, count in ((bounds[0], 196 if fast else 20), (bounds[1], 200 if fast else 40), (10, 200), ("+Inf", 200))}


def server(instance, store):
    """The series of a healthy server of 100 connections."""
    own = f'job="parlor", instance="{instance}"'
    gauges = {"up": 1, "parlor_ready": 1, "parlor_draining": 0, "parlor_connections": 100,
              "parlor_connections_limit": 1000, "process_open_fds": 130, "process_max_fds": 1066,
              "process_start_time_seconds": 1000}
    series = {f"{name}{{{own}}}": always(value) for name, value in gauges.items()}
    series[f'parlor_build_info{{{own}, version="1.0", store="{store}"}}'] = always(1)
    for name in ("store_failures", "store_refused", "store_retention_failures"):
        series[f"parlor_{name}_total{{{own}}}"] = always(0)
    series[f"parlor_slow_consumers_total{{{own}}}"] = "0+0x60 1+0x119"
    for result, a_minute in (("accepted", 60), ("malformed", 6), ("full", 0), ("too_many", 0), ("forbidden", 1)):
        series[f'parlor_handshakes_total{{{own}, result="{result}"}}'] = grows(a_minute)
    for code, a_minute in (("1000", 40), ("1005", 10), ("1006", 3), ("4201", 1)):
        series[f'parlor_closes_total{{{own}, code="{code}"}}'] = grows(a_minute)
    series |= histogram("parlor_delivery_seconds", own, (0.01, 0.1), True)
    for worker in "0", "1":
        series |= histogram("parlor_event_loop_lag_seconds", f'{own}, worker="{worker}"', (0.01, 0.05), True)
    if store == "redis":
        series[f"parlor_redis_up{{{own}}}"] = always(1)
        series[f"parlor_redis_diverged_total{{{own}}}"] = always(0)
    if store == "sqlite":
        series |= histogram("parlor_store_commit_seconds", own, (0.01, 0.1), True)
        series[f"parlor_store_wal_bytes{{{own}}}"] = always(4 * MIB)
        series[f"parlor_store_disk_free_bytes{{{own}}}"] = f"{100000 * MIB}-{1 * MIB}x{MINUTES}"
    return series


CLUSTER = server("a", "redis") | server("b", "redis")
SINGLE = server("a", "sqlite")
A = 'job="parlor", instance="a"'
NOBODY = {"alertname": "ParlorNobodyServed"}


def gone(series, instance):
    """A server that Prometheus cannot reach from minute FAULT on."""
    own = {name: values for name, values in series.items() if f'instance="{instance}"' in name}
    return {name: until(FAULT, 1, 0) if name.startswith("up{") else f"{values.rsplit('x', 1)[0]}x{FAULT - 1} stale"
            for name, values in own.items() if name.startswith(("up{", "parlor_ready{", "parlor_build_info{"))}


def alert(name, **labels):
    return {"alertname": name, **labels}


# What is wrong: the deployment, the series that differ from the healthy ones (None: not there), the minutes at which alerts
# fire, and which. Two minutes before the first, none fires: groups of rules are evaluated side by side, so that an alert sees a
# recording rule's value of this minute, or of the one before.
FAULTS = {
    "a server is down": (CLUSTER, gone(CLUSTER, "a"), {FAULT + 2: [alert("ParlorServerDown", instance="a")]}),
    "the only server is down": (SINGLE, gone(SINGLE, "a"), {
        FAULT + 1: [NOBODY], FAULT + 2: [NOBODY, alert("ParlorServerDown", instance="a")]}),
    "there is no target at all": ({}, {}, {1: [NOBODY]}),
    "a server waits for Redis since its start": (
        CLUSTER, {f"parlor_ready{{{A}}}": until(FAULT, 1, 0)}, {FAULT + 5: [alert("ParlorNotReady", instance="a")]}),
    "a drain does not end": (
        CLUSTER, {f"parlor_ready{{{A}}}": until(FAULT, 1, 0), f"parlor_draining{{{A}}}": until(FAULT, 0, 1)},
        {FAULT + 30: [alert("ParlorDrainStuck", instance="a")]}),
    "Redis is away for a server, which refuses messages": (
        CLUSTER, {f"parlor_redis_up{{{A}}}": until(FAULT, 1, 0), f"parlor_store_failures_total{{{A}}}": jumps(FAULT, 5)},
        {FAULT + 1: [alert("ParlorRedisDown", instance="a")]}),
    "Redis is full": (
        CLUSTER, {f"parlor_store_failures_total{{{A}}}": jumps(FAULT, 5)}, {FAULT + 3: [alert("ParlorStoreFailing", instance="a")]}),
    "the queue of the store is full": (
        SINGLE, {f"parlor_store_refused_total{{{A}}}": jumps(FAULT, 5)}, {FAULT + 3: [alert("ParlorStoreFailing", instance="a")]}),
    "deliveries of both servers are slow": (
        CLUSTER, histogram("parlor_delivery_seconds", A, (0.01, 0.1), False)
        | histogram("parlor_delivery_seconds", 'job="parlor", instance="b"', (0.01, 0.1), False),
        {12: [alert("ParlorDeliverySlow")]}),
    "a server ends and starts": (
        CLUSTER, {f"process_start_time_seconds{{{A}}}": f"1000+0x{FAULT - 1} 2000+0x3 3000+0x3 4000+0x110"},
        {FAULT + 8: [alert("ParlorRestartLoop", instance="a")]}),
    "servers behind one address do not share a store": (
        server("a", "redis") | server("b", "sqlite"), {}, {5: [alert("ParlorSplitChat")]}),
    "the disk is full in less than a day": (
        SINGLE, {f"parlor_store_disk_free_bytes{{{A}}}": f"{100000 * MIB}-{100 * MIB}x{MINUTES}"},
        {31: [alert("ParlorDiskFillsUp", instance="a")]}),
    "the disk is nearly full": (
        SINGLE, {f"parlor_store_disk_free_bytes{{{A}}}": always(200 * MIB)},
        {30: [alert("ParlorDiskFillsUp", instance="a")]}),
    "commits are slow": (
        SINGLE, histogram("parlor_store_commit_seconds", A, (0.01, 0.1), False),
        {17: [alert("ParlorCommitSlow", instance="a")]}),
    "a backup hangs": (
        SINGLE, {f"parlor_store_wal_bytes{{{A}}}": until(FAULT, 4 * MIB, 2048 * MIB)},
        {FAULT + 30: [alert("ParlorWalGrows", instance="a")]}),
    "retention fails": (
        SINGLE, {f"parlor_store_retention_failures_total{{{A}}}": jumps(FAULT, 1)},
        {FAULT + 16: [alert("ParlorRetentionFailing", instance="a")]}),
    "Redis failed over and lost messages": (
        CLUSTER, {f"parlor_redis_diverged_total{{{A}}}": until(FAULT, 0, 3)}, {FAULT: [alert("ParlorDiverged", instance="a")]}),
    "one worker of a server is late": (
        CLUSTER, histogram("parlor_event_loop_lag_seconds", A + ', worker="1"', (0.01, 0.05), False),
        {12: [alert("ParlorEventLoopLate", instance="a")]}),
    "connections come near the limit": (
        CLUSTER, {f"parlor_connections{{{A}}}": until(FAULT, 100, 900)},
        {FAULT + 10: [alert("ParlorConnectionsNearLimit", instance="a")]}),
    "there is no limit of connections": (CLUSTER, {f"parlor_connections_limit{{{A}}}": None}, {}),
    "descriptors come near the limit": (
        CLUSTER, {f"process_open_fds{{{A}}}": until(FAULT, 130, 1000)},
        {FAULT + 10: [alert("ParlorDescriptorsNearLimit", instance="a")]}),
    "pages from elsewhere are refused": (
        CLUSTER, {f'parlor_handshakes_total{{{A}, result="forbidden"}}': grows(20)},
        {12: [alert("ParlorRefusing", instance="a", result="forbidden")]}),
    "clients do not read": (
        CLUSTER, {f"parlor_slow_consumers_total{{{A}}}": jumps(FAULT, 3)},
        {FAULT + 7: [alert("ParlorSlowConsumers", instance="a")]}),
    "the network fails": (
        CLUSTER, {f'parlor_closes_total{{{A}, code="1006"}}': jumps(FAULT, 40)},
        {FAULT + 7: [alert("ParlorAbnormalCloses")]}),
    "a deployment stopped half way": (
        CLUSTER, {f'parlor_build_info{{{A}, version="1.0", store="redis"}}': None,
                  f'parlor_build_info{{{A}, version="1.1", store="redis"}}': always(1)},
        {120: [alert("ParlorVersionsDiffer")]}),
}

# Values on the healthy series, at minute 30.
RECORDED = {
    'instance:parlor_delivery_seconds:p99_5m{instance="a"}': 0.055,
    "job:parlor_delivery_seconds:p99_5m": 0.055,
    'instance:parlor_store_commit_seconds:p99_5m{instance="a"}': 0.055,
    'instance:parlor_event_loop_lag_seconds:p99_5m{instance="a"}': 0.03,
    'instance:parlor_handshakes_refused:ratio_rate5m{instance="a", result="forbidden"}': 1 / 67,
    "job:parlor_closes_abnormal:increase5m": 2 * 4 * 5,
    "job:parlor_connections:sum": 200,
}


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def test_of(name, series, questions):
    """A test in promtool's YAML. questions: (minute, expression, {series with labels: value})."""
    lines = [f"  - name: {quoted(name)}", "    interval: 1m", "    input_series:"]
    for each, values in series.items():
        lines += [f"      - series: {quoted(each)}", f"        values: {quoted(values)}"]
    lines.append("    promql_expr_test:")
    for minute, expression, samples in questions:
        lines += [f"      - expr: {quoted(expression)}", f"        eval_time: {minute}m", "        exp_samples:"]
        lines += [f"          - {{labels: {quoted(labels)}, value: {value!r}}}" for labels, value in samples.items()]
    return lines


def firing(minute, alerts):
    """Which alerts fire then: those, each once."""
    labels = ("alertname", "instance", "result")
    samples = {}
    for each in alerts:
        samples["{" + ", ".join(f'{label}="{each[label]}"' for label in labels if label in each) + "}"] = 1
    return minute, f'count by ({", ".join(labels)}) (ALERTS{{alertstate="firing"}})', samples


def tests():
    lines = [f"rule_files: [{os.path.join(FOLDER, 'rules', '*.yml')}]", "evaluation_interval: 1m", "tests:"]
    for name, series in (("two servers on Redis are healthy", CLUSTER), ("a server on SQLite is healthy", SINGLE)):
        lines += test_of(name, series, [firing(minute, []) for minute in (0, 1, 2, 5, *range(10, MINUTES + 1, 10))])
    for name, (series, changes, expected) in FAULTS.items():
        changed = {each: values for each, values in (series | changes).items() if values is not None}
        questions = [firing(max(0, min(expected, default=MINUTES) - 2), [])]
        questions += [firing(minute, alerts) for minute, alerts in expected.items()]
        questions += [firing(minute + 5, expected[minute]) for minute in sorted(expected)[-1:]]
        lines += test_of(name, changed, questions)
    on_single = "instance:parlor_store_commit_seconds:p99_5m"
    for series, wanted in ((CLUSTER, lambda rule: not rule.startswith(on_single)), (SINGLE, lambda rule: rule.startswith(on_single))):
        questions = [(30, f"round({rule}, 0.000001) * 1", {f'{{job="parlor"{", " + rule[rule.index("{") + 1:-1] if "{" in rule else ""}}}':
                                                           round(value, 6)})
                     for rule, value in RECORDED.items() if wanted(rule)]
        lines += test_of("recording rules", series, questions)
    return "\n".join(lines) + "\n"


def run(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", check=False)
    if done.returncode != 0:
        raise SystemExit(f"FAILED {' '.join(command)}\n{done.stdout}")


def read(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as file:
        return file.read()


def check_texts(alerts, text):
    headings = re.findall(r"^#+ (\S+)$", read("docs", "operating.md"), re.MULTILINE)
    blocks = re.split(r"^ +- alert: ", text, flags=re.MULTILINE)[1:]
    for name, block in zip(alerts, blocks):
        for wanted in ("severity: page\n", "severity: notify\n"), ("summary: ",), ("description: ",), (
                f"runbook: docs/operating.md#{name.lower()}\n",):
            if not any(each in block for each in wanted):
                raise SystemExit(f"FAILED the alert {name} lacks {wanted}")
        if name not in headings:
            raise SystemExit(f"FAILED docs/operating.md has no heading {name}: what is to be done when it fires?")
    for heading in headings:
        if heading.startswith("Parlor") and heading not in alerts:
            raise SystemExit(f"FAILED docs/operating.md has a heading {heading}, and there is no such alert")


def main():
    need("promtool")
    for configuration in sorted(glob.glob(os.path.join(FOLDER, "*.yml"))):
        run("promtool", "check", "config", "--lint=all", "--lint-fatal", configuration)
    text = read(FOLDER, "rules", "alerts.yml")
    alerts = re.findall(r"^ +- alert: (\S+)$", text, re.MULTILINE)
    records = re.findall(r"^ +- record: (\S+)$", read(FOLDER, "rules", "recording.yml"), re.MULTILINE)
    tested = {each["alertname"] for _, _, expected in FAULTS.values() for found in expected.values() for each in found}
    if tested != set(alerts):
        raise SystemExit(f"FAILED no test, or no such alert: {sorted(tested ^ set(alerts))}")
    if {rule.split("{")[0] for rule in RECORDED} != set(records):
        raise SystemExit(f"FAILED no test, or no such recording rule: {set(records) ^ {rule.split('{')[0] for rule in RECORDED}}")
    with tempfile.NamedTemporaryFile("w", suffix=".yml", encoding="utf-8") as file:
        file.write(tests())
        file.flush()
        run("promtool", "test", "rules", file.name)
    check_texts(alerts, text)
    print(f"{len(alerts)} alerts and {len(records)} recording rules, {len(FAULTS)} faults, 2 healthy deployments: as expected")


if __name__ == "__main__":
    sys.exit(main())
