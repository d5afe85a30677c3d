# SPDX-License-Identifier: MIT
"""Draws a dashboard as SVG: its panels where Grafana has them, with the series that Prometheus answered."""

from html import escape

WIDTH = 60  # of a column of Grafana's grid of 24
HEIGHT = 34  # of a line of it
COLOURS = ("#73bf69", "#f2cc0c", "#5794f2", "#ff780a", "#b877d9", "#e02f44", "#8ab8ff", "#96d98d")
SCALES = {"s": ((1, " s"), (1e-3, " ms"), (1e-6, " µs")), "percentunit": ((0.01, " %"),),
          "bytes": ((2**30, " GiB"), (2**20, " MiB"), (2**10, " KiB"), (1, " B")),
          "Bps": ((1e9, " GB/s"), (1e6, " MB/s"), (1e3, " kB/s"), (1, " B/s")),
          "cps": ((1e6, " M/s"), (1e3, " k/s"), (1, "/s")), "reqps": ((1, " req/s"),)}


class Series:
    """What Prometheus answered: labels, and (time, value) pairs."""

    def __init__(self, query, legend, labels, points):
        self.query, self.legend, self.labels, self.points = query, legend, labels, points

    @property
    def newest(self):
        return self.points[-1][1]


def unit_of(panel_):
    """Of the values of its queries. A heatmap's is that of its buckets' bounds."""
    return "short" if panel_["type"] == "heatmap" else panel_["fieldConfig"]["defaults"]["unit"]


def amount(value, unit):
    """A value with its unit, as Grafana writes it."""
    scales = SCALES.get(unit, ((1e6, " M"), (1e3, " k"), (1, "")))
    factor, name = next((each for each in scales if abs(value) >= each[0]), scales[-1])
    return f"{value / factor:.3g}{name}"


def text(x, y, words, size=11, colour="#ccccdc", anchor="start"):
    return f'<text x="{x:.0f}" y="{y:.0f}" font-size="{size}" fill="{colour}" text-anchor="{anchor}">{escape(words)}</text>'


def numbers(x, y, width, height, series, unit):
    """The newest value of each series."""
    lines = []
    shown = series[:max(1, int((height - 30) / 22))]
    for line, each in enumerate(shown):
        words = each.legend if len(each.legend) > 20 else f"{each.legend} {amount(each.newest, unit)}".strip()
        size = 26 if len(series) == 1 and len(words) < 14 else 13
        lines.append(text(x + width / 2, y + (height / 2 + 18 if len(series) == 1 else 44 + 22 * line), words, size, COLOURS[0], "middle"))
    return lines


def table(x, y, width, panel_, series):
    """A line for each server; its columns are fields of the labels, or the value of a query ("Value #B")."""
    names = panel_["transformations"][-1]["options"]["renameByName"]
    order = panel_["transformations"][-1]["options"]["indexByName"]
    units = {each["matcher"]["options"]: each["properties"][0]["value"] for each in panel_["fieldConfig"]["overrides"]}
    servers = sorted({each.labels["instance"] for each in series})
    lines = []
    for column, field in enumerate(sorted(order, key=order.get)):
        at = x + 10 + column * (width - 20) / len(order)
        lines.append(text(at, y + 44, names[field], 11, "#8e8e9a"))
        for line, server in enumerate(servers):
            own = [each for each in series if each.labels["instance"] == server]
            if field.startswith("Value #"):
                words = next((amount(each.newest, units[names[field]]) for each in own if each.query == field[-1]), "")
            else:
                words = next((each.labels[field] for each in own if field in each.labels), "")
            lines.append(text(at, y + 70 + 24 * line, words, 12))
    return lines


def curves(x, y, width, height, series, unit, top):
    """A line for each series; a legend of the first few below."""
    legends = series[:3]
    left, bottom = x + 64, y + height - 14 - 14 * len(legends)
    wide, high = width - 76, bottom - y - 30
    begin = min(each.points[0][0] for each in series)
    span = max(max(each.points[-1][0] for each in series) - begin, 1)
    most = top or max(max(value for _, value in each.points) for each in series) or 1
    lines = []
    for share in (0, 0.5, 1):
        at = bottom - share * high
        lines.append(f'<line x1="{left}" y1="{at:.1f}" x2="{left + wide}" y2="{at:.1f}" stroke="#2f3138"/>')
        lines.append(text(left - 6, at + 4, amount(share * most, unit), 10, "#8e8e9a", "end"))
    for number, each in enumerate(series):
        colour = COLOURS[number % len(COLOURS)]
        path = " ".join(f"{left + (at - begin) / span * wide:.1f},{bottom - min(value / most, 1) * high:.1f}" for at, value in each.points)
        lines.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        if number < len(legends):
            lines.append(text(left, bottom + 14 + 14 * number, f"{each.legend or 'value'}  {amount(each.newest, unit)}", 10, colour))
    return lines


def panel(each, series, top_of_row):
    place = each["gridPos"]
    x, y = place["x"] * WIDTH + 4, top_of_row + 4
    width, height = place["w"] * WIDTH - 8, place["h"] * HEIGHT - 8
    unit = unit_of(each)
    lines = [f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="3" fill="#181b1f" stroke="#2f3138"/>',
             text(x + 10, y + 18, each["title"], 12, "#d8d9da")]
    if not series:
        lines.append(text(x + width / 2, y + height / 2, "no data: all is well", 12, "#8e8e9a", "middle"))
    elif each["type"] == "table":
        lines += table(x, y, width, each, series)
    elif each["type"] == "stat":
        lines += numbers(x, y, width, height, series, unit)
    else:
        lines += curves(x, y, width, height, series, unit, each["fieldConfig"]["defaults"].get("max"))
    return lines


def dashboard(found, answers):
    """SVG. answers: (title, type) of a panel -> [Series]. Collapsed rows are drawn open."""
    lines, top = [text(8, 24, found["title"], 18)], 40
    rows = []  # (title, its panels)
    for each in found["panels"]:
        if each["type"] == "row":
            rows.append((each["title"], list(each["panels"])))
        else:
            rows[-1][1].append(each)
    for title, inside in rows:
        lines.append(text(8, top + 20, f"▾ {title}", 14))
        first = min(each["gridPos"]["y"] for each in inside)
        for each in inside:
            lines += panel(each, answers[each["title"], each["type"]], top + 28 + (each["gridPos"]["y"] - first) * HEIGHT)
        top += 28 + (max(each["gridPos"]["y"] + each["gridPos"]["h"] for each in inside) - first) * HEIGHT + 8
    return "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {24 * WIDTH} {top}" width="{24 * WIDTH}" '
                      f'height="{top}" font-family="sans-serif">', '<rect width="100%" height="100%" fill="#111217"/>', *lines, "</svg>"])
