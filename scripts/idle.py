"""What a server is before anybody uses it: how soon it answers, and what memory it has."""
import pathlib
import statistics
import tempfile
import time

import served

STARTS = 10
LIST_PRODUCTS = "/cupo.capacity.v1.InventoryService/ListProducts"


def measure(starts=STARTS, pause=5):
    """From the start of the process to the first answered call on an empty store, in ms, and the resident memory of the last server after a
    pause, in MB (millions of bytes). Where it cannot be measured, `failed` says why."""
    try:
        with tempfile.TemporaryDirectory(prefix="cupo-idle-") as folder:
            return measured(pathlib.Path(folder), starts, pause)
    except (served.NotServed, OSError) as failure:
        return {"failed": str(failure)}


def measured(folder, starts, pause):
    # The key is there before, because a caller needs a token; the store is made anew by each start.
    with served.Server(folder):
        bearer = served.token(folder)
    ready, answers = [], []
    for number in range(starts):
        for file in folder.glob("cupo.db*"):
            file.unlink()
        with served.Server(folder) as server:
            served.call(server.address, LIST_PRODUCTS, bearer)
            answers.append(1_000 * (time.monotonic() - server.began))
            ready.append(1_000 * server.ready_seconds)
            if number + 1 == starts:
                time.sleep(pause)
                resident = server.memory() / 1e6
    return {"starts": starts, "ready_ms": round(statistics.median(ready), 2), "first_answer_ms": round(statistics.median(answers), 2),
            "first_answer_ms_min": round(min(answers), 2), "first_answer_ms_max": round(max(answers), 2), "resident_mb": round(resident, 2)}


def table(found):
    """As Markdown."""
    if found.get("failed"):
        return [f"The start of a server could not be measured: {found['failed']}"]
    return ["| idle | measured |", "|---|---|",
            f"| start of the process to the ready line, median of {found['starts']} | {found['ready_ms']} ms |",
            f"| start of the process to the first answered call on an empty store, median of {found['starts']} | {found['first_answer_ms']} ms "
            f"({found['first_answer_ms_min']} to {found['first_answer_ms_max']}) |",
            f"| resident memory when idle | {found['resident_mb']} MB ({found['resident_mb'] * 1e6 / 2 ** 20:.1f} MiB) |"]
