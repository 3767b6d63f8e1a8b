"""`understudy derive`."""

import json
import re
from pathlib import Path

import pytest
import yaml

from cli_builders import run_main

TEXT = """\
# Shop

## Orders

### List the orders
**请求路径**：`GET /api/v1/shops/{shopId}/orders`

**请求参数**：
| 参数 | 类型 | 必选 | 示例值 | 描述 |
|------|------|------|--------|------|
| shopId | Long | 是 | 7 | The shop |
| size | Integer | 否 | 10 | 每页数量（默认10，最大50） |
| color | ??? | 否 | red | The colour |

**返回结果**：
| 参数 | 类型 | 说明 |
|------|------|------|
| total | Integer | How many |
"""
OVERLAY = """\
overlay: 1.0.0
info: {title: T, version: 1.0.0}
actions:
  - target: $.info
    description: Who made it.
    update: {contact: {name: A team}}
  - target: $.paths.*.get.parameters[?@.name=='color']
    description: What a colour is.
    x-decides: [unknown-type]
    update: {schema: {type: string}}
"""
DECISION = (
    "- {rule: unknown-type, text: color, decision: It is a text., reason: The server takes any.}\n"
)
OPERATION = "/paths/~1api~1v1~1shops~1{shopId}~1orders/get"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A folder with one document and one overlay."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/shop.md").write_text(TEXT, "utf-8")
    (tmp_path / "gaps.yaml").write_text(OVERLAY, "utf-8")
    return tmp_path


def run(folder: Path, *arguments: str, **environment: str) -> tuple[int, str, str]:
    return run_main("derive", *arguments, cwd=folder, environment=environment)


def list_doubts(
    folder: Path, *arguments: str, document: str = "docs/shop.md"
) -> dict[str, list[dict[str, object]]]:
    """Return the doubts by rule."""
    code, out, err = run(folder, document, "--format", "json", *arguments)
    assert code == 0, err
    rows_by_rule: dict[str, list[dict[str, object]]] = {}
    for row in json.loads(out)["doubts"]:
        rows_by_rule.setdefault(row["rule"], []).append(row)
    return rows_by_rule


def test_contract_is_printed_by_default(shop: Path) -> None:
    """Lines are cited with the name of the file, not its path."""
    code, out, err = run(shop, "docs/shop.md")
    assert (code, err) == (0, "")
    assert (
        yaml.safe_load(out)["paths"]["/api/v1/shops/{shopId}/orders"]["get"]["x-source"]
        == "shop.md:6"
    )


def test_output_and_ledger_are_written_to_files(shop: Path) -> None:
    """Nothing is printed, and folders are created."""
    assert run(shop, "docs/shop.md", "--output", "new/a.yaml", "--ledger", "new/LEDGER.md") == (
        0,
        "",
        "",
    )
    assert (shop / "new/a.yaml").read_text("utf-8") == run(shop, "docs/shop.md")[1]
    assert (shop / "new/LEDGER.md").read_text("utf-8").startswith("# Ledger of doubts\n")


def test_format_text_prints_lines(shop: Path) -> None:
    """They have the path of the command line, so that an editor finds the file."""
    code, out, _ = run(shop, "docs/shop.md", "--format", "text")
    assert code == 0
    shape = re.compile(r"docs/shop\.md:\d+: (error|warning|note) [a-z-]+: .+ Decision: .+")
    assert [line for line in out.splitlines() if not shape.fullmatch(line)] == []
    assert "docs/shop.md:13: warning unknown-type: " in out


def test_format_replaces_the_contract_on_standard_output(shop: Path) -> None:
    """The contract is written to its file."""
    code, out, _ = run(shop, "docs/shop.md", "--format", "json", "--output", "a.yaml")
    assert (code, json.loads(out)["version"]) == (0, 1)
    assert (shop / "a.yaml").read_text("utf-8") == run(shop, "docs/shop.md")[1]


def test_format_github_prints_annotations(shop: Path) -> None:
    """Each doubt is a workflow command."""
    code, out, _ = run(shop, "docs/shop.md", "--format", "github")
    assert code == 0
    assert {line.split(" ")[0] for line in out.splitlines()} <= {"::error", "::warning", "::notice"}
    assert "::warning file=docs/shop.md,line=13,title=unknown-type::" in out


