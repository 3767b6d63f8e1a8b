"""Scenarios by name, of a folder."""

from pathlib import Path

from understudy.replay.scenario_library import ScenarioLibrary


def test_a_link_that_leads_out_of_the_folder_is_no_scenario(tmp_path: Path) -> None:
    """One that stays inside is."""
    folder = tmp_path / "scenarios"
    folder.mkdir()
    (tmp_path / "secret.yaml").write_text("understudy: 1\n", "utf-8")
    (folder / "mine.yaml").write_text("understudy: 1\n", "utf-8")
    (folder / "alias.yaml").symlink_to(folder / "mine.yaml")
    (folder / "out.yaml").symlink_to(tmp_path / "secret.yaml")
    found = {
        name
        for name, entry in ScenarioLibrary(folder).entries().items()
        if entry.origin == "folder"
    }
    assert found == {"mine", "alias"}
