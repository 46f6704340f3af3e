"""The OpenAPI document held against the service, and the service against it.

python -m bench.chaos schema
"""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from pathlib import Path

from bench.chaos.promises import Measured, promise
from bench.chaos.service import service

EXAMPLES = 300
CONFIG = """\
# A video may have expired.
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "3xx", 401, 403, 404, 409, 410, 429, "5xx"]

# Whether bytes are a document, or a mapping is a storyboard, no schema can say.
[[operations]]
include-operation-id = ["create_video", "replace_storyboard"]
checks.positive_data_acceptance.enabled = false

# A stream does not end while its video waits.
[[operations]]
include-operation-id = "stream_events"
enabled = false
"""


@promise("schema", "schemathesis over the whole OpenAPI", "0 5xx, 0 breaches")
async def held() -> Measured:
    async with service("--workers", "0", INKREEL_RATE_PER_MINUTE="0") as (running, _):
        (running.root / "schemathesis.toml").write_text(CONFIG)
        program = str(Path(sys.executable).with_name("schemathesis"))
        command = [
            *(program, "run", f"{running.url}/openapi.json", "--seed", "1"),
            *("--max-examples", str(EXAMPLES), "--continue-on-failure", "--workers", "2"),
            *("--request-timeout", "20"),
        ]
        done = await asyncio.to_thread(
            subprocess.run, command, capture_output=True, text=True, cwd=running.root
        )
    summary = done.stdout[done.stdout.rfind("SUMMARY") :]
    cases = re.search(r"(\d+) generated", summary)
    failed = re.findall(r"[✗❌]\s*(.+)", summary) + re.findall(r"(\d+ found .*)", summary)
    if done.returncode:
        print(done.stdout[-12_000:], file=sys.stderr)
    figure = f"{cases[1] if cases else '?'} cases, {'; '.join(failed) or 'no breach'}"
    return Measured(figure, done.returncode == 0)
