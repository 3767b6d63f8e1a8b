"""The control API in a fresh process, where a scenario with rules is loaded first."""

import subprocess
import sys
from pathlib import Path

PROGRAM = """
from pathlib import Path
from understudy.config import Settings
from understudy.control import Control
from understudy.messages import Request
from understudy.replay import Stub

stub = Stub(Settings(scenario={path!r}))
headers = [("Content-Type", "application/json")]
for name in ("find", "count", "wait"):
    body = b'{{"timeout": "0s"}}' if name == "wait" else b"{{}}"
    request = Request.of("POST", f"/requests/{{name}}", headers=headers, body=body)
    answer = Control(stub).handle(request)
    print(name, answer.status)
"""


def test_journal_search_works_after_rules_were_loaded(tmp_path: Path) -> None:
    """Searches work whatever was imported first."""
    path = tmp_path / "s.yaml"
    path.write_text(
        "understudy: 1\nfaults: [{when: {operation: getTaskInstance}, fault: reset}]\n", "utf-8"
    )
    program = PROGRAM.format(path=str(path))
    process = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert process.stdout.split("\n")[:3] == ["find 200", "count 200", "wait 200"]
