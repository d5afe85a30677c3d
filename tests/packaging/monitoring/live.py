# SPDX-License-Identifier: MIT
"""A real Prometheus scrapes real servers under load, and answers each query of the dashboards and rules.

usage: live.py BIN [--draw FOLDER]

Two servers on one Redis and one on SQLite, from BIN, each with users of `parlor-cli load`. Prometheus takes
packaging/monitoring/prometheus, with these targets and a second between scrapes. Each query of each panel returns series, with
the labels of its legend, or is listed in EMPTY with the reason; each recording rule has a value; each alert is evaluated, and
none fires. The answers are printed. --draw also draws each dashboard as an SVG file.
Exits with 0; 1 and a text for each that is not so; 77 if it cannot be run here.
"""

import argparse
import json
import math
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.parse

import draw
from lint import dashboards, panels
from programs import Programs, get, need, wait

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
FOLDER = os.path.join(ROOT, "packaging", "monitoring", "prometheus")
LOAD_SECONDS = 20
# Queries without an answer while all is well: (dashboard, panel, the query's place in it) -> why.
EMPTY = {
    ("parlor-server", "Restarts", 0): "no server is started anew",
    ("parlor-cluster", "Restarts", 0): "no server is started anew",
    ("parlor-load-test", "Restarts", 0): "no server is started anew",
}
RECORDED_EMPTY = {}


class Prometheus:
    def __init__(self, port):
        self.base = f"http://127.0.0.1:{port}/api/v1"

    def ask(self, path, **parameters):
        try:
            return json.loads(get(f"{self.base}/{path}?{urllib.parse.urlencode(parameters, doseq=True)}"))["data"]
        except urllib.error.HTTPError as error:
            raise SystemExit(f"FAILED {path} {parameters}: {error.read().decode()}") from error

    def series(self, expression, now, seconds):
        """(labels, [(time, value)]) of the last seconds; what is not a number is left out, as Grafana leaves it out."""
        found = []
        for each in self.ask("query_range", query=expression, start=now - seconds, end=now, step=1)["result"]:
            points = [(at, float(value)) for at, value in each["values"] if not math.isnan(float(value))]
            if points:
                found.append((each["metric"], points))
        return found


def answers(url):
    try:
        return get(url)
    except OSError:
        return ""


def expanded(expression):
    """As Grafana fills in its variables."""
    for variable, value in (("$job", ".+"), ("$instance", ".+"), ("$__rate_interval", "10s"), ("$__range", f"{2 * LOAD_SECONDS}s")):
        expression = expression.replace(variable, value)
    return expression


