"""A stand-in for a grading host, which does what a file says: `give 5`, `die`, `die once PATH`, `sleep 3`, `fault`,
`fault PATH` (once)."""

from __future__ import annotations

import base64
import json
import os
import sys
import time
from pathlib import Path


def main() -> None:
    json.loads(sys.stdin.readline())
    print("ready", flush=True)
    for line in sys.stdin:
        job = json.loads(line)
        word, *more = base64.b64decode(job["content"]).decode().split() or ["give"]
        if word == "die":
            marked = Path(more[1]) if more else None
            if marked is None or not marked.exists():
                if marked is not None:
                    marked.touch()
                os._exit(9)
        if word == "sleep":
            time.sleep(float(more[0]))
        score = float(more[0]) if word == "give" and more else 1.0
        facts: list[object] = ["graded", score, 16.0, False, None, None, 0.01, "strict"]
        if word == "fault" and not (more and Path(more[0]).exists()):
            for path in more:
                Path(path).touch()
            facts = ["fault", None, None, False, None, "torch is missing", None, None]
        print(json.dumps({"work": job["work"], "facts": facts, "packed": None, "steps": []}), flush=True)


if __name__ == "__main__":
    main()
