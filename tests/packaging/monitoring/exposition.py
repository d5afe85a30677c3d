# SPDX-License-Identifier: MIT
"""Prometheus' text format, as far as names go."""

import re


class Family:
    def __init__(self, kind):
        self.kind = kind
        self.labels = set()


def families(text):
    """Name -> Family, of what a server exposes."""
    found = {}
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            found[name] = Family(kind)
        elif line and not line.startswith("#"):
            name, labels = re.fullmatch(r"([a-zA-Z0-9_:]+)(?:\{(.*)\})? \S+", line).groups()
            family = found.get(name) or found[re.sub(r"_(bucket|sum|count)$", "", name)]
            family.labels |= set(re.findall(r'([a-z_]+)="', labels or ""))
    return found


def series(found):
    """Name -> labels, of each name that a query may ask for."""
    names = {}
    for name, family in found.items():
        if family.kind == "histogram":
            names[f"{name}_bucket"] = family.labels | {"le"}
            names[f"{name}_sum"] = names[f"{name}_count"] = family.labels - {"le"}
        else:
            names[name] = family.labels
    return names
