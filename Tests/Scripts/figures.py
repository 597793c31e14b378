"""What `cupo bench` would say: figures for the tests of scripts that write them down."""


def found(rate=100_000, errors=0, p50=0.5, p99=2.5, **more):
    """One run of five seconds."""
    requests = rate * 5
    return {"requests_per_second": rate, "requests_per_second_min": rate * 0.9, "requests_per_second_max": rate * 1.1, "requests": requests,
            "errors": errors, "successes": requests - errors, "seconds": 5, "p50_ms": p50, "p90_ms": (p50 + p99) / 2, "p99_ms": p99, "p999_ms": p99 * 2,
            "max_ms": p99 * 3, "generator_cpu_seconds": 2.5, "runs": 3, "first_error": None, **more}


MARK = {"date": "2026-11-21", "commit": "0123456789"}


def row(title, nghttpd=500_000, **more):
    return {"row": title, "nghttpd": nghttpd, "seconds_asked": 5, **MARK, **found(**more)}