def test_format_sarif_prints_results(shop: Path) -> None:
    """Each result has its line and a rule."""
    code, out, _ = run(shop, "docs/shop.md", "--format", "sarif")
    log = json.loads(out)
    assert (code, log["version"], len(log["runs"])) == (0, "2.1.0", 1)
    [result] = [
        result for result in log["runs"][0]["results"] if result["ruleId"] == "unknown-type"
    ]
    place = result["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("docs/shop.md", 13)


def test_format_can_come_from_the_environment(shop: Path) -> None:
    """So can every option."""
    expected = run(shop, "docs/shop.md", "--format", "github", "--fail-on", "warning")
    assert (
        run(
            shop,
            "docs/shop.md",
            UNDERSTUDY_DERIVE_FORMAT="github",
            UNDERSTUDY_DERIVE_FAIL_ON="warning",
        )
        == expected
    )


@pytest.mark.parametrize(
    ("fail_on", "code"), [("error", 0), ("warning", 1), ("note", 1), ("never", 0)]
)
def test_fail_on_exits_with_1_for_open_doubts(shop: Path, fail_on: str, code: int) -> None:
    """Doubts of that severity or a worse one count."""
    assert run(shop, "docs/shop.md", "--format", "text", "--fail-on", fail_on)[0] == code


def test_doubts_that_fail_are_listed(shop: Path) -> None:
    """They go to standard error, and the contract is printed as well."""
    code, out, err = run(shop, "docs/shop.md", "--fail-on", "warning")
    lines = err.splitlines()
    assert (code, out) == (1, run(shop, "docs/shop.md")[1])
    assert all(": warning " in line or ": error " in line for line in lines[:-1])
    assert re.fullmatch(
        r"\d+ doubts are open, of severity warning or worse\. Decide in DOCUMENT\.dec.*", lines[-1]
    )


def test_document_without_operations_is_a_doubt(shop: Path) -> None:
    """The contract is empty, and the doubt is an error."""
    (shop / "empty.md").write_text("")
    code, out, _ = run(shop, "empty.md")
    assert (code, yaml.safe_load(out)["paths"]) == (0, {})
    code, _, err = run(shop, "empty.md", "--fail-on", "error")
    assert (code, err.splitlines()[-1][:43]) == (1, "1 doubt is open, of severity error. Decide ")


def test_overlay_settles_a_doubt(shop: Path) -> None:
    """Its `x-decides` names the rule."""
    [row] = list_doubts(shop, "--overlay", "gaps.yaml")["unknown-type"]
    assert row["settledBy"] == ["gaps.yaml:7"]
    assert (
        "unknown-type"
        not in run(shop, "docs/shop.md", "--overlay", "gaps.yaml", "--format", "github")[1]
    )


def test_decision_beside_the_document_is_used(shop: Path) -> None:
    """The ledger shows it, its doubt does not count, and the file does not change."""
    path = shop / "docs/shop.md.decisions.yaml"
    path.write_text(DECISION)
    [row] = list_doubts(shop)["unknown-type"]
    assert row["decided"] == {
        "decision": "It is a text.",
        "reason": "The server takes any.",
        "file": "docs/shop.md.decisions.yaml",
        "line": 1,
    }
    assert run(shop, "docs/shop.md", "--output", "a.yaml", "--ledger", "L.md")[0] == 0
    text = "Decided (shop.md.decisions.yaml:1): It is a text. Reason: The server takes any. |"
    assert text in (shop / "L.md").read_text("utf-8")
    assert "unknown-type" not in run(shop, "docs/shop.md", "--fail-on", "warning")[2]
    assert path.read_text() == DECISION


def test_decisions_option_replaces_the_files_beside_documents(shop: Path) -> None:
    """It can be given several times."""
    (shop / "docs/shop.md.decisions.yaml").write_text(DECISION)
    (shop / "none.yaml").write_text("")
    (shop / "mine.yaml").write_text(DECISION.replace("color", "colour"))
    assert list_doubts(shop, "--decisions", "none.yaml")["unknown-type"][0]["decided"] is None
    [row] = list_doubts(shop, "--decisions", "none.yaml", "--decisions", "mine.yaml")[
        "unknown-type"
    ]
    assert isinstance(row["decided"], dict)


def test_decision_follows_its_text(shop: Path) -> None:
    """Lines may be inserted above it."""
    (shop / "docs/shop.md.decisions.yaml").write_text(DECISION)
    (shop / "docs/shop.md").write_text(
        TEXT.replace("## Orders", "Some words.\n\n## Orders"), "utf-8"
    )
    doubts = list_doubts(shop)
    assert (
        [row["line"] for row in doubts["unknown-type"]],
        "decision-without-doubt" in doubts,
    ) == (
        [15],
        False,
    )
    assert doubts["unknown-type"][0]["decided"] is not None


def test_decision_without_a_doubt_is_a_doubt(shop: Path) -> None:
    """A warning at the decision's line. --fail-on counts it, and the ledger has it."""
    (shop / "docs/shop.md.decisions.yaml").write_text(
        "# gone\n" + DECISION.replace("color", "sizes")
    )
    [row] = list_doubts(shop)["decision-without-doubt"]
    assert (row["severity"], row["file"], row["line"]) == (
        "warning",
        "docs/shop.md.decisions.yaml",
        2,
    )
    assert "decision-without-doubt" in run(shop, "docs/shop.md", "--fail-on", "warning")[2]
    run(shop, "docs/shop.md", "--ledger", "L.md")
    assert "| decision-without-doubt | warning | shop.md.decisions.yaml:2 |" in (
        shop / "L.md"
    ).read_text("utf-8")


def test_broken_decisions_are_reported_with_their_place(shop: Path) -> None:
    """Exit 2, with every problem and the nearest name."""
    (shop / "docs/shop.md.decisions.yaml").write_text(
        "- {rule: unknown-typ, text: a, decison: d, reason: r}\n"
    )
    code, out, err = run(shop, "docs/shop.md")
    assert (code, out) == (2, "")
    assert (
        'docs/shop.md.decisions.yaml:1:32: unknown key "decison" in a decision. '
        'Did you mean "decision"?' in err
    )
    assert (
        'docs/shop.md.decisions.yaml:1:10: unknown rule "unknown-typ". Did you mean "unknown-type"?'
        in err
    )


def test_check_includes_decisions(shop: Path) -> None:
    """A new decision outdates a ledger. Nothing is written, but doubts can be printed."""
    arguments = ("docs/shop.md", "--ledger", "L.md")
    run(shop, *arguments)
    assert run(shop, *arguments, "--check") == (0, "", "")
    (shop / "docs/shop.md.decisions.yaml").write_text(DECISION)
    before = (shop / "L.md").read_text("utf-8")
    code, out, err = run(shop, *arguments, "--check", "--format", "github")
    assert (code, out.startswith("::"), "L.md is not up to date" in err) == (
        1,
        True,
        True,
    )
    assert (shop / "L.md").read_text("utf-8") == before


@pytest.mark.parametrize(
    ("pointer", "expected"),
    [
        (f"{OPERATION}/parameters/1", ["docs/shop.md:12: | size ", "docs/shop.md:6: **请求路径**"]),
        (
            f"#{OPERATION}/parameters/1/schema",
            ["docs/shop.md:12: | size ", "docs/shop.md:6: **请求路径**"],
        ),
        (OPERATION, [f"docs/shop.md:{line}: " for line in (6, 11, 12, 13, 15)]),
    ],
)
def test_explain_prints_the_lines_of_a_node(shop: Path, pointer: str, expected: list[str]) -> None:
    """In order, each with its text."""
    code, out, _ = run(shop, "docs/shop.md", "--explain", pointer)
    lines = out.split("\n\n")[0].splitlines()
    assert (code, len(lines)) == (0, len(expected))
    assert [
        line for line, start in zip(lines, expected, strict=True) if not line.startswith(start)
    ] == []


def test_explain_prints_the_doubts_of_the_lines(shop: Path) -> None:
    """Below the lines, in the form of --format text."""
    _, out, _ = run(shop, "docs/shop.md", "--explain", f"{OPERATION}/parameters/2")
    text = run(shop, "docs/shop.md", "--format", "text")[1].splitlines()
    expected = [line for line in text if line.startswith(("docs/shop.md:6:", "docs/shop.md:13:"))]
    assert out.split("\n\n")[1].splitlines() == expected


def test_explain_accepts_an_operation_id(shop: Path) -> None:
    """Instead of a pointer."""
    name = yaml.safe_load(run(shop, "docs/shop.md")[1])["paths"]["/api/v1/shops/{shopId}/orders"][
        "get"
    ]["operationId"]
    by_id = run(shop, "docs/shop.md", "--explain", name)
    assert by_id == run(shop, "docs/shop.md", "--explain", OPERATION)


def test_explain_cites_overlays(shop: Path) -> None:
    """File, line and reason of the action."""
    code, out, _ = run(shop, "docs/shop.md", "--overlay", "gaps.yaml", "--explain", "/info/contact")
    assert (code, out.splitlines()[0]) == (0, "gaps.yaml:4: Who made it.")
    _, out, _ = run(
        shop, "docs/shop.md", "--overlay", "gaps.yaml", "--explain", f"{OPERATION}/parameters/2"
    )
    assert "gaps.yaml:7: What a colour is." in out.splitlines()


def test_explain_cites_the_action_that_uses_an_anchor(shop: Path) -> None:
    """Not the action that defines it."""
    (shop / "gaps.yaml").write_text(
        "overlay: 1.0.0\ninfo: {title: T, version: 1.0.0}\nactions:\n"
        "  - {target: $.info, description: First., update: {x-a: &note {deep: {er: 1}}}}\n"
        "  - {target: $.info, update: {x-b: *note}}\n"
    )
    _, out, _ = run(
        shop, "docs/shop.md", "--overlay", "gaps.yaml", "--explain", "/info/x-b/deep/er"
    )
    assert out.splitlines()[0] == "gaps.yaml:5: updates $.info"


def test_explain_of_an_added_node(shop: Path) -> None:
    """No line of a document is the reason for it."""
    assert run(shop, "docs/shop.md", "--explain", "/openapi") == (
        0,
        "/openapi: no line of the documents; the derivation added this node\n",
        "",
    )


@pytest.mark.parametrize(
    ("pointer", "message"),
    [
        (
            "/paths/api/v1/shops/{shopId}/orders/get",
            f'has no member "api". Did you mean "{OPERATION}"?',
        ),
        ("/inof", '"/" has no member "inof". Did you mean "/info"?'),
        ("nothing", 'unknown operation "nothing".'),
    ],
)
def test_explain_of_an_unknown_node(shop: Path, pointer: str, message: str) -> None:
    """Exit 2, with the nearest name."""
    code, out, err = run(shop, "docs/shop.md", "--explain", pointer)
    assert (code, out, message in err) == (2, "", True), err


def test_several_documents_make_one_contract(shop: Path) -> None:
    """Its nodes cite the document that they come from."""
    (shop / "b.md").write_text(TEXT.replace("orders", "goods").replace("Orders", "Goods"), "utf-8")
    code, out, _ = run(shop, "docs/shop.md", "b.md")
    paths = yaml.safe_load(out)["paths"]
    assert (code, [item["get"]["x-source"] for item in paths.values()]) == (
        0,
        ["shop.md:6", "b.md:6"],
    )
    files = {
        row["file"]
        for row in json.loads(run(shop, "docs/shop.md", "b.md", "--format", "json")[1])["doubts"]
    }
    assert files == {"docs/shop.md", "b.md"}


def test_ambiguous_file_names_are_reported(shop: Path) -> None:
    """One file twice, or two files with one name: exit 2."""
    (shop / "shop.md").write_text(TEXT, "utf-8")
    code, _, err = run(shop, "docs/shop.md", "./docs/../docs/shop.md")
    assert (code, err) == (2, "the document docs/shop.md is given twice. Name it once.\n")
    code, _, err = run(shop, "docs/shop.md", "shop.md")
    assert (code, '2 documents are called "shop.md": docs/shop.md, shop.md' in err) == (2, True), (
        err
    )
    (shop / "x.yaml").write_text("")
    code, _, err = run(shop, "shop.md", "--decisions", "x.yaml", "--decisions", "x.yaml")
    assert (code, err) == (2, "the file of decisions x.yaml is given twice. Name it once.\n")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("binary.md", b"a\nb\xff\x00", "binary.md:2:2: the byte 0xff is not UTF-8."),
        ("shpo.md", None, 'docs/shpo.md: there is no such file. Did you mean "shop.md"?'),
        (".", None, "this is a folder. Expected a file."),
        ("shop.md/x.md", None, "cannot be read"),
        ("two\nlines.md", b"# A\n", "the file's name has characters that cannot be printed"),
    ],
)
def test_unreadable_document_is_reported(
    shop: Path, name: str, content: bytes | None, message: str
) -> None:
    """Exit 2, with the place."""
    if content is not None:
        (shop / "docs" / name).write_bytes(content)
    code, out, err = run(shop, f"docs/{name}")
    assert (code, out, message in err) == (2, "", True), err


