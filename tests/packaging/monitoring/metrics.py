# SPDX-License-Identifier: MIT
"""Each metric that a query or a document names is one that servers have, with these labels; each metric is documented.

usage: metrics.py BIN

Starts servers from BIN, one of each kind of store, scrapes them, and reads: the dashboards, the rules,
packaging/terraform and docs/operating.md.
Exits with 0; 1 and a text for each name that is not so; 77 if it cannot be run here.
"""

import glob
import os
import re
import sys

import exposition
from lint import dashboards, panels
from programs import Programs, get, need
from promql import Query

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
# Prometheus' own, and what it adds.
PROMETHEUS = {"up": set()}
TARGET = {"job", "instance"}
# Closes are counted by codes that have come.
AT_FIRST_CLOSE = {"parlor_closes_total": {"code"}}


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def scraped(binaries):
    """The families of servers of all kinds."""
    found = {}
    with Programs(binaries) as programs:
        redis = programs.redis()
        for name, options in (("memory", ("--store", "memory")), ("sqlite", programs.sqlite("sqlite")), ("redis", ("--redis", redis))):
            port = programs.server(name, *options)
            for family, figures in exposition.families(get(f"http://127.0.0.1:{port}/metrics")).items():
                found.setdefault(family, figures).labels.update(figures.labels)
    for name, labels in AT_FIRST_CLOSE.items():
        found[name].labels |= labels
    return found


def expressions(rules):
    """(what a rule is called, what it asks for) of a file of rules. An expression is a line, or a folded text below it."""
    for block in re.split(r"^ +- (?=alert: |record: )", rules, flags=re.MULTILINE)[1:]:
        name = re.match(r"\w+: (\S+)", block)[1]
        yield name, " ".join(re.search(r"^ +expr: (?:>-)?((?:.*)(?:\n {10,}.*)*)", block, re.MULTILINE)[1].split())


def queries(recorded):
    """(where it stands, expression); what rules record goes to `recorded`, with the labels that its name's level says."""
    for name, dashboard in dashboards().items():
        for panel in panels(dashboard):
            for target in panel["targets"]:
                yield f"{name}: {panel['title']}", target["expr"]
        for annotation in dashboard["annotations"]["list"]:
            yield f"{name}: {annotation['name']}", annotation["expr"]
        for variable in dashboard["templating"]["list"]:
            if variable["type"] == "query":
                yield f"{name}: ${variable['name']}", re.fullmatch(r"label_values\((.*), \w+\)", variable["definition"])[1]
    for path in sorted(glob.glob(os.path.join(ROOT, "packaging", "monitoring", "prometheus", "rules", "*.yml"))):
        for name, expression in expressions(read(path)):
            if ":" in name:
                query = Query(expression)
                recorded[name] = set.union(query.labels, {"job"})
            yield name, expression


def check(known, problems):
    recorded = {}
    every = list(queries(recorded))
    names = exposition.series(known) | PROMETHEUS | recorded
    for where, expression in every:
        query = Query(expression)
        labels = set(TARGET)
        for selector in query.selectors:
            if selector.metric not in names:
                problems.append(f"{where} asks for {selector.metric}, which no server has")
                continue
            labels |= names[selector.metric]
            for label in {each for each, _, _ in selector.matchers} - names[selector.metric] - TARGET:
                problems.append(f"{where} asks for {selector.metric} by {label}, a label that it has not")
        if query.labels - labels:
            problems.append(f"{where} groups by {query.labels - labels}, which its series do not have")
    return len(every)


def check_terraform(known, problems):
    """CloudWatch's agent scrapes, too; alarms and a dashboard ask for what it publishes."""
    names = exposition.series(known)
    for path in sorted(glob.glob(os.path.join(ROOT, "packaging", "terraform", "**", "*.tf"), recursive=True)):
        for name in set(re.findall(r'"((?:parlor|process)_\w+)"', read(path))) - set(names):
            problems.append(f"{os.path.relpath(path, ROOT)} names {name}, which no server has")


def documented():
    """What the section "Watch it" of docs/operating.md lists, name -> labels, and where process_* stands for all."""
    section = re.search(r"^## Watch it\n(.*?)^## ", read(os.path.join(ROOT, "docs", "operating.md")), re.MULTILINE | re.DOTALL)[1]
    found = {}
    for cell in re.findall(r"^\| (`.*?) \|", section, re.MULTILINE):
        for name, labels in re.findall(r"`(\w+)(?:\{(.*?)\})?`", cell):
            found[name] = set(filter(None, labels.split(",")))
    return found


def check_documents(known, problems):
    listed = documented()
    for name in sorted(set(known) - set(listed)):
        problems.append(f'docs/operating.md, "Watch it", lacks {name}')
    for name in sorted(set(listed) - set(known)):
        problems.append(f'docs/operating.md, "Watch it", has {name}, which no server has')
    for name in sorted(set(listed) & set(known)):
        if listed[name] != known[name].labels - {"le"}:
            problems.append(f"docs/operating.md: {name} has the labels {sorted(known[name].labels - {'le'})}")
    for path in sorted(glob.glob(os.path.join(ROOT, "docs", "**", "*.md"), recursive=True)):
        if os.path.basename(path) == "architecture.md":
            continue # it names functions of CMake, too
        # The load generator's are held against docs/load-metrics.md by tst_load_metrics.
        names = re.findall(r"`(parlor_(?!load_)\w+|process_\w+)", read(path))
        for name in set(names) - set(exposition.series(known)) - set(known):
            problems.append(f"{os.path.relpath(path, ROOT)} names {name}, which no server has")


def main():
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    need("redis-server")
    problems = []
    known = scraped(sys.argv[1])
    count = check(known, problems)
    check_terraform(known, problems)
    check_documents(known, problems)
    for problem in problems:
        print("FAILED", problem)
    if not problems:
        print(f"{len(known)} metrics, {count} queries")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
