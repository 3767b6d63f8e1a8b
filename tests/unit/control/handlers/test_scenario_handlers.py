"""Scenarios: listed, read, uploaded and used."""

from pathlib import Path

import pytest

from control_builders import LIST, StubDriver, write_scenario

TASK = "understudy: 1\ndescription: One task.\ntasks: [{id: 777, subtasks: [{id: 71}]}]\n"


def scenarios_by_name(driver: StubDriver, world: str = "default") -> dict[str, dict[str, object]]:
    return {
        entry["name"]: entry for entry in driver.fetch("GET /scenarios", world=world)["scenarios"]
    }


def test_scenarios_are_listed(tmp_path: Path) -> None:
    """Shipped, local and uploaded ones. The scenario that the world uses is active."""
    write_scenario(tmp_path, "description: In the folder.\n", "local")
    (tmp_path / "broken.yaml").write_text("[", "utf-8")
    driver = StubDriver(scenarios=tmp_path)
    driver.fetch("PUT /scenarios/mine", TASK, status=201)
    record = scenarios_by_name(driver)
    assert record["local"] == {
        "name": "local",
        "origin": "folder",
        "description": "In the folder.",
        "active": False,
    }
    assert record["broken"]["description"] == "This file cannot be read: activate it to see why."
    assert record["mine"]["origin"] == "uploaded"
    assert [name for name, entry in record.items() if entry["active"]] == ["demo"]
    assert list(record) == sorted(record)


def test_scenario_is_returned_as_written(tmp_path: Path) -> None:
    """Comments are included."""
    driver = StubDriver()
    driver.fetch("PUT /scenarios/mine", f"# mine\n{TASK}", status=201)
    assert driver.fetch("GET /scenarios/mine") == f"# mine\n{TASK}"
    assert driver.fetch("GET /scenarios/demo").startswith("#")


def test_uploaded_scenario_is_used() -> None:
    """Only this world uses it. A second upload updates the world."""
    driver = StubDriver()
    record = driver.fetch("PUT /scenarios/mine", TASK, status=201)
    assert record == {
        "name": "mine",
        "origin": "uploaded",
        "description": "One task.",
        "active": False,
    }
    assert driver.fetch("POST /scenarios/mine/activate", world="w")["scenario"] == "mine"
    assert driver.call(f"{LIST}/777", world="w").status == 200
    assert driver.call(f"{LIST}/777").status == 404
    record = driver.fetch(
        "PUT /scenarios/mine", TASK.replace("id: 777,", "id: 777, name: New,"), world="w"
    )
    assert record["active"] is True
    assert driver.call(f"{LIST}/777", world="w").json()["data"]["name"] == "New"
    assert scenarios_by_name(driver, "w")["mine"]["active"] is True


def test_scenario_can_be_json() -> None:
    """The content type is application/json."""
    driver = StubDriver()
    driver.fetch(
        "PUT /scenarios/mine",
        {"understudy": 1, "tasks": [{"id": 777, "subtasks": [{"id": 71}]}]},
        status=201,
    )
    driver.fetch("POST /scenarios/mine/activate")
    assert driver.call(f"{LIST}/777").status == 200


def test_upload_problems_have_line_and_column() -> None:
    """All are listed, and nothing changes."""
    driver = StubDriver()
    answer = driver.send("PUT /scenarios/mine", "understudy: 1\nclok: {}\ntasks: 3\n")
    record = answer.json()
    assert (answer.status, record["type"]) == (400, "urn:understudy:problem:bad-scenario")
    first, second = record["errors"]
    assert (first["line"], first["column"], first["message"], first["nearest"]) == (
        2,
        1,
        'unknown key "clok".',
        "clock",
    )
    assert (second["line"], second["column"], second["expected"]) == (3, 8, "a list")
    assert "mine" not in scenarios_by_name(driver)


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
def test_invalid_upload_is_rejected(body: bytes, kind: str, expected: tuple[int, str]) -> None:
    """The slug depends on call is wrong."""
    assert (
        StubDriver().fetch_problem("PUT /scenarios/mine", body, headers=[("Content-Type", kind)])[
            :2
        ]
        == expected
    )


