"""`make chaos`: the promises of the service against real processes, disks and faults.

    python -m bench.chaos [NUMBER …]
    python -m bench.chaos --redis [NUMBER …]    # `make chaos-redis`: those over Redis

Prints a table with what was measured; exits with 1 if a promise did not hold.
"""

from __future__ import annotations

import asyncio
import sys
import time

from bench.chaos.promises import PROMISES, Measured


def main() -> None:
    asked = sys.argv[1:]
    # They enter their promises.
    if asked[:1] == ["--redis"]:
        del asked[0]
        from bench.chaos import redis  # noqa: F401
    else:
        from bench.chaos import crashes, doors, haproxy, load, schema, uploads  # noqa: F401
    rows = []
    for one in sorted(PROMISES, key=lambda one: (len(one.number), one.number)):
        if asked and one.number not in asked:
            continue
        began = time.monotonic()
        print(f"{one.number}: {one.says} …", file=sys.stderr, flush=True)
        try:
            measured = asyncio.run(one.experiment())
        except Exception as error:  # noqa: BLE001  an experiment that breaks has not held
            measured = Measured(f"broke: {type(error).__name__}: {error}", held=False)
        seconds = time.monotonic() - began
        mark = {True: "held", False: "NOT HELD", None: "not run"}[measured.held]
        print(f"   {mark}: {measured.figure} ({seconds:.0f} s)", file=sys.stderr, flush=True)
        rows.append((one, measured, mark))
    print("| # | promise | accept | measured | |\n|---|---|---|---|---|")
    for one, measured, mark in rows:
        print(f"| {one.number} | {one.says} | {one.accept} | {measured.figure} | {mark} |")
    if any(measured.held is False for _, measured, _ in rows):
        sys.exit(1)


if __name__ == "__main__":
    main()
