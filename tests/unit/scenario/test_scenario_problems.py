"""What is wrong with a scenario: every kind of problem, with its place, and all of them at once."""

import re
from pathlib import Path

import pytest

import understudy.scenario
from scenario_builders import HEAD, contract, problem, problems
from understudy.errors import MAX_PROBLEMS

KNOWN = {
    "no-such-scenario": ("", "", ""),
    "unknown-key": ("tsks: []", "2:1", 'unknown key "tsks". Did you mean "tasks"?'),
    "missing-key": (
        "accounts: {a: {accessKey: k}}",
        "2:15",
        'only "accessKey" is given. Expected "accessKey" and "secretKey" together.',
    ),
    "bad-value": ("seed: a", "2:7", '"seed" is "a". Expected a whole number.'),
    "bad-time": (
        "clock: {start: 2021-02-30T00:00:00Z}",
        "2:16",
        '"2021-02-30T00:00:00Z" is not a time',
    ),
    "duplicate-id": (
        "tasks: [{id: 5},\n  {id: 5}]",
        "3:8",
        "duplicate task id 5 (first on line 2). Expected each id once.",
    ),
    "bad-account": (
        "accounts: {a: {}, 'a:b': {}}",
        "2:19",
        'the user name "a:b" cannot be sent with Basic authentication.',
    ),
    "duplicate-access-key": (
        "accounts: {a: {accessKey: k, secretKey: s}, b: {accessKey: k, secretKey: t}}",
        "2:60",
        'duplicate access key "k", also used by "a".',
    ),
    "unknown-cluster": (
        "clusters: {meta: {}}\ntasks: [{cluster: mata}]",
        "3:19",
        'unknown cluster "mata". Did you mean "meta"?',
    ),
    "unknown-tenant": (
        "tasks: [{tenant: t}]",
        "2:18",
        'unknown tenant "t". The scenario has no tenants.',
    ),
    "unknown-host": (
        "tasks: [{host: h}]",
        "2:16",
        'unknown host "h". The scenario has no hosts.',
    ),
    "unknown-creator": (
        "tasks: [{creator: sytem}]",
        "2:19",
        'unknown creator "sytem". Did you mean "system"?',
    ),
    "unknown-subtask": (
        "tasks: [{subtasks: [{id: 13000335}, {after: [13000353]}]}]",
        "2:46",
        'unknown subtask 13000353 in this task. Did you mean "13000335"?',
    ),
    "ambiguous-subtask": (
        "tasks: [{subtasks: [{}, {}, {name: c, after: [Task 1]}]}]",
        "2:47",
        '2 subtasks of this task are named "Task 1". Expected an id.',
    ),
    "cycle": (
        "tasks: [{subtasks: [{id: 1}, {id: 2, after: [3]}, {id: 3, after: [2]}]}]",
        "2:38",
        "the subtasks wait for each other in a cycle: ",
    ),
    "run-without-history": (
        "tasks: [{subtasks: [{runs: [{at: -1s}]}]}]",
        "2:9",
        'a run has the key "at", but its task does not have a start and a state',
    ),
    "impossible-state": (
        "tasks: [{state: SUCCESSFUL, subtasks: [{state: FAILED}]}]",
        "2:17",
        "task 1 contradicts itself: it is SUCCESSFUL, but not all",
    ),
    "late-history": (
        "tasks: [{state: FAILED, at: 1h}]",
        "2:29",
        "task 1 is history, but its runs last until 1:00:02 after",
    ),
    "bad-sequence": (
        "tasks: [{state: FAILED, at: -1h, subtasks: [{runs: [{at: -2h}]}]}]",
        "2:58",
        "the run starts 1:00:00 before the executions that it waits for end. Expected a time at least 1:00:00 later.",
    ),
    "contradicts-contract": (
        "tasks: [{type: MANUEL}]",
        "2:16",
        'task 1 contradicts the contract: "type" is "MANUEL".',
    ),
}
"""By slug: a file, the place of the problem, and its message.

test_scenario_find tests the first slug, which is about a name.
"""


