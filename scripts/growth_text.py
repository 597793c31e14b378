"""What scripts/growth.py has measured, for people: tables, and what its curves show."""


# Of fewer holds each would be told the noise of a whole process.
MANY = 1_000


def size(count):
    """1,000,000 as "1 million"."""
    for power, name in ((1_000_000, "million"), (1_000, "thousand")):
        if count >= power and count % power == 0:
            return f"{count // power:,} {name}"
    return f"{count:,}"


def told(row):
    """A row in one line of the terminal."""
    if row.get("failed"):
        return f"REFUSED: {row['failed']}"
    found = row.get("uniform") or row["reserve"]
    line = (f"{found['requests_per_second']:,.0f}/s, p50 {found['p50_ms']} ms, p99 {found['p99_ms']} ms, {found['errors']} errors")
    if "uniform" in row:
        line += (f"; ready in {row['ready_seconds'] * 1_000:,.0f} ms, {row['resident'] / 1e6:,.0f} MB resident, "
                 f"{row['bytes'] / 1e6:,.0f} MB on disk, filled in {row['fill_seconds']:,.1f} s")
    return line


def failed(label, row, columns):
    return f"| {label} | refused: {row['failed'].replace('|', '/')} |{' - |' * (columns - 2)}"


def rate(found):
    errors = f" ({found['errors']:,} errors)" if found["errors"] else ""
    return f"{found['requests_per_second']:,.0f}{errors}"


def latencies(found):
    return f"{found['p50_ms']} / {found['p99_ms']}"


def present_label(row):
    return "empty" if row["wanted"] == 0 else size(row["wanted"])


def reservations(rows):
    """Two tables: calls, and what the store takes."""
    lines = ["Reserve of 24-hour holds over 10,000 pools, and over one; each row begins with so many present and ends with what it has added.", "",
             "| present | at the end | 512 in flight, /s | p50 / p99 ms | one pool, 512 in flight, /s | p50 / p99 ms | 1 in flight, /s | p50 / p99 ms |",
             "|---|---|---|---|---|---|---|---|"]
    for row in rows:
        if row.get("failed"):
            lines.append(failed(present_label(row), row, 8))
            continue
        cells = [present_label(row), f"{row['present_after']:,}"]
        for name in ("uniform", "hot", "single"):
            cells += [rate(row[name]), latencies(row[name])]
        lines.append(f"| {' | '.join(cells)} |")
    lines += ["", "The store with so many live holds. Memory is what is resident after a pause, of the server that took them in and of one that was "
                  "started on them; for each hold it is the difference to the step before, and to the store without holds. The start is "
                  "with the file in the system's cache.", "",
              "| present | filled by BatchReserve | resident, MB | bytes for each hold | after a start, MB | bytes for each hold | file, MB | bytes for each | "
              "start to ready, ms | to the first answer, ms |", "|---|---|---|---|---|---|---|---|---|---|"]
    for row in rows:
        lines.append(failed(present_label(row), row, 10) if row.get("failed") else store_line(row))
    return lines


def store_line(row):
    def each(name):
        return f"{row[name]:,.0f}" if name in row and row["present"] >= MANY else "-"

    pace = f", {row['filled'] / row['fill_seconds']:,.0f}/s" if row["fill_seconds"] else ""
    fill = f"{row['filled']:,} in {row['fill_seconds']:,.1f} s{pace}" if row["filled"] else "-"
    cells = [present_label(row), fill, f"{row['resident'] / 1e6:,.0f}", each("resident_per_hold"), f"{row['resident_fresh'] / 1e6:,.0f}",
             each("resident_fresh_per_hold"), f"{row['bytes'] / 1e6:,.1f}", each("bytes_per_hold"), f"{row['ready_seconds'] * 1_000:,.0f}",
             f"{row['first_answer_seconds'] * 1_000:,.0f}"]
    return f"| {' | '.join(cells)} |"


def pools(rows):
    lines = ["Reserve, 512 in flight, over so many pools.", "", "| pools | requests/s | p50 / p99 ms | p99.9 ms | all of it, with the pools' making, s |",
             "|---|---|---|---|---|"]
    for row in rows:
        if row.get("failed"):
            lines.append(failed(f"{row['pools']:,}", row, 5))
            continue
        found = row["reserve"]
        lines.append(f"| {row['pools']:,} | {rate(found)} | {latencies(found)} | {found['p999_ms']} | {row['all_seconds']:,.0f} |")
    return lines


