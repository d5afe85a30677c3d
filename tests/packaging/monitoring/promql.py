# SPDX-License-Identifier: MIT
"""What a PromQL query asks for: its selectors (a metric, and labels), ranges, and the labels that it groups by.

It is no parser: promtool and Prometheus judge queries. It finds names in those that they take.
"""

import re

TOKEN = re.compile(r"""
    (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
  | (?P<range>\[[^\]]*\])
  | (?P<name>[A-Za-z_:][A-Za-z0-9_:]*)
  | (?P<number>[0-9][0-9.a-z]*)
  | (?P<sign>=~|!~|!=|==|<=|>=|[^\s])
""", re.VERBOSE)
# A list of labels comes behind them.
LISTS = {"by", "without", "on", "ignoring", "group_left", "group_right"}
WORDS = LISTS | {"and", "or", "unless", "bool", "offset", "sum", "min", "max", "avg", "count", "group", "topk", "bottomk",
                 "quantile", "stddev", "stdvar", "count_values", "atan2", "inf", "nan"}


class Selector:
    def __init__(self, metric):
        self.metric = metric
        self.matchers = []  # (label, sign, value)
        self.functions = []  # those around it, the outermost first

    def __repr__(self):
        return f"{self.metric}{{{', '.join(f'{label}{sign}{value!r}' for label, sign, value in self.matchers)}}}"


class Query:
    def __init__(self, text):
        self.text = text
        self.selectors = []
        self.ranges = []
        self.labels = set()
        tokens = [(match.lastgroup, match.group()) for match in TOKEN.finditer(text)]
        calls = []  # what each open parenthesis belongs to
        at = 0
        while at < len(tokens):
            kind, word = tokens[at]
            following = tokens[at + 1][1] if at + 1 < len(tokens) else ""
            if kind == "range":
                self.ranges.append(word[1:-1])
            elif kind == "sign" and word == "(":
                calls.append(tokens[at - 1][1] if at and tokens[at - 1][0] == "name" else "")
            elif kind == "sign" and word == ")":
                calls.pop()
            elif kind == "name" and word in LISTS and following == "(":
                end = tokens.index(("sign", ")"), at)
                self.labels |= {each for each_kind, each in tokens[at:end] if each_kind == "name" and each != word}
                at = end
            elif kind == "name" and word not in WORDS and following != "(":
                selector = Selector(word)
                selector.functions = [each for each in calls if each]
                self.selectors.append(selector)
                if following == "{":
                    end = tokens.index(("sign", "}"), at)
                    inner = [each for each in tokens[at + 2:end] if each != ("sign", ",")]
                    for label, sign, value in zip(inner[::3], inner[1::3], inner[2::3]):
                        selector.matchers.append((label[1], sign[1], value[1][1:-1]))
                    at = end
            at += 1


def check_self():
    query = Query('sum by (a, le) (rate(m_total{x="1", y=~"b|c"}[5m])) / on (job) group_left() clamp_max(n:rate5m, 2) or vector(0)')
    found = [(each.metric, each.matchers, each.functions) for each in query.selectors]
    assert found == [("m_total", [("x", "=", "1"), ("y", "=~", "b|c")], ["rate"]), ("n:rate5m", [], ["clamp_max"])], found
    assert query.ranges == ["5m"] and query.labels == {"a", "le", "job"}, (query.ranges, query.labels)


check_self()
