"""Scenarios over the control API: listed, read, uploaded, played."""

from pathlib import Path

import pytest

from control_builders import LIST, Desk, scenario_in

TASK = "understudy: 1\ndescription: One task.\ntasks: [{id: 777, subtasks: [{id: 71}]}]\n"


def by_name(desk: Desk, world: str = "default") -> dict[str, dict[str, object]]:
    return {one["name"]: one for one in desk.ask("GET /scenarios", world=world)["scenarios"]}


def test_scenarios_are_listed(tmp_path: Path) -> None:
    """Those that ship, those of the folder, those that were uploaded; the one that the world plays is active."""
    scenario_in(tmp_path, "description: In the folder.\n", "local")
    (tmp_path / "broken.yaml").write_text("[", "utf-8")
    desk = Desk(scenarios=tmp_path)
    desk.ask("PUT /scenarios/mine", TASK, status=201)
    told = by_name(desk)
    assert told["local"] == {
        "name": "local",
        "origin": "folder",
        "description": "In the folder.",
        "active": False,
    }
    assert told["broken"]["description"] == "It cannot be read: activate it to see why."
    assert told["mine"]["origin"] == "uploaded"
    assert [name for name, one in told.items() if one["active"]] == ["demo"]
    assert list(told) == sorted(told)


def test_a_scenario_is_given_as_it_was_written(tmp_path: Path) -> None:
    """Comments too."""
    desk = Desk()
    desk.ask("PUT /scenarios/mine", f"# mine\n{TASK}", status=201)
    assert desk.ask("GET /scenarios/mine") == f"# mine\n{TASK}"
    assert desk.ask("GET /scenarios/demo").startswith("#")


def test_a_scenario_is_uploaded_and_played() -> None:
    """By this world alone; uploading it again lets the world go on with the new words."""
    desk = Desk()
    told = desk.ask("PUT /scenarios/mine", TASK, status=201)
    assert told == {
        "name": "mine",
        "origin": "uploaded",
        "description": "One task.",
        "active": False,
    }
    assert desk.ask("POST /scenarios/mine/activate", world="w")["scenario"] == "mine"
    assert desk.call(f"{LIST}/777", world="w").status == 200
    assert desk.call(f"{LIST}/777").status == 404
    told = desk.ask(
        "PUT /scenarios/mine", TASK.replace("id: 777,", "id: 777, name: New,"), world="w"
    )
    assert told["active"] is True
    assert desk.call(f"{LIST}/777", world="w").json()["data"]["name"] == "New"
    assert by_name(desk, "w")["mine"]["active"] is True


def test_a_scenario_in_json_is_taken_as_well() -> None:
    """Its type says so."""
    desk = Desk()
    desk.ask(
        "PUT /scenarios/mine",
        {"understudy": 1, "tasks": [{"id": 777, "subtasks": [{"id": 71}]}]},
        status=201,
    )
    desk.ask("POST /scenarios/mine/activate")
    assert desk.call(f"{LIST}/777").status == 200


def test_all_problems_of_an_upload_are_told_with_line_and_column() -> None:
    """Nothing has changed then."""
    desk = Desk()
    answer = desk.send("PUT /scenarios/mine", "understudy: 1\nclok: {}\ntasks: 3\n")
    told = answer.json()  # type: ignore[union-attr]
    assert (answer.status, told["type"]) == (400, "urn:understudy:problem:bad-scenario")
    first, second = told["errors"]
    assert (first["line"], first["column"], first["message"], first["nearest"]) == (
        2, 1, 'unknown key "clok".', "clock",
    )  # fmt: skip
    assert (second["line"], second["column"], second["expected"]) == (3, 8, "a list")
    assert "mine" not in by_name(desk)