@pytest.mark.parametrize(
    "name", ["..%2fsecret", ".hidden", "a%2fb", "%2fetc%2fpasswd", "..", "a%5cb", "%00"]
)
def test_invalid_name_reads_no_file(tmp_path: Path, name: str) -> None:
    """It is 400, whatever files exist in or beside the folder."""
    (tmp_path / "scenarios").mkdir()
    for path in (tmp_path / "secret.yaml", tmp_path / "scenarios/.hidden.yaml"):
        path.write_text(TASK, "utf-8")
    driver = StubDriver(scenarios=tmp_path / "scenarios")
    for call in (f"GET /scenarios/{name}", f"POST /scenarios/{name}/activate"):
        assert driver.fetch_problem(call)[:2] == (400, "bad-request")
    assert driver.fetch_problem(f"PUT /scenarios/{name}", TASK)[:2] == (400, "bad-request")
    assert sorted(path.name for path in (tmp_path / "scenarios").iterdir()) == [".hidden.yaml"]


def test_unknown_scenario_is_not_found() -> None:
    """Reading and using one suggest the nearest name."""
    driver = StubDriver()
    detail = 'There is no scenario "dmeo". Did you mean "demo"?'
    assert driver.fetch_problem("GET /scenarios/dmeo") == (404, "no-such-scenario", detail)
    assert driver.fetch_problem("POST /scenarios/dmeo/activate")[:2] == (404, "no-such-scenario")
    assert driver.fetch_problem("GET /scenarios/0")[2].startswith(
        'There is no scenario "0". There are: big-ids, '
    )


def test_broken_scenario_is_not_used(tmp_path: Path) -> None:
    """It is 409 with its problems, and the world does not change."""
    write_scenario(tmp_path, "tasks: 3\n", "broken")
    driver = StubDriver(scenarios=tmp_path)
    driver.fetch("POST /clock/advance", {"by": "1s"})
    assert driver.fetch_problem("POST /scenarios/broken/activate")[:2] == (409, "broken-scenario")
    (world,) = driver.fetch("GET /worlds")["worlds"]
    assert (world["scenario"], world["clock"]) == ("demo", "2021-08-25T15:09:32+08:00")


def test_file_of_the_server_is_listed_by_its_name(tmp_path: Path) -> None:
    """A world that used another scenario can return to it."""
    driver = StubDriver(
        write_scenario(tmp_path, "tasks: [{id: 777, subtasks: [{id: 71}]}]\n", "own")
    )
    assert (
        scenarios_by_name(driver)["own"]["origin"],
        scenarios_by_name(driver)["own"]["active"],
    ) == ("file", True)
    driver.fetch("POST /scenarios/demo/activate")
    assert (
        scenarios_by_name(driver)["own"]["active"],
        scenarios_by_name(driver)["demo"]["active"],
    ) == (False, True)
    assert driver.call(f"{LIST}/777").status == 404
    assert driver.fetch("POST /scenarios/own/activate")["scenario"] == "own"
    assert driver.call(f"{LIST}/777").status == 200
    assert driver.fetch("GET /scenarios/own").startswith("understudy: 1")
    assert driver.fetch_problem("PUT /scenarios/own", "understudy: 1\n")[:2] == (409, "name-taken")


def test_thousand_scenarios_can_be_uploaded() -> None:
    """One more is 409, but an upload can still be replaced."""
    driver = StubDriver()
    for number in range(1000):
        driver.stub.library._uploaded[f"s{number}"] = driver.stub.library.find("empty")
    assert driver.fetch_problem("PUT /scenarios/more", "understudy: 1\n")[:2] == (
        409,
        "too-many-scenarios",
    )
    driver.fetch("PUT /scenarios/s7", "understudy: 1\n")