def test_all_unreadable_documents_are_reported(shop: Path) -> None:
    """One line for each."""
    code, _, err = run(shop, "no.md", "docs/shop.md", "neither.md")
    assert (code, len(err.splitlines())) == (2, 2)


@pytest.mark.parametrize("option", ["--decisions", "--overlay"])
@pytest.mark.parametrize(
    ("content", "message"),
    [(b"\xff", "not UTF-8"), (b"a: [", "not YAML"), (b"7", ":1:1: not a"), (None, "no such")],
)
def test_unreadable_decisions_and_overlays_are_reported(
    shop: Path, option: str, content: bytes | None, message: str
) -> None:
    """Exit 2, with the place."""
    if content is not None:
        (shop / "broken.yaml").write_bytes(content)
    code, _, err = run(shop, "docs/shop.md", option, "broken.yaml")
    assert (code, "broken.yaml:" in err, message in err) == (2, True, True), err


@pytest.mark.parametrize("option", ["--output", "--ledger"])
@pytest.mark.parametrize("target", ["docs", "docs/shop.md/x", "docs/" + "n" * 300])
def test_unwritable_target_is_reported(shop: Path, option: str, target: str) -> None:
    """Exit 2, with the path."""
    code, _, err = run(shop, "docs/shop.md", option, target)
    assert (code, f"{target} cannot be written" in err) == (2, True), err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--check"], "--check compares files"),
        (
            ["--output", "./docs/shop.md"],
            "--output docs/shop.md would overwrite what the contract is derived from.",
        ),
        (["--overlay", "gaps.yaml", "--ledger", "gaps.yaml"], "--ledger gaps.yaml would overwrite"),
        (["--output", "a", "--ledger", "./a"], "--output and --ledger name the same file."),
        (
            ["--explain", "/info", "--format", "json"],
            "--explain prints lines of the documents and does nothing else",
        ),
        (["--format", "junit"], "'junit' is not one of 'text', 'json', 'sarif', 'github'"),
        (["--fail-on", "all"], "'all' is not one of 'error', 'warning', 'note', 'never'"),
    ],
)
def test_conflicting_options_are_reported(shop: Path, arguments: list[str], message: str) -> None:
    """Exit 2, and nothing is written."""
    code, _, err = run(shop, "docs/shop.md", *arguments)
    assert (code, message in " ".join(err.split())) == (2, True), err
    assert sorted(path.name for path in shop.iterdir()) == ["docs", "gaps.yaml"]
    assert (
        (shop / "docs/shop.md").read_text("utf-8"),
        (shop / "gaps.yaml").read_text("utf-8"),
    ) == (TEXT, OVERLAY)


def test_decisions_of_the_guide_match_the_document(root: Path, tmp_path: Path) -> None:
    """Every decision of the example has its doubt."""
    page = (root / "docs/guide/deriving.md").read_text("utf-8")
    [text] = re.findall(r"^```\n(- rule: .*?)^```$", page, re.M | re.S)
    (tmp_path / "mine.yaml").write_text(text, "utf-8")
    document = str(root / "docs/api/task-management.md")
    doubts = list_doubts(tmp_path, "--decisions", "mine.yaml", document=document)
    assert "decision-without-doubt" not in doubts
    assert {rule for rule, rows in doubts.items() if any(row["decided"] for row in rows)} == {
        "misspelt-identifier",
        "filter-not-shown",
        "singular-array",
    }