@pytest.mark.parametrize(
    ("body", "kind", "expected"),
    [
        (b"\xff", "application/yaml", (400, "bad-scenario")),
        (b"{", "application/json", (400, "bad-request")),
        (b"understudy: 1", "application/json", (400, "bad-request")),
        (b"[1]", "application/json", (400, "bad-scenario")),
        (b"", "application/yaml", (400, "bad-request")),
        (b"understudy: 1", "text/plain", (415, "unsupported-media-type")),
        (b"a: &a [*a]", "application/yaml", (400, "bad-scenario")),
        (b"!!python/object:os.system {}", "application/yaml", (400, "bad-scenario")),
    ],
)
def test_what_is_no_scenario_is_refused(body: bytes, kind: str, expected: tuple[int, str]) -> None:
    """In words."""
    assert (
        Desk().problem("PUT /scenarios/mine", body, headers=[("Content-Type", kind)])[:2]
        == expected
    )


@pytest.mark.parametrize(
    "name", ["..%2fsecret", ".hidden", "a%2fb", "%2fetc%2fpasswd", "..", "a%5cb", "%00"]
)
def test_what_is_no_name_is_never_looked_for(tmp_path: Path, name: str) -> None:
    """400, whatever lies in or beside the folder."""
    (tmp_path / "scenarios").mkdir()
    for path in (tmp_path / "secret.yaml", tmp_path / "scenarios/.hidden.yaml"):
        path.write_text(TASK, "utf-8")
    desk = Desk(scenarios=tmp_path / "scenarios")
    for what in (f"GET /scenarios/{name}", f"POST /scenarios/{name}/activate"):
        assert desk.problem(what)[:2] == (400, "bad-request")
    assert desk.problem(f"PUT /scenarios/{name}", TASK)[:2] == (400, "bad-request")
    assert sorted(path.name for path in (tmp_path / "scenarios").iterdir()) == [".hidden.yaml"]


def test_a_name_that_nobody_has_is_404_with_the_nearest() -> None:
    """For reading and playing."""
    desk = Desk()
    detail = 'There is no scenario "dmeo". Did you mean "demo"?'
    assert desk.problem("GET /scenarios/dmeo") == (404, "no-such-scenario", detail)
    assert desk.problem("POST /scenarios/dmeo/activate")[:2] == (404, "no-such-scenario")
    assert desk.problem("GET /scenarios/0")[2].startswith(
        'There is no scenario "0". There are: big-ids, '
    )


def test_a_scenario_of_the_folder_that_is_broken_is_not_played(tmp_path: Path) -> None:
    """409 with its problems; the world plays on."""
    scenario_in(tmp_path, "tasks: 3\n", "broken")
    desk = Desk(scenarios=tmp_path)
    desk.ask("POST /clock/advance", {"by": "1s"})
    assert desk.problem("POST /scenarios/broken/activate")[:2] == (409, "broken-scenario")
    (world,) = desk.ask("GET /worlds")["worlds"]
    assert (world["scenario"], world["clock"]) == ("demo", "2021-08-25T15:09:32+08:00")


def test_the_stubs_own_file_goes_by_its_name(tmp_path: Path) -> None:
    """A world that played another one comes back to it."""
    desk = Desk(scenario_in(tmp_path, "tasks: [{id: 777, subtasks: [{id: 71}]}]\n", "own"))
    assert (by_name(desk)["own"]["origin"], by_name(desk)["own"]["active"]) == ("file", True)
    desk.ask("POST /scenarios/demo/activate")
    assert (by_name(desk)["own"]["active"], by_name(desk)["demo"]["active"]) == (False, True)
    assert desk.call(f"{LIST}/777").status == 404
    assert desk.ask("POST /scenarios/own/activate")["scenario"] == "own"
    assert desk.call(f"{LIST}/777").status == 200
    assert desk.ask("GET /scenarios/own").startswith("understudy: 1")
    assert desk.problem("PUT /scenarios/own", "understudy: 1\n")[:2] == (409, "name-taken")


def test_so_many_scenarios_can_be_uploaded() -> None:
    """A thousand; one of them can still be replaced."""
    desk = Desk()
    for number in range(1000):
        desk.stub.library._uploaded[f"s{number}"] = desk.stub.library.find("empty")
    assert desk.problem("PUT /scenarios/more", "understudy: 1\n")[:2] == (409, "too-many-scenarios")
    desk.ask("PUT /scenarios/s7", "understudy: 1\n")
