"""Scenarios of a folder by name."""

from pathlib import Path

from understudy.replay.scenario_library import ScenarioLibrary


def test_links_out_of_the_folder_are_ignored(tmp_path: Path) -> None:
    """A link to a file in the folder is a scenario; a link out of it is not."""
    folder = tmp_path / "scenarios"
    folder.mkdir()
    (tmp_path / "secret.yaml").write_text("understudy: 1\n", "utf-8")
    (folder / "mine.yaml").write_text("understudy: 1\n", "utf-8")
    (folder / "alias.yaml").symlink_to(folder / "mine.yaml")
    (folder / "out.yaml").symlink_to(tmp_path / "secret.yaml")
    names = {
        name
        for name, entry in ScenarioLibrary(folder).entries().items()
        if entry.origin == "folder"
    }
    assert names == {"mine", "alias"}
