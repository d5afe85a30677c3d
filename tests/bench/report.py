# SPDX-License-Identifier: MIT
"""Medians of compare.py's rounds, and the table of them."""
from statistics import median


def row_of(phases):
    """What several rounds of one server in one scenario come to; medians, and whether every round was complete."""
    def middle(value):
        values = [value(phase) for phase in phases]
        return median(values) if all(each is not None for each in values) else None

    failed = [phase for phase in phases if not phase["complete"]
              or not (phase["deliveries"] or phase["connections"])]
    row = {"rounds": len(phases), "complete": not failed, "problem": failed[0]["problem"] if failed else "",
           "clients": phases[0].get("clients", 0)}
    if failed:
        if not row["problem"]:
            row["problem"] = ("{deliveries} of {owed} deliveries, {misplaced} out of place, {corrupt} corrupt"
                              .format(**failed[0]))
        return row
    costs = [phase["server_cpu_ns"] / 1000 / units(phase) for phase in phases]
    row.update(cpu_us=median(costs), cpu_us_min=min(costs), cpu_us_max=max(costs),
               per_second=middle(lambda phase: units(phase) / phase["duration_ns"] * 1e9),
               payload=middle(lambda phase: phase["payload_bytes"] / max(phase["deliveries"], 1)),
               p50_ms=middle(lambda phase: quantile(phase, "latency_ns", "p50")),
               p99_ms=middle(lambda phase: quantile(phase, "latency_ns", "p99")),
               lag_p99_ms=middle(lambda phase: quantile(phase, "send_lag_ns", "p99")),
               rss_bytes=middle(lambda phase: per_connection(phase, "rss_growth")),
               private_dirty_bytes=middle(lambda phase: per_connection(phase, "private_dirty_growth")))
    return row


def units(phase):
    return max(phase["deliveries"] or phase["connections"], 1)


def quantile(phase, name, which):
    return phase[name][which] / 1e6 if phase[name] else None


def per_connection(phase, name):
    return phase[name] / phase["connections"] if phase["connections"] else None


def add_ratios(rows, servers):
    """Parlor's CPU to each server's, and each server's to that of the floor that sends as it does."""
    ways = {server.name: server.sends for server in servers}
    costs = {name: row["cpu_us"] for name, row in rows.items() if row.get("cpu_us")}
    own = [costs[name] for name in costs if name.startswith("parlor")]
    for name, cost in costs.items():
        base = costs.get(f"floor/{ways[name]}")
        if base:
            rows[name]["to_floor"] = cost / base
        if own and not name.startswith(("parlor", "floor")):
            rows[name]["parlor_to_it"] = own[0] / cost


COLUMNS = {
    "deliveries": [("CPU us", "cpu_us", "{:.2f}"), ("least", "cpu_us_min", "{:.2f}"), ("most", "cpu_us_max", "{:.2f}"),
                   ("Parlor/it", "parlor_to_it", "{:.2f}"), ("it/floor", "to_floor", "{:.2f}"),
                   ("a second", "per_second", "{:.0f}"), ("payload", "payload", "{:.0f}"),
                   ("p50 ms", "p50_ms", "{:.2f}"), ("p99 ms", "p99_ms", "{:.2f}"), ("late p99", "lag_p99_ms", "{:.2f}"),
                   ("clients", "clients", "{}")],
    "connections": [("CPU us", "cpu_us", "{:.1f}"), ("least", "cpu_us_min", "{:.1f}"), ("most", "cpu_us_max", "{:.1f}"),
                    ("Parlor/it", "parlor_to_it", "{:.2f}"), ("it/floor", "to_floor", "{:.2f}"),
                    ("a second", "per_second", "{:.0f}"), ("Rss B", "rss_bytes", "{:.0f}"),
                    ("dirty B", "private_dirty_bytes", "{:.0f}"), ("p50 ms", "p50_ms", "{:.2f}"),
                    ("p99 ms", "p99_ms", "{:.2f}"), ("clients", "clients", "{}")],
}


def table(title, kind, rows, servers):
    """One scenario as aligned text. Who has no figures is named, with the reason."""
    columns = COLUMNS[kind]
    lines = [f"\n{title}", "  " + f"{'':18}" + "".join(f"{head:>10}" for head, _, _ in columns)]
    for server in servers:
        row = rows.get(server.name)
        if server.missing:
            lines.append(f"  {server.name:18}  skipped: {server.missing}")
        elif row and not row["complete"]:
            lines.append(f"  {server.name:18}  NOT COMPLETE: {row['problem']}")
        elif row:
            cells = [form.format(row[key]) if row.get(key) is not None else "-" for _, key, form in columns]
            lines.append(f"  {server.name:18}" + "".join(f"{cell:>10}" for cell in cells))
    return "\n".join(lines)


# What Parlor is to reach: the phase, by words of its title; whose figure, divided by whose; and what it may be at most.
AIMS = [
    (", 1 in flight", "parlor/io_uring", "floor/io_uring", "cpu_us", 1.15),
    (", 16 in flight", "parlor/io_uring", "floor/io_uring", "cpu_us", 1.3),
    (", 1 in flight", "parlor/send", "floor/send", "cpu_us", 1.15),
    (", 1 in flight", "parlor/io_uring", "ws", "cpu_us", 0.35),
    (", 16 in flight", "parlor/io_uring", "ws", "cpu_us", 0.06),
    ("rooms of one", "parlor/io_uring", "ws", "cpu_us", 0.3),
    ("planned time", "parlor/io_uring", "ws", "p99_ms", 0.5),
    ("connect storm", "parlor/io_uring", "ws", "cpu_us", 0.25),
    ("connect storm", "parlor/io_uring", None, "cpu_us", 70),
    ("idle connections", "parlor/io_uring", None, "rss_bytes", 256),
]


def aims(rows):
    """A line for each aim whose figures there are. They are aims, not tests: nothing fails by them."""
    lines = []
    for words, whose, base, figure, most in AIMS:
        for title, by_server in rows.items():
            own = by_server.get(whose, {}).get(figure)
            other = by_server.get(base, {}).get(figure) if base else 1
            if words in title and own is not None and other:
                verdict = "met" if own / other <= most else "MISSED"
                lines.append(f"  {verdict:8}{own / other:8.2f}, at most {most:<6g}"
                             f"{figure} of {whose}" + (f" / {base}" if base else "") + f": {title}")
    return "\n".join(["\nAims", *lines]) if lines else ""
