# SPDX-License-Identifier: MIT
"""`parlor-cli load --prom-compat k6` fills the dashboard of the tutorial's load test, through a real Prometheus.

usage: k6.py BIN

A short run of the preset `seed` writes to Prometheus (remote write), as the tutorial's k6 does. Each query of the tutorial's six
panels has values while it lasts, and at the end those of the run's file; so have the counters of the load generator's own names.
Exits with 0; 1 and a text for each that is not so; 77 if it cannot be run here.
"""

import json
import os
import subprocess
import sys
import time

from live import Prometheus, answers
from programs import Programs, get, need, wait

TESTID = "panels"
STAGES = "1s:20,5s:20,1s:40,5s:40,1s:0"


def start_prometheus(programs):
    configuration = os.path.join(programs.folder, "prometheus.yml")
    with open(configuration, "w", encoding="utf-8") as file:
        file.write("global: {}\n")
    port = programs.listening("prometheus", r'msg="Listening on".* address=127\.0\.0\.1:(\d+)', "prometheus",
                              "--config.file", configuration, "--storage.tsdb.path", os.path.join(programs.folder, "prometheus"),
                              "--web.listen-address", "127.0.0.1:0", "--web.enable-remote-write-receiver")
    wait(lambda: answers(f"http://127.0.0.1:{port}/-/ready"), "Prometheus does not become ready")
    return port


def load(programs, server, prometheus):
    """The run's file."""
    path = os.path.join(programs.folder, "run.json")
    ended = subprocess.run([os.path.join(programs.binaries, "parlor-cli"), "load", f"ws://127.0.0.1:{server}", "--preset", "seed",
                            "--stages", STAGES, "--rate", "2/s", "--prom-compat", "k6", "--tag", f"testid={TESTID}", "--quiet",
                            "--prom-remote-write", f"http://127.0.0.1:{prometheus}/api/v1/write", "--out", path],
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if ended.returncode != 0:
        raise SystemExit(f"FAILED parlor-cli load ended with {ended.returncode}:\n{ended.stdout}")
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def panels(run):
    """(panel, its query, its newest value by the run's file)"""
    connections, messages = run["connections"], run["messages"]
    return [
        ("WebSocket Connection Success Rate", "k6_ws_connection_success_rate_rate", connections["connected"] / connections["attempts"]),
        ("WebSocket Message Latency (P99)", "k6_ws_message_latency_p99", run["histograms"]["delivery_latency"]["p99_us"] / 1e3),
        ("WebSocket Sessions Total", "k6_ws_sessions_total", connections["connected"]),
        ("WebSocket Messages Sent Total", "k6_ws_msgs_sent_total", messages["sent"]),
        ("WebSocket Messages Received Total", "k6_ws_msgs_received_total", run["deliveries"]["received"]),
        ("Active Virtual Users", "k6_vus", 0),
    ]


def counters(run):
    """The generator's own, by the run's file."""
    messages, deliveries = run["messages"], run["deliveries"]
    return {
        "sum(parlor_load_messages_planned_total)": messages["planned"],
        "sum(parlor_load_messages_sent_total)": messages["sent"],
        "sum(parlor_load_messages_acked_total)": messages["answered"],
        "parlor_load_deliveries_expected_total": deliveries["expected"],
        "parlor_load_deliveries_received_total": deliveries["received"],
        "parlor_load_deliveries_lost_total": deliveries["lost"],
        "sum(parlor_load_delivery_latency_seconds_count)": run["histograms"]["delivery_latency"]["count"],
        "parlor_load_bytes_received_total": run["connections"]["bytes_received"],
    }


def main():
    need("prometheus")
    problems = []
    with Programs(sys.argv[1]) as programs:
        server = programs.server("server", "--store", "memory")
        port = start_prometheus(programs)
        begun = time.time()
        run = load(programs, server, port)
        prometheus = Prometheus(port)
        now = time.time()

        def newest(query):
            """Of each series of its answer. A clock that was set meanwhile may be behind the samples' times."""
            return [float(each["value"][1]) for each in prometheus.ask("query", query=query, time=now + 2)["result"]]

        for title, query, expected in panels(run):
            found = prometheus.series(query, now, now - begun)
            if [labels.get("testid") for labels, _ in found] != [TESTID]:
                problems.append(f"{title}: {query} has the series {[labels for labels, _ in found]}")
                continue
            most = max(value for _, value in found[0][1])
            print(f"{title:34} {query:36} {len(found[0][1]):3} values, up to {most:g}, the last {newest(query)}")
            if most <= 0:
                problems.append(f"{title}: {query} is never above 0")
            if not all(abs(value - expected) <= 1e-9 * expected for value in newest(query)):
                problems.append(f"{title}: {query} ends with {newest(query)}, and the run's file says {expected:g}")
        for query, expected in counters(run).items():
            if newest(query) != [expected]:
                problems.append(f"{query} ends with {newest(query)}, and the run's file says {expected}")
        # Joins happen, and each message is heard by more than one.
        if run["deliveries"]["received"] <= 2 * run["messages"]["sent"]:
            problems.append(f"{run['messages']['sent']} messages had {run['deliveries']['received']} deliveries")
    for problem in problems:
        print("FAILED", problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
