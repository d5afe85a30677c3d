# SPDX-License-Identifier: MIT
"""Holds packaging/monitoring/grafana against the rules of Grafana's dashboard-linter, and some of our own.

usage: lint.py            the dashboards' form
       lint.py --built    the JSON is what the jsonnet makes; 77 where jsonnet is not installed

The rules of dashboard-linter: template-datasource, template-job, template-instance, template-on-time-change-reload,
panel-datasource, panel-title-description, panel-units, panel-no-targets, target-rate-interval, target-job, target-instance,
target-counter-agg, target-histogram, uneditable-dashboard (target-promql and template-label-promql need Prometheus: live.py).
What dashboards/.lint excludes is excluded here, too, and an exclusion that nothing needs is an error.
Ours: uids and file names agree, ids and titles are unique, panels lie beside each other, what is provisioned is what is there.
Exits with 0; 1 and a text for each violation.
"""

import glob
import json
import os
import re
import subprocess
import sys
import tempfile

from programs import need
from promql import Query

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
FOLDER = os.path.join(ROOT, "packaging", "monitoring", "grafana")
# Those of Grafana's units that are used here.
UNITS = {"none", "short", "percentunit", "bytes", "Bps", "s", "cps", "reqps"}
WITH_TARGETS = {"stat", "table", "timeseries", "state-timeline", "heatmap", "gauge"}
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}


def dashboards(folder=os.path.join(FOLDER, "dashboards")):
    """File name without its end -> the dashboard."""
    found = {}
    for path in sorted(glob.glob(os.path.join(folder, "*.json"))):
        with open(path, encoding="utf-8") as file:
            found[os.path.basename(path)[:-len(".json")]] = json.load(file)
    return found


def panels(dashboard):
    """All panels but the rows, those inside collapsed rows, too."""
    for panel in dashboard["panels"]:
        if panel["type"] != "row":
            yield panel
        yield from panel.get("panels", [])


class Lint:
    def __init__(self):
        with open(os.path.join(FOLDER, "dashboards", ".lint"), encoding="utf-8") as file:
            self.unused = {(rule, entry["dashboard"], entry["panel"])
                           for rule, exclusion in json.load(file)["exclusions"].items() for entry in exclusion["entries"]}
        self.excluded = set(self.unused)
        self.violations = []

    def demand(self, holds, rule, dashboard, panel, text):
        where = (rule, dashboard["title"], panel["title"] if panel else "")
        if holds:
            return
        if where in self.excluded:
            self.unused.discard(where)
        else:
            self.violations.append(f"{rule}: {where[1]}: {where[2]}: {text}")

    def dashboard(self, name, dashboard):
        def demand(holds, rule, text):
            self.demand(holds, rule, dashboard, None, text)

        demand(dashboard["uid"] == name, "uid", f"the file is {name}.json")
        demand(dashboard["editable"] is False, "uneditable-dashboard", "it is editable")
        variables = {each["name"]: each for each in dashboard["templating"]["list"]}
        source = variables.get("datasource", {})
        demand((source.get("type"), source.get("query"), source.get("label")) == ("datasource", "prometheus", "Data source"),
               "template-datasource-rule", str(source))
        for each in "job", "instance":
            variable = variables.get(each, {})
            demand(variable.get("type") == "query" and variable.get("datasource") == DATASOURCE and variable.get("multi")
                   and variable.get("allValue") == ".+" and variable.get("label") == each.title(), f"template-{each}-rule",
                   str(variable))
            demand(variable.get("refresh") == 2, "template-on-time-change-reload-rule", each)
        found = list(panels(dashboard))
        for what in ("id", "title"):
            every = [(panel[what], panel["type"] if what == "title" else "") for panel in found]
            demand(len(set(every)) == len(every), f"unique {what}s", str(sorted(every, key=str)))
        taken = {}
        for panel in found:
            place = panel["gridPos"]
            demand(place["x"] + place["w"] <= 24, "place", f"{panel['title']} is too far to the right")
            for x in range(place["x"], place["x"] + place["w"]):
                for y in range(place["y"], place["y"] + place["h"]):
                    other = taken.setdefault((x, y, id(self.row_of(dashboard, panel))), panel)
                    demand(other is panel, "place", f"{panel['title']} lies on {other['title']}")
            self.panel(dashboard, panel)

    @staticmethod
    def row_of(dashboard, panel):
        """Panels of different collapsed rows may have the same place."""
        return next((row["panels"] for row in dashboard["panels"] if panel in row.get("panels", [])), None)

    def panel(self, dashboard, panel):
        def demand(holds, rule, text):
            self.demand(holds, rule, dashboard, panel, text)

        demand(panel.get("title") and panel.get("description", "").endswith("."), "panel-title-description-rule",
               "a title, and a sentence")
        demand(panel["datasource"] == DATASOURCE, "panel-datasource-rule", str(panel["datasource"]))
        demand(panel["fieldConfig"]["defaults"].get("unit") in UNITS, "panel-units-rule", str(panel["fieldConfig"]["defaults"]))
        demand(panel["type"] in WITH_TARGETS and panel["targets"], "panel-no-targets-rule", panel["type"])
        for target in panel["targets"]:
            demand(target["datasource"] == DATASOURCE, "panel-datasource-rule", str(target["datasource"]))
            query = Query(target["expr"])
            demand(query.selectors, "target-promql-rule", target["expr"])
            demand(set(query.ranges) <= {"$__rate_interval"}, "target-rate-interval-rule", target["expr"])
            for selector in query.selectors:
                for label in "job", "instance":
                    demand((label, "=~", f"${label}") in selector.matchers, f"target-{label}-rule", str(selector))
                demand(not selector.metric.endswith("_total") or {"rate", "irate", "increase"} & set(selector.functions[-1:]),
                       "target-counter-agg-rule", str(selector))
                demand(not selector.metric.endswith("_bucket") or "histogram_quantile" in selector.functions,
                       "target-histogram-rule", str(selector))


def check_built():
    need("jsonnet")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([os.path.join(FOLDER, "build"), folder], stdout=subprocess.DEVNULL, check=True)
        made = dashboards(folder)
    there = dashboards()
    # Values are compared, since versions of jsonnet write 0.95 in different ways.
    if wrong := sorted(name for name in made.keys() | there.keys() if made.get(name) != there.get(name)):
        raise SystemExit(f"FAILED the jsonnet makes others: {', '.join(wrong)}. Run packaging/monitoring/grafana/build")
    print(f"as built: {', '.join(made)}")


def check_provisioning(violations):
    """The data source that is provisioned is one that the dashboards can choose, and their folder is the one that is read."""
    for name, wanted in (("datasources/prometheus.yml", "type: prometheus"), ("dashboards/parlor.yml", "path: /etc/grafana/dashboards")):
        with open(os.path.join(FOLDER, "provisioning", name), encoding="utf-8") as file:
            if not re.search(rf"^ *{re.escape(wanted)}$", file.read(), re.MULTILINE):
                violations.append(f"provisioning/{name} lacks {wanted}")


def main():
    if sys.argv[1:] == ["--built"]:
        return check_built()
    lint = Lint()
    for name, dashboard in dashboards().items():
        lint.dashboard(name, dashboard)
    lint.violations += [f".lint excludes what is not violated: {each}" for each in sorted(lint.unused)]
    check_provisioning(lint.violations)
    for violation in lint.violations:
        print("FAILED", violation)
    if not lint.violations:
        print(", ".join(f"{name}: {len(list(panels(dashboard)))} panels" for name, dashboard in dashboards().items()))
    return 1 if lint.violations else 0


if __name__ == "__main__":
    sys.exit(main())