def configuration(programs, ports):
    """That of the repository, with these targets, often enough for a short test."""
    with open(os.path.join(FOLDER, "prometheus.static.yml"), encoding="utf-8") as file:
        text = file.read()
    text = text.replace('"127.0.0.1:9100"', ", ".join(f'"127.0.0.1:{port}"' for port in ports))
    text = re.sub(r"(_interval): 15s", r"\1: 1s", text).replace("- rules/", f"- {FOLDER}/rules/")
    path = os.path.join(programs.folder, "prometheus.yml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def start_prometheus(programs, ports):
    data = os.path.join(programs.folder, "prometheus")
    port = programs.listening("prometheus", r'msg="Listening on".* address=127\.0\.0\.1:(\d+)', "prometheus",
                              "--config.file", configuration(programs, ports), "--storage.tsdb.path", data,
                              "--web.listen-address", "127.0.0.1:0")
    prometheus = Prometheus(port)
    wait(lambda: answers(f"http://127.0.0.1:{port}/-/ready"), "Prometheus does not become ready")
    wait(lambda: [each["health"] for each in prometheus.ask("targets")["activeTargets"]] == ["up"] * len(ports), "a target is not up")
    return prometheus


def load(programs, ports):
    """On each server at once; all that was planned is sent, answered and delivered. Before it somebody comes and goes."""
    for port in ports:
        subprocess.run([os.path.join(programs.binaries, "parlor-cli"), "chat", f"ws://127.0.0.1:{port}/ws", "--no-state"],
                       input="Hello\n", stdout=subprocess.DEVNULL, text=True, check=True)
    running = [subprocess.Popen(
        [os.path.join(programs.binaries, "parlor-cli"), "load", f"ws://127.0.0.1:{port}/ws", "--stages", f"2s:20,{LOAD_SECONDS}s:20",
         "--rate", "2/s", "--rooms", f"monitoring-{port}-1,monitoring-{port}-2"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for port in ports]
    time.sleep(LOAD_SECONDS)  # how long Prometheus watches; nothing is judged by it
    now = time.time()
    for each in running:
        said = each.communicate()[0]
        if each.returncode != 0:
            raise SystemExit(f"FAILED parlor-cli load exited with {each.returncode}:\n{said}")
    return now


def legend(target, labels):
    return re.sub(r"\{\{(\w+)\}\}", lambda match: labels.get(match[1], "?"), target.get("legendFormat", ""))


def judge_panels(prometheus, now, problems):
    """dashboard -> panel's title and type -> the series of all its queries."""
    found_by_panel = {}
    for name, dashboard in dashboards().items():
        annotations = [{"title": each["name"], "type": "annotation", "targets": [{"expr": each["expr"], "legendFormat": each["textFormat"]}],
                        "fieldConfig": {"defaults": {"unit": "short"}}} for each in dashboard["annotations"]["list"]]
        print(f"\n{dashboard['title']}")
        for panel in [*panels(dashboard), *annotations]:
            drawn = found_by_panel.setdefault(name, {}).setdefault((panel["title"], panel["type"]), [])
            for place, target in enumerate(panel["targets"]):
                found = prometheus.series(expanded(target["expr"]), now, LOAD_SECONDS + 5)
                reason = EMPTY.get((name, panel["title"], place))
                if bool(found) == bool(reason):
                    problems.append(f"{name}: {panel['title']}: {target['expr']} has "
                                    + ("an answer, and EMPTY says that it has none" if found else "no answer"))
                for labels, _ in found:
                    for label in re.findall(r"\{\{(\w+)\}\}", target.get("legendFormat", "")):
                        if label not in labels:
                            problems.append(f"{name}: {panel['title']}: its legend names {label}, and there are {labels}")
                drawn += [draw.Series(target.get("refId"), legend(target, labels), labels, points) for labels, points in found]
                value = ", ".join(draw.amount(points[-1][1], draw.unit_of(panel)) for _, points in found[:3])
                print(f"  {panel['title'] if not place else '':38} {len(found):3} series  {value or 'none: ' + str(reason)}"
                      + (", …" if len(found) > 3 else ""))
    return found_by_panel


def judge_variables(prometheus, problems):
    for name, dashboard in dashboards().items():
        for variable in dashboard["templating"]["list"]:
            if variable["type"] == "query":
                selector, label = re.fullmatch(r"label_values\((.*), (\w+)\)", variable["definition"]).groups()
                if not prometheus.ask(f"label/{label}/values", **{"match[]": expanded(selector)}):
                    problems.append(f"{name}: the variable {variable['name']} has no values")


def judge_rules(prometheus, now, problems):
    print("\nRecording rules")
    alerts = []
    for group in prometheus.ask("rules")["groups"]:
        for rule in group["rules"]:
            if rule["health"] != "ok":
                problems.append(f"{rule['name']}: {rule['health']}: {rule.get('lastError')}")
            if rule["type"] == "alerting":
                alerts.append(rule)
                continue
            found = prometheus.series(rule["name"], now, LOAD_SECONDS + 5)
            reason = RECORDED_EMPTY.get(rule["name"])
            if bool(found) == bool(reason):
                problems.append(f"{rule['name']} has " + ("a value" if found else "no value"))
            print(f"  {rule['name']:58} {len(found):3} series  "
                  + (", ".join(f"{points[-1][1]:.4g}" for _, points in found[:3]) or f"none: {reason}"))
    print("\nAlerts")
    for rule in alerts:
        # A slow machine may make some wait for their time. That one does: servers with and without Redis are here in one job.
        if rule["state"] == "firing" or (rule["name"] == "ParlorSplitChat" and rule["state"] != "pending"):
            problems.append(f"{rule['name']} is {rule['state']}: {rule['alerts']}")
        print(f"  {rule['name']:30} {rule['labels']['severity']:8} {rule['state']}")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("binaries", metavar="BIN")
    options.add_argument("--draw", metavar="FOLDER")
    given = options.parse_args()
    need("redis-server", "prometheus")
    problems = []
    with Programs(given.binaries) as programs:
        redis = programs.redis()
        ports = [programs.server("one", "--redis", redis), programs.server("two", "--redis", redis),
                 programs.server("three", *programs.sqlite("three"))]
        prometheus = start_prometheus(programs, ports)
        now = load(programs, ports)
        found_by_panel = judge_panels(prometheus, now, problems)
        judge_variables(prometheus, problems)
        judge_rules(prometheus, now, problems)
    if given.draw:
        for name, dashboard in dashboards().items():
            path = os.path.join(given.draw, f"{name}.svg")
            with open(path, "w", encoding="utf-8") as file:
                file.write(draw.dashboard(dashboard, found_by_panel[name]))
            print(f"drawn: {path}")
    for problem in problems:
        print("FAILED", problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
