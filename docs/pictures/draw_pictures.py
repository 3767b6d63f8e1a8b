"""Draw the pictures of the pages: python docs/pictures/draw_pictures.py [FOLDER].

The states come from the engine's table, and the terminal from a real run; a test compares the files.
"""

import os
import pty
import re
import subprocess
import sys
from base64 import b64encode
from pathlib import Path
from urllib.request import Request, urlopen

from svg import Sheet, render_terminal

from understudy.ocp.invariants import SUBTASK_TRANSITIONS

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
RETRY = "/api/v2/tasks/instances/35000312/retry"


def draw_request() -> str:
    """Draw the way of a request through the pipeline, from top to bottom."""
    sheet = Sheet(480, 838, "The way of a request, from the client to the response")
    x, width = 60, 360
    steps = [
        (20, ["client", "any HTTP client, a browser, or a test without a socket"]),
        (92, ["which world?", "header, path, user name, cookie; else default"]),
        (164, ["preferences", "what the call itself asks for: Prefer, __code"]),
        (236, ["route and authenticate", "the operation of the contract; who calls"]),
    ]
    inner = [
        (338, ["rate limits, authorize, decode", "parameters and body, validated"]),
        (410, ["faults and replies of the scenario", "one of them may answer the call"]),
        (482, ["service", "query or command, on the tasks as they are now"]),
    ]
    after = [
        (574, ["build the response", "rendered with the names of the contract"]),
        (646, ["validate the response", "a violation of ours is a loud 500"]),
        (718, ["faults of the connection, journal", "explain shows each step later"]),
    ]
    sheet.group(36, 306, 408, 246, "one atomic update")
    previous: tuple[float, float] | None = None
    for y, lines in [*steps, *inner, *after]:
        if previous is not None:
            sheet.arrow(previous, (x + width / 2, y))
        previous = sheet.box(x, y, width, lines)
    assert previous is not None
    sheet.arrow(previous, (x + width / 2, 796))
    sheet.text(x + width / 2, 816, "response to the client", kind="strong")
    return sheet.render()


def draw_worlds() -> str:
    """Draw one server with three worlds, each with its own client."""
    sheet = Sheet(620, 400, "One server, many worlds: each client has its own tasks and clock")
    clients = [
        ("test A", "/w/test-a/…", "12:00, task 7 FAILED", "virtual clock"),
        ("your browser", "cookie: mine", "12:31, task 7 RUNNING", "real clock"),
        ("a colleague", "admin+eva", "12:05, task 7 SUCCESSFUL", "real clock, 60 times"),
    ]
    sheet.group(20, 112, 580, 268, "one process")
    for number, (name, key, state, clock) in enumerate(clients):
        x = 36 + 186 * number
        middle, low = sheet.box(x, 20, 176, [name, key])
        sheet.arrow((middle, low), (middle, 146))
        _, low = sheet.box(
            x, 146, 176, ["world", state, clock, "own rules and journal"], kind="good"
        )
        sheet.arrow((middle, 298), (middle, low))
    sheet.box(36, 298, 548, ["setup", "contract, service and scenario: shared, never changed"])
    return sheet.render()


BOXES = {
    "PENDING": (20, 150),
    "READY": (260, 150),
    "RUNNING": (490, 150),
    "SUCCESSFUL": (490, 20),
    "FAILED": (260, 290),
    "CANCELING": (490, 290),
}
ARROWS = {
    ("PENDING", "READY"): [(150, 162), (260, 162)],
    ("READY", "PENDING"): [(260, 176), (150, 176)],
    ("READY", "RUNNING"): [(390, 168), (490, 168)],
    ("READY", "SUCCESSFUL"): [(350, 150), (490, 50)],
    ("SUCCESSFUL", "READY"): [(490, 34), (315, 150)],
    ("RUNNING", "SUCCESSFUL"): [(555, 150), (555, 56)],
    ("RUNNING", "FAILED"): [(510, 186), (375, 290)],
    ("RUNNING", "PENDING"): [(500, 186), (330, 262), (110, 186)],
    ("RUNNING", "CANCELING"): [(555, 186), (555, 290)],
    ("CANCELING", "FAILED"): [(490, 308), (390, 308)],
    ("FAILED", "READY"): [(310, 290), (310, 186)],
}
CURVES = {("RUNNING", "PENDING")}
LABELS = [
    (205, 154, "upstreams done", "middle"),
    (205, 192, "skip in a rollback", "middle"),
    (440, 160, "tick", "middle"),
    (425, 112, "skip", "start"),
    (376, 86, "roll back", "end"),
    (562, 108, "run ends", "start"),
    (442, 258, "run fails", "start"),
    (190, 236, "run has undone it", "end"),
    (562, 242, "cancel", "start"),
    (440, 326, "tick", "middle"),
    (304, 272, "retry, skip, roll back", "end"),
]


def draw_states() -> str:
    """Draw the statuses of a subtask with each transition that the engine makes."""
    transitions = {(before.value, after.value) for before, after in SUBTASK_TRANSITIONS}
    if transitions != set(ARROWS):
        raise SystemExit(f"the picture of the states differs: {transitions ^ set(ARROWS)}")
    sheet = Sheet(640, 346, "The statuses of a subtask and the transitions between them")
    for pair, points in ARROWS.items():
        sheet.arrow(*points, curve=pair in CURVES)
    kinds = {"SUCCESSFUL": "good", "FAILED": "bad"}
    for name, (x, y) in BOXES.items():
        sheet.box(x, y, 130, [name], kind=kinds.get(name, "box"))
    for x, y, text, anchor in LABELS:
        sheet.text(x, y, text, kind="note", anchor=anchor)
    return sheet.render()


def run_server() -> list[str]:
    """Start a server, retry a task, and return the lines of both terminals."""
    command = [sys.executable, "-m", "understudy", "serve", "--port", "0"]
    # The banner has passwords only on a terminal.
    reader, terminal = pty.openpty()
    with subprocess.Popen(command, cwd=ROOT, stdout=terminal) as process, open(reader) as output:
        os.close(terminal)
        banner: list[str] = []
        while not banner or not banner[-1].startswith("Stop with"):
            line = output.readline()
            if not line:
                raise SystemExit("the server did not start")
            banner.append(line.rstrip())
        url = banner[0].rpartition(" ")[2]
        login = b64encode(b"admin:admin").decode()
        request = Request(url + RETRY, method="POST", headers={"Authorization": f"Basic {login}"})
        with urlopen(request, timeout=10) as response:
            body = response.read().decode()
        process.terminate()
    lines = [
        "$ understudy serve",
        *(_shorten(line.replace(url, "http://127.0.0.1:4010"), 102) for line in banner),
    ]
    curl = f"$ curl -s -u admin:admin -X POST localhost:4010{RETRY}"
    return [*lines, "", curl, _shorten(body, 102)]


def _shorten(line: str, length: int) -> str:
    line = re.sub(r"\(/\S*/openapi\.yaml", "(openapi.yaml", line)
    return line if len(line) <= length else line[: length - 1] + "…"


def main() -> None:
    """Write the pictures to a folder: by default, the one of this script."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    pictures = {
        "request": draw_request(),
        "worlds": draw_worlds(),
        "states": draw_states(),
        "terminal": render_terminal(run_server(), "Start the stub, and retry a failed task"),
    }
    for name, text in pictures.items():
        (folder / f"{name}.svg").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