@pytest.mark.parametrize("slug", sorted(set(KNOWN) - {"no-such-scenario"}))
def test_each_kind_of_problem_is_reported(slug: str) -> None:
    """The problem has message, place, expected value and nearest name."""
    text, place, message = KNOWN[slug]
    assert problem(HEAD + text, contract()).startswith(f"{place} {slug}: {message}")


def test_every_slug_has_a_case() -> None:
    """Every slug that the package reports is in the table above."""
    sources = Path(understudy.scenario.__file__).parent.glob("*.py")
    called = [
        slug
        for source in sources
        for slug in re.findall(
            r"(?:\.add|Problem)\(\s*f?\"([a-z{}-]+)\"", source.read_text("utf-8")
        )
    ]
    kinds = ["cluster", "tenant", "host", "creator"]
    raised = {slug.replace("{kind}", kind) for slug in called for kind in kinds}
    assert raised == set(KNOWN)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "tasks: [{nmae: x}]",
            '2:10 unknown-key: unknown key "nmae". Did you mean "name"?',
        ),
        (
            "tasks: [{subtasks: [{afte: []}]}]",
            '2:22 unknown-key: unknown key "afte". Did you mean "after"?',
        ),
        (
            "tasks: [{subtasks: [{runs: [{took: 1s}]}]}]",
            '2:30 unknown-key: unknown key "took".',
        ),
        (
            "tasks: [{subtasks: [{runs: [{log: [{ta: 1s}]}]}]}]",
            '2:37 unknown-key: unknown key "ta". Expected',
        ),
        (
            "clock: {modus: real}",
            '2:9 unknown-key: unknown key "modus". Did you mean "mode"?',
        ),
        (
            "accounts: {a: {pasword: x}}",
            '2:16 unknown-key: unknown key "pasword". Did you mean "password"?',
        ),
        (
            "clusters: {a: {ID: 1}}",
            '2:16 unknown-key: unknown key "ID". Did you mean "id"?',
        ),
        (
            "tenants: {a: {obTenantID: 1}}",
            '2:15 unknown-key: unknown key "obTenantID". Did you mean "obTen',
        ),
        ("hosts: {a: {ip: 1}}", '2:13 unknown-key: unknown key "ip". Expected one of id'),
        (
            "hosts: {a: {zzz: 1}}",
            '2:13 unknown-key: unknown key "zzz". Expected one of id, address.',
        ),
        (
            "'a/b~': 1",
            '2:1 unknown-key: unknown key "a/b~". Expected one of understudy, name, description,',
        ),
    ],
)
def test_unknown_key_is_reported_on_every_level(text: str, expected: str) -> None:
    """The problem names the nearest key, or all known keys."""
    assert problem(HEAD + text).startswith(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "tasks: [{state: FAILD}]",
            '"state" is "FAILD". Expected one of RUNNING, FAILED, SUCCESSFUL. Did you mean "F',
        ),
        (
            "tasks: [{id: 9223372036854775808}]",
            '"id" is the number 9223372036854775808. Expected at most 922337203',
        ),
        ("tasks: [{id: 0}]", '"id" is the number 0. Expected at least 1.'),
        ("tasks: [{id: true}]", '"id" is true. Expected a whole number.'),
        ("tasks: [{name: ''}]", '"name" is "". Expected a text that is not empty.'),
        ("tasks: [{subtasks: []}]", '"subtasks" is empty. Expected at least one.'),
        ("accounts: {}", '"accounts" is empty. Expected at least one.'),
        ("tasks: [{subtasks: [{runs: []}]}]", '"runs" is empty. Expected at least one.'),
        (
            "tasks: [{subtasks: [{runs: [{takes: -1s}]}]}]",
            '"takes" is "-1s". Expected a duration such as 90s, 1.5s, ',
        ),
        (
            "tasks: [{subtasks: [{runs: [{takes: 5}]}]}]",
            '"takes" is the number 5. Expected a duration such as 90s, ',
        ),
        (
            "tasks: [{at: yesterday}]",
            '"at" is "yesterday". Expected an offset from the clock\'s start such as -2h or',
        ),
        ("clock: {speed: 0}", '"speed" is the number 0. Expected at least 0.1.'),
        (
            "tasks: [{subtasks: [{timeout: -1}]}]",
            '"timeout" is the number -1. Expected at least 0.',
        ),
        (
            "tasks: [{subtasks: [{retries: 1001}]}]",
            '"retries" is the number 1001. Expected at most 1000.',
        ),
        ("tasks: [{subtasks: [{after: [1, 1]}]}]", '"after" is a list. Expected each item once.'),
        (
            "tasks: [{subtasks: [{after: [{}]}]}]",
            'item 1 of "after" is a mapping. Expected a whole number or a text.',
        ),
        (
            "tasks: {}",
            '"tasks" is a mapping. Expected a list. '
            "Example: tasks: [{name: Upgrade, subtasks: [{name: Prepare}]}]",
        ),
        (
            "tasks: [5]",
            'item 1 of "tasks" is the number 5. Expected a mapping. '
            "Example: {name: Upgrade, subtasks: [{name: Prepare}]}",
        ),
        (
            "accounts: [a]",
            '"accounts" is a list. Expected a mapping. '
            "Example: accounts: {admin: {password: admin}}",
        ),
        (
            "accounts: {eva: secret}",
            '"eva" is "secret". Expected a mapping. Example: eva: {password: secret}',
        ),
        ("clusters: {5: 5}", '"5" is the number 5. Expected a mapping.'),
        ("clusters: {²: 5}", '"²" is the number 5. Expected a mapping.'),
        ("description:", '"description" is null. Expected a text.'),
        (f"name: {'n' * 256}", f'"name" is "{"n" * 60}…". Expected at most 255 characters.'),
        (
            "seed: 9223372036854775808",
            '"seed" is the number 9223372036854775808. Expected at most 9223372036854775807',
        ),
        (
            f"seed: {'9' * 4000}",
            '"seed" is a number of 13288 bits. Expected at most 9223372036854775807.',
        ),
    ],
)
def test_wrong_value_is_reported(text: str, expected: str) -> None:
    """The problem describes the reported and the expected value."""
    assert problem(HEAD + text).partition(" bad-value: ")[2].startswith(expected)


