"""`understudy show`: the graph of a task, of a scenario or of a running stub."""

from pathlib import Path

import pytest

from cli_builders import run_main
from traffic_builders import PETS
from understudy import LiveServer
from understudy.config import Settings

TEXT = """\
35000312 Reinstall OCP agent: FAILED
  1  ✓ 13000335  SUCCESSFUL EXECUTE  Prepare reinstalling OCP agent
  2  ✗ 13000333  FAILED     EXECUTE  Uninstall ocp agent  after 13000335
  3  … 13000336  PENDING    EXECUTE  Install ocp agent  after 13000333
  4  … 13000334  PENDING    EXECUTE  Finish reinstalling OCP agent  after 13000336
"""


def test_task_of_a_scenario() -> None:
    """As text, Mermaid and SVG."""
    assert run_main("show", "35000312") == (0, TEXT, "")
    mermaid = run_main("show", "35000312", "--format", "mermaid")[1]
    assert mermaid.startswith(
        'flowchart TD\n    n13000335["✓ Prepare reinstalling OCP agent"]:::good'
    )
    assert run_main("show", "35000312", "--format", "svg")[1].startswith("<svg xmlns=")


def test_task_of_a_running_stub() -> None:
    """In a world of it."""
    with LiveServer(Settings(clock="virtual")) as server:
        options = ("--url", server.url, "--world", "mine")
        assert run_main("show", "35000312", *options) == (0, TEXT, "")
        code, _, err = run_main("show", "5", *options)
    assert (code, "the task 5 cannot be shown" in err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("x",), '"x"; expected a whole number'),
        (("5",), "the task 5 cannot be shown"),
        (("5", "--scenario", "demoo"), 'Did you mean "demo"?'),
        (("5", "--url", "http://127.0.0.1:9"), "cannot be"),
        (("5", "--url", "http://[::1"), "is not the URL of a server"),
    ],
)
def test_wrong_arguments_are_reported(arguments: tuple[str, ...], text: str) -> None:
    """Exit 2, without a traceback."""
    code, _, err = run_main("show", *arguments)
    assert (code, text in err, "Traceback" in err) == (2, True, False), err


def test_other_contracts_have_no_tasks(tmp_path: Path) -> None:
    """A running stub says so."""
    path = tmp_path / "pets.yaml"
    path.write_text(PETS)
    with LiveServer(Settings(contract=path)) as server:
        code, _, err = run_main("show", "1", "--url", server.url)
    assert (code, "the task 1 cannot be shown" in err) == (2, True)
