"""A private OCP: one world of a server, with everything that a test needs of it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from types import TracebackType
from typing import TypeVar

from understudy.control.api.journal_types import FindingRecord
from understudy.control.client import ControlError
from understudy.harness.assertion_messages import describe_calls
from understudy.harness.assertions import CallAssertions
from understudy.harness.background import Background
from understudy.harness.failure_artifacts import SavedWorld
from understudy.harness.story import format_story
from understudy.harness.task_builder import SubtaskData, build_task_data, subtask
from understudy.harness.time_arguments import Duration
from understudy.harness.verdict import FoundError, remove_expected
from understudy.harness.world_clients import WorldClients
from understudy.harness.world_clock import Clock
from understudy.harness.world_rules import (
    Conditions,
    Rule,
    RuleData,
    build_conditions,
    build_reply,
    count_uses,
)
from understudy.harness.world_session import WorldSession
from understudy.harness.world_tasks import OcpTask, Tasks
from understudy.messages import Exchange

__tracebackhide__ = True
"""pytest shows the lines of the failing test, not those of this module."""

T = TypeVar("T")
_SERVE_URL = "http://localhost:4010"
"""The default URL of `understudy serve`."""


class Ocp(WorldClients):
    """A private OCP. As a context manager, it is verified at the end of its block, then closed."""

    subtask = staticmethod(subtask)

    def __init__(self, session: WorldSession, account: str = "") -> None:
        super().__init__(session, account)
        self._assertions = CallAssertions(session.control, session.remove_prefix)
        self.clock = Clock(session.control)
        """The clock:

        `advance("30s")`, `advance_until(task.finished)`, `freeze()`, `run(speed=60)`.
        """
        self.tasks = Tasks(session.control)
        """The tasks of the world, by id or by name."""

    def __repr__(self) -> str:
        return f"<ocp {self.url}>"

    # --- tasks and rules

    def task(
        self, name: str | None = None, *subtasks: str | SubtaskData, **more: object
    ) -> OcpTask:
        """Add a task that starts now.

        Example: `ocp.task("Upgrade", "Prepare", ocp.subtask("Install", after="Prepare"))`. A
        subtask is a name or the result of `ocp.subtask`. `more` are other keys of the scenario
        format, such as `id`, `at` (an offset from now), `state`, `type`, `cluster`, `concurrency`.
        Raises ControlError with all problems.
        """
        control = self._session.control
        return OcpTask(control, control.add_task(build_task_data(name, subtasks, more))["id"])

    def reply(
        self,
        operation: str | list[str] | None = None,
        *,
        path: Conditions | None = None,
        query: Conditions | None = None,
        call: object = None,
        when: Conditions | None = None,
        then: list[Conditions] | None = None,
        times: int | None = None,
        must: bool = False,
        off_contract: bool = False,
        name: str | None = None,
        **answer: object,
    ) -> Rule:
        """Add a scripted reply, before the rules of the scenario and before the service.

        Example: `ocp.reply("retryTask", error=1999, times=1, must=True)`. Conditions are `path`,
        `query`, `call`, and `when` for all others of the scenario format. The reply is described by
        `error`, `message`, `status`, `headers`, `body`, `text`, `media_type`, `example`, `dynamic`,
        `seed` or `patch`; `then` lists the replies that follow. Raises ControlError with all
        problems.
        """
        first = build_reply(answer)
        conditions = {"path": path, "query": query, "call": call}
        rule: RuleData = {"reply": [first, *then] if then else first}
        rule["when"] = build_conditions(operation, conditions, when or {})
        options = {"times": times, "name": name}
        rule |= {key: value for key, value in options.items() if value is not None}
        if must:
            rule["must"] = True
        if off_contract:
            rule["off-contract"] = True
        control = self._session.control
        added = control.add_reply(rule)["name"]
        return self._add_rule(added, lambda: control.remove_reply(added), must)

    def fault(
        self,
        operation: str | list[str] | None = None,
        *,
        fault: object,
        path: Conditions | None = None,
        query: Conditions | None = None,
        call: object = None,
        when: Conditions | None = None,
        times: int | None = None,
        after: int | None = None,
        name: str | None = None,
    ) -> Rule:
        """Add a fault: `ocp.fault("retryTask", fault={"reset": True, "acts": "after"}, times=1)`.

        `fault` is the name of a kind (`reset`, `empty`, `garbage`, `timeout`) or of a profile
        (`slow`, `flaky`, …), or a mapping of kinds as in a scenario. Conditions are those of
        `reply`. `after` is the number of matching calls to skip first. Raises ControlError with all
        problems.
        """
        conditions = {"path": path, "query": query, "call": call}
        rule: RuleData = {"fault": fault}
        rule["when"] = build_conditions(operation, conditions, when or {})
        options = {"times": times, "after": after, "name": name}
        rule |= {key: value for key, value in options.items() if value is not None}
        control = self._session.control
        added = control.add_fault(rule)["name"]
        return self._add_rule(added, lambda: control.remove_fault(added), must=False)

    @contextmanager
    def serving(self, corruption: object) -> Iterator[None]:
        """Serve a corruption inside the block. It is an id, or an item of `understudy.corruptions`.

        Raises AssertionError at the end of a block in which the corruption was never served.
        """
        id_ = str(corruption)
        control = self._session.control
        active = control.get_settings()["corrupt"]
        control.change_settings(corrupt=[id_, *active])
        earlier = {call.number for call in self.calls}
        try:
            yield
        finally:
            control.change_settings(corrupt=active or None)
        calls = [call for call in self.calls if call.number not in earlier]
        if not any(call.trace.get("corruption") == id_ for call in calls):
            message = f'the corruption "{id_}" was never served.\n{describe_calls(calls)}'
            raise AssertionError(self._session.remove_prefix(message))

    def background(
        self, function: Callable[..., T], *args: object, **kwargs: object
    ) -> Background[T]:
        """Run a client in a thread while the test moves the clock.

        Example: `poll = ocp.background(client.wait, 35000312)`, and later `poll.result()`. At the
        end of the test, a client that still runs has five seconds. If it raises, the test fails.
        """
        client = Background(function, *args, **kwargs)
        self._session.backgrounds.append(client)
        return client

    # --- calls

    @property
    def calls(self) -> tuple[Exchange, ...]:
        """The calls of the clients with their responses, oldest first; the last 10 000 at most."""
        return self._assertions.list_calls()

    def assert_called(
        self,
        operation: str | list[str] | None = None,
        *,
        times: int | None = None,
        **criteria: object,
    ) -> tuple[Exchange, ...]:
        """Assert that there was at least one such call, or exactly `times`; return the calls.

        Example: `ocp.assert_called("retryTask", times=1, path={"taskInstanceId": 35000312})`.
        Criteria are `path`, `query`, `headers`, `body`, `status`, `account` and `request`, as in a
        rule of the scenario format. Raises AssertionError with the nearest calls.
        """
        return self._assertions.assert_called(operation, times, criteria)

    def assert_not_called(
        self, operation: str | list[str] | None = None, **criteria: object
    ) -> None:
        """Assert that there was no such call.

        Raise AssertionError with the calls that there were.
        """
        self._assertions.assert_not_called(operation, criteria)

    def assert_all_called(self) -> None:
        """Assert that every reply and fault that the test has added was used.

        Raise AssertionError.
        """
        unused = [rule.name for rule in self._session.rules if not rule.used]
        if unused:
            message = f"never used: {', '.join(unused)}.\n{describe_calls(self.calls)}"
            raise AssertionError(self._session.remove_prefix(message))

    def wait_for(
        self,
        operation: str | list[str] | None = None,
        *,
        timeout: Duration = 2,
        count: int = 1,
        **criteria: object,
    ) -> Exchange:
        """Wait until `count` such calls have been made, and return the last one.

        Calls count from the start of the world.
        `timeout` is on the wall clock. Raises AssertionError after it.
        """
        return self._assertions.wait_for(operation, count, timeout, criteria)

    # --- verification

    def expect_violation(self, text: str = "") -> AbstractContextManager[None]:
        """Expect one call that breaks the contract or matches nothing. It does not fail the test.

        `text` is a part of the problem's text, such as `query.size`. If there is no such call, the
        test fails. The result may be used as a context manager for readability; the check is made
        at the end of the test.
        """
        self._session.expected.append(text)
        return nullcontext()

    def verify(self) -> None:
        """Raise the problems of the world: FoundError, or what a background client raised.

        Problems are contract violations, calls that match nothing, and unused replies with `must`.
        They are only reported in a strict world.
        """
        error = self.verdict()
        if error is not None:
            raise error

    def verdict(self) -> FoundError | None:
        """Return the error that `verify` raises. Raise what a background client raised.

        Further errors are added as notes to the error that is raised.
        """
        clients = [client.wait_for_error() for client in self._session.backgrounds]
        errors = [error for error in clients if error is not None]
        problems = self._find_problems()
        if not errors:
            return problems
        first, *others = errors
        for error in others:
            first.add_note(f"also, in the background: {type(error).__name__}: {error}")
        if problems is not None:
            first.add_note(str(problems))
        raise first

    def _find_problems(self) -> FoundError | None:
        """Return the problems of a strict world, or None.

        A closed world has been verified already.
        """
        if not self._session.strict or self._session.closed:
            return None
        reply = self._session.control.list_findings()
        findings = [self._with_public_url(finding) for finding in reply["findings"]]
        remaining, unused = remove_expected(findings, self._session.expected)
        more = [f'expected violation did not occur: "{text}"' for text in unused]
        if reply["dropped"]:
            count = reply["dropped"]
            more.append(f"the journal has dropped {count} exchanges, so they were not checked")
        return FoundError(self.name, remaining, more) if remaining or more else None

    def _with_public_url(self, finding: FindingRecord) -> FindingRecord:
        """Return a finding whose curl line calls `understudy serve`.

        The URL of the world would not work for long: the world is about to be deleted.
        """
        changed = finding.copy()
        if "curl" in changed:
            line = changed["curl"].replace(self.url, _SERVE_URL)
            changed["curl"] = line.replace(self._session.server.url, _SERVE_URL)
        return changed

    def story(self) -> str:
        """Return a table of the calls: time, request, response, and state changes of each call.

        Lines about background clients that failed or still run follow.
        """
        calls = self.calls  # reading them creates a world that has not been used yet
        worlds = self._session.control.list_worlds()["worlds"]
        world = next(world for world in worlds if world["name"] == self.name)
        lines = [format_story(self.name, world["scenario"], world["clock"], calls)]
        for client in self._session.backgrounds:
            text = client.describe_unreported()
            if text:
                lines.append(f"  in the background: {text}")
        return "\n".join(lines)

    def export_scenario(self) -> str:
        """Return the world as the text of a scenario that continues from its current state."""
        return self._session.control.export_world()

    exported = export_scenario
    """The old name of `export_scenario`, for one release."""

    def to_saved_world(self) -> SavedWorld:
        """Return story and scenario of the world.

        If the server does not respond, the story says so.
        """
        try:
            options = self._session.server.serve_options
            story, scenario = self.story(), self.export_scenario()
            return SavedWorld(self.name, story, scenario, len(self.calls), options)
        except (ControlError, OSError) as error:
            return SavedWorld(
                self.name,
                f"world {self.name}: its calls cannot be read: {error}",
                "",
            )

    def close(self) -> None:
        """Delete the world.

        A client that still calls it gets a 410 response. A second call does nothing.
        """
        if self._session.closed:
            return
        self._session.closed = True
        try:
            self._session.server.before_close(self.name)
        finally:
            with suppress(ConnectionError):  # a stopped server has no worlds
                self._session.control.drop_world(self.name, closed=True)

    def __enter__(self) -> "Ocp":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if error is None:
                self.verify()
        except BaseException as problem:
            error = problem
            raise
        finally:
            self._end_block(error)

    def _end_block(self, error: BaseException | None) -> None:
        """Record the failure of a block, if there is one, and close the world."""
        if error is None:
            self.close()
            return
        with suppress(ControlError, OSError):  # a stopped server must not hide the block's error
            if isinstance(error, Exception):
                self._session.server.record_failure(self.to_saved_world(), error)
            self.close()

    def _add_rule(self, name: str, remove: Callable[[], None], must: bool) -> Rule:
        """Return the handle of an added rule, and remember it for `assert_all_called`."""
        control = self._session.control
        rule = Rule(name, lambda: count_uses(control, name), remove, must)
        self._session.rules.append(rule)
        return rule
