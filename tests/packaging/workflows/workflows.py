# SPDX-License-Identifier: MIT
"""The workflows of .github can be read, call scripts that are there, name systems and presets that are known, and may do little.

Exits with 0; 1 and a text if it is not so; 77 without python3-yaml.
"""

import glob
import json
import os
import re
import sys

try:
    import yaml
except ImportError as missing:
    print(missing)
    sys.exit(77)

ROOT = os.path.join(os.path.dirname(__file__), "..", "..", "..")
SYSTEMS = {"debian:12": "Debian 12", "debian:13": "and 13", "ubuntu:24.04": "Ubuntu 24.04"}


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def problems_of(name, text, presets, readme):
    """What is wrong with a workflow."""
    flow = yaml.safe_load(text)
    if flow.get("permissions") != {"contents": "read"}:
        yield "it may do more than read"
    if "concurrency" not in flow:
        yield "runs of one branch go on beside each other"
    called = set()
    for title, job in flow["jobs"].items():
        if "timeout-minutes" not in job:
            yield f"{title} has no timeout-minutes"
        if "permissions" in job and (name, title) != ("release.yml", "publish"):
            yield f"{title} has permissions of its own"
        matrix = job.get("strategy", {}).get("matrix", {})
        cells = [matrix, *matrix.get("include", [])]
        for key, known in (("system", SYSTEMS), ("preset", ["", *presets])):
            values = [value for cell in cells for value in (cell.get(key, []) if isinstance(cell.get(key), list) else [cell[key]] if key in cell else [])]
            for value in values:
                if value not in known:
                    yield f"{title}: {key} \"{value}\" is not known"
                elif key == "system" and known[value] not in readme:
                    yield f"{title}: README.md does not say {known[value]}"
        for step in job["steps"]:
            if "uses" in step and not re.fullmatch(r"[\w.-]+/[\w./-]+@(v\d+|[0-9a-f]{40})", step["uses"]):
                yield f"{title}: {step['uses']} is no version and no commit"
            if "${{" in step.get("run", ""):
                yield f"{title}: a script takes a value as text; env: is the way"
            called.update(re.findall(r"(?:^|\s)(\.ci/[\w-]+)", step.get("run", "")))
    if not called:
        yield "it calls none of the scripts in .ci"
    for script in called:
        if not os.access(os.path.join(ROOT, script), os.X_OK):
            yield f"{script} is not there, or cannot be executed"


def main():
    presets = [each["name"] for each in json.loads(read("CMakePresets.json"))["testPresets"]]
    readme = read("README.md")
    found = 0
    flows = sorted(glob.glob(".github/workflows/*.yml", root_dir=ROOT))
    for flow in flows:
        for problem in problems_of(os.path.basename(flow), read(flow), presets, readme):
            print(f"FAILED {flow}: {problem}")
            found += 1
    bad = """jobs: {a: {permissions: {contents: write}, strategy: {matrix: {system: [debian:1], include: [{preset: x}]}},
              steps: [{uses: a/b@main}, {run: "echo ${{ github.ref }}; .ci/none"}]}}"""
    seen = list(problems_of("x.yml", bad, presets, readme))
    if len(seen) != 9:
        print(f"FAILED of 9 mistakes it sees these: {seen}")
        found += 1
    return 1 if found or not flows else 0


if __name__ == "__main__":
    sys.exit(main())