def test_file_with_too_many_nodes_points_to_the_crowd() -> None:
    """Most of such files are lists of similar tasks."""
    tasks = "".join(f"- {{id: {number}, name: t}}\n" for number in range(1, 45_000))
    text = problem(f"{HEAD}tasks:\n{tasks}")
    assert text.endswith(
        "the file has more than 200000 nodes. Expected a smaller file. "
        'The key "crowd" generates many tasks in one line: crowd: {count: 20000}.'
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("understudy: 2", '1:13 bad-value: "understudy" is the number 2. Expected 1.'),
        ("name: a", '1:1 missing-key: missing key "understudy". Expected understudy: 1.'),
        (
            "",
            '1:1 bad-value: the file is empty. Expected a mapping that begins with "understudy: 1".',
        ),
        (
            "[]",
            '1:1 bad-value: the file is a list. Expected a mapping that begins with "understudy: 1".',
        ),
    ],
)
def test_file_without_the_format_is_reported(text: str, expected: str) -> None:
    """The version of the format is the only key without a default."""
    assert problem(text) == expected


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("clock: {step: 36501d}", "2:15"),
        ("clock: {start: 1899-01-01T00:00:00Z}", "2:16"),
        ("tasks: [{at: -36501d}]", "2:14"),
        ("tasks: [{at: 2021-08-25T15:09:31+25:00}]", "2:14"),
        ("tasks: [{subtasks: [{runs: [{takes: 36501d}]}]}]", "2:37"),
        ("tasks: [{subtasks: [{runs: [{log: [{at: 36501d}]}]}]}]", "2:41"),
        (
            "tasks: [{state: FAILED, at: -1h, subtasks: [{runs: [{at: 2021-02-30T00:00:00Z}]}]}]",
            "2:58",
        ),
    ],
)
def test_impossible_times_are_reported(text: str, place: str) -> None:
    """The pattern of the schema accepts times that no calendar has."""
    assert problem(HEAD + text).startswith(f"{place} bad-time: ")