def connections(rows):
    lines = ["Reserve on one pool. Compare rows with as many calls in flight. Processor time is for each call, of the server (its connections' making "
             "included) and of the generator; the server's memory is the most that it ever had.", "",
             "| connections | in flight | requests/s | p50 / p99 ms | p99.9 ms | server, µs | generator, µs | server when idle, MB | at most, MB |",
             "|---|---|---|---|---|---|---|---|---|"]
    for row in rows:
        if row.get("failed"):
            lines.append(failed(f"{row['connections']:,}", row, 9))
            continue
        found = row["reserve"]
        lines.append(f"| {row['connections']:,} | {row['in_flight']:,} | {rate(found)} | {latencies(found)} | {found['p999_ms']} | "
                     f"{row['server_microseconds_each']:,.1f} | {row['generator_microseconds_each']:,.1f} | {row['resident_idle'] / 1e6:,.0f} | {row['resident_most'] / 1e6:,.0f} |")
    return lines


# Curves: title, description, title of the steps, their labels, panels.


def of(rows, *names):
    """The value behind `names` in each row; None where the row has none."""
    def value(row):
        for name in names:
            row = row.get(name) if isinstance(row, dict) else None
        return row

    return [value(row) for row in rows]


def scaled(values, factor):
    return [None if value is None else value * factor for value in values]


def described(x_title, labels, panels):
    """The curves in words."""
    parts = []
    for name, _, series in panels:
        for label, values in series:
            figures = "; ".join(f"{step}: {'-' if value is None else f'{value:,.6g}'}" for step, value in zip(labels, values))
            parts.append(f"{name}, {label}, {figures}.")
    return f"Curves over {x_title}. {' '.join(parts)}"


def drawing(title, x_title, labels, panels):
    return title, described(x_title, labels, panels), x_title, labels, panels


def reservation_curves(rows):
    return drawing("More reservations present", "reservations present", [present_label(row) for row in rows], [
        ("Reserve, 512 in flight, requests/s", False, [("10,000 pools", of(rows, "uniform", "requests_per_second")),
                                                      ("one pool", of(rows, "hot", "requests_per_second"))]),
        ("latency on 10,000 pools, ms", True, [("p50", of(rows, "uniform", "p50_ms")), ("p99", of(rows, "uniform", "p99_ms"))]),
        ("resident memory, MB", False, [("taken in", scaled(of(rows, "resident"), 1e-6)), ("after a start", scaled(of(rows, "resident_fresh"), 1e-6))]),
        ("start to ready, ms", False, [("start", scaled(of(rows, "ready_seconds"), 1_000))])])


def pool_curves(rows):
    return drawing("More pools", "pools", [f"{row['pools']:,}" for row in rows], [
        ("Reserve, 512 in flight, requests/s", False, [("Reserve", of(rows, "reserve", "requests_per_second"))]),
        ("latency, ms", True, [("p50", of(rows, "reserve", "p50_ms")), ("p99", of(rows, "reserve", "p99_ms"))])])


def connection_curves(rows):
    steps = sorted({row["connections"] for row in rows})

    def by_calls(*names, factor=1):
        """A curve for each number of calls in flight: others are other measurements."""
        curves = []
        for calls in sorted({row["in_flight"] for row in rows}):
            found = {row["connections"]: row for row in rows if row["in_flight"] == calls}
            curves.append((f"{calls:,} in flight", scaled(of([found.get(step, {}) for step in steps], *names), factor)))
        return curves

    return drawing("More connections", "connections", [f"{step:,}" for step in steps], [
        ("Reserve, requests/s", False, by_calls("reserve", "requests_per_second")),
        ("p50, ms", True, by_calls("reserve", "p50_ms")), ("p99, ms", True, by_calls("reserve", "p99_ms")),
        ("server's processor time for each call, µs", False, by_calls("server_microseconds_each")),
        ("server's memory at most, MB", False, by_calls("resident_most", factor=1e-6))])