def test_all_problems_are_reported_in_the_order_of_the_file() -> None:
    """Format, names, graph, states and contract are checked in one go."""
    text = """\
understudy: 1
sed: 5
accounts: {"a:b": {}}
tasks:
  - {id: 1, cluster: none, subtasks: [{id: 1}, {id: 1}]}
  - {id: 1, type: MANUEL}
  - {state: SUCCESSFUL, subtasks: [{id: 9, state: FAILED}]}
  - {subtasks: [{id: 7, after: [8]}, {id: 8, after: [7]}, {after: [6]}], tenant: 5}
clock: {step: 1x}
"""
    assert [line.partition(": ")[0] for line in problems(text, contract())] == [
        "2:1 unknown-key",
        "3:12 bad-account",
        "5:22 unknown-cluster",
        "5:53 duplicate-id",
        "6:10 duplicate-id",
        "6:19 contradicts-contract",
        "7:13 impossible-state",
        "8:25 cycle",
        "8:68 unknown-subtask",
        "8:82 bad-value",
        "9:15 bad-value",
    ]


def test_problem_of_an_alias_is_reported_once() -> None:
    """Each place is reported once, although several aliases lead to it."""
    reported = problems(f"{HEAD}tasks:\n  - &t {{cluster: c}}\n  - *t\n")
    assert reported == ['3:18 unknown-cluster: unknown cluster "c". The scenario has no clusters.']


def test_many_problems_are_reported_in_time() -> None:
    """The first of them are listed, the others counted; the timeout of this test is the promise."""
    reported = problems(f"{HEAD}tasks:\n" + "  - {x: 1}\n" * 4000)
    assert len(reported) == MAX_PROBLEMS + 1
    assert reported[-1].endswith("3000 more problems are not listed.")


def test_nearest_names_are_looked_for_within_bounds() -> None:
    """A file may have thousands of wrong names, each of them like thousands of known ones."""
    clusters = "".join(f"  cluster-number-{n}: {{id: {n}}}\n" for n in range(1, 901))
    tasks = "".join(f"  - {{id: {n}, cluster: cluster-numbr-{n}}}\n" for n in range(1, 901))
    reported = problems(f"{HEAD}clusters:\n{clusters}tasks:\n{tasks}")
    suggestions = sum("Did you mean" in text for text in reported)
    assert 10 < suggestions < 100


def test_quoted_id_gets_a_hint() -> None:
    """In quotes it is a name; the hint says so."""
    text = HEAD + "tasks: [{subtasks: [{id: 5, name: a}, {name: b, after: ['5']}]}]"
    assert problem(text).endswith('unknown subtask "5" in this task. Write the id without quotes.')


@pytest.mark.parametrize("subtasks", ["[{id: 5, after: [5]}]", "[{id: 5, name: a, after: [a]}]"])
def test_self_reference_is_a_cycle(subtasks: str) -> None:
    """By id or by name."""
    assert problem(f"{HEAD}tasks: [{{subtasks: {subtasks}}}]").endswith("in a cycle: 5 → 5.")


def test_cycle_is_reported_with_its_path() -> None:
    """The path starts and ends with the same subtask; subtasks outside of it are not named."""
    text = (
        HEAD
        + "tasks: [{subtasks: [{id: 1}, {id: 2, after: [1, 4]}, {id: 3, after: [2]}, {id: 4, after: [3]}]}]"
    )
    path = problem(text).partition("in a cycle: ")[2].rstrip(".").split(" → ")
    assert (path[0], set(path), len(path)) == (path[-1], {"2", "3", "4"}, 4)


def test_duplicate_ids_are_reported() -> None:
    """Subtask ids are unique in the whole file; ids of clusters, tenants and hosts in their sections."""
    text = HEAD + "tasks: [{id: 1, subtasks: [{id: 1}]}, {id: 2, subtasks: [{id: 1}]}]"
    assert "duplicate subtask id 1 (first on line 2)" in problem(text)
    for section in ("cluster", "tenant", "host"):
        reported = problem(f"{HEAD}{section}s: {{a: {{id: 7}}, b: {{id: 7}}}}")
        assert f"duplicate-id: duplicate {section} id 7" in reported


@pytest.mark.parametrize("name", ["a:b", ":", ""])
def test_user_name_without_basic_form_is_reported(name: str) -> None:
    """RFC 7617, section 2: the name ends at the first colon."""
    assert "bad-account" in problem(f'{HEAD}accounts: {{"{name}": {{}}}}')
