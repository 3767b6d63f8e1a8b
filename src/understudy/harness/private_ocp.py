"""A private OCP: one world of a server, with all that a test may want of it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from understudy.control.client import ControlClient, ControlError
from understudy.errors import nearest_name
from understudy.harness.assertion_messages import describe_calls
from understudy.harness.assertions import assert_called, assert_not_called, list_calls, wait_for
from understudy.harness.background import Background
from understudy.harness.failure_artifacts import SavedWorld
from understudy.harness.story import format_story
from understudy.harness.task_builder import SubtaskData, build_task_data, subtask
from understudy.harness.time_arguments import Duration
from understudy.harness.verdict import FoundError, remove_expected
from understudy.harness.world_clock import Clock
from understudy.harness.world_rules import Rule, build_conditions, build_reply, count_uses
from understudy.harness.world_tasks import OcpTask, Tasks
from understudy.messages import Exchange

if TYPE_CHECKING:  # for their names only
    import httpx as _httpx
    import requests as _requests

    from understudy.harness.ocp_server import OcpServer

__tracebackhide__ = True
"""A test that fails is shown by its own lines, not by those of this module (pytest)."""

T = TypeVar("T")
_SERVE = "http://localhost:4010"
"""Where `understudy serve` serves."""
_FULL = ("ADMIN", "TASK_MANAGER")


class WorldSession:
    """What all views of a world share."""

    def __init__(
        self, server: "OcpServer", name: str, control: ControlClient, *, strict: bool
    ) -> None:
        self.server = server
        self.name = name
        self.control = control
        self.strict = strict
        self.backgrounds: list[Background[Any]] = []
        self.rules: list[Rule] = []
        self.expected: list[str] = []
        self.accounts: dict[str, dict[str, Any]] | None = None
        self.closed = False


class Ocp:
    """A private OCP.

    As a context manager it is judged when its block ends, and then forgotten.
    """

    subtask = staticmethod(subtask)

    def __init__(self, core: WorldSession, account: str = "") -> None:
        self._core = core
        self._account = account
        self.clock = Clock(core.control)
        """The world's clock: `advance("30s")`, `advance_until(task.finished)`, `freeze()`, `run(speed=60)`."""
        self.tasks = Tasks(core.control)
        """The world's tasks, by id or by name, as they stand."""

    def __repr__(self) -> str:
        return f"<ocp {self.url}>"

    # --- where it is, and who asks

    @property
    def name(self) -> str:
        """The name of the world."""
        return self._core.name

    @property
    def url(self) -> str:
        """Base URL; it carries the world, so that any HTTP client works with it unchanged."""
        return f"{self._core.server.url}{self._core.server.world_prefix}/{self.name}"

    @property
    def address(self) -> str:
        """Host and port, for clients that take no more: then `auth` carries the world."""
        return urlsplit(self._core.server.url).netloc

    @property
    def auth(self) -> tuple[str, str]:
        """User name and password; the name carries the world: `admin+<world>`.

        Of an account that may do everything, unless this is the view of another one. A contract without accounts has
        two empty texts.
        """
        told = self._who()
        return (f"{told['name']}+{self.name}", told["password"]) if told else ("", "")

    @property
    def access_key(self) -> tuple[str, str]:
        """Access key and secret key, for clients that sign; the access key carries the world.

        Raises LookupError for an account that has none.
        """
        told = self._who()
        if not told.get("accessKey"):
            raise LookupError(
                f'the account "{told.get("name", "")}" has no access key: it cannot sign'
            )
        return f"{told['accessKey']}+{self.name}", told["secretKey"]

    def as_(self, account: str) -> "Ocp":
        """Give the same world for another account of its scenario. Raises LookupError with the nearest name."""
        known = self._accounts()
        if account not in known:
            near = nearest_name(account, known)
            hint = (
                f'Did you mean "{near}"?' if near else f"There are: {', '.join(known) or 'none'}."
            )
            raise LookupError(f'the world has no account "{account}". {hint}')
        return Ocp(self._core, account)

    def requests(self) -> "_requests.Session":
        """Give a `requests` session that knows where the world is and who asks: `session.get("/api/v2/…")`.

        It goes through no socket, unless the server is another process.
        """
        return self._core.server.requests_session(self.url, self.auth if self._accounts() else None)

    def httpx(self) -> "_httpx.Client":
        """Give an `httpx` client (of httpx2, or httpx) that knows where the world is and who asks.

        It goes through no socket, unless the server is another process.
        """
        return self._core.server.httpx_client(self.url, self.auth if self._accounts() else None)

    def httpx_async(self) -> "_httpx.AsyncClient":
        """Give the same for asyncio."""
        return self._core.server.httpx_async_client(
            self.url, self.auth if self._accounts() else None
        )

    # --- what happens in it

    def task(self, name: str | None = None, *subtasks: str | SubtaskData, **more: Any) -> OcpTask:
        """Add a task that begins now: `ocp.task("Upgrade", "Prepare", ocp.subtask("Install", after="Prepare"))`.

        A subtask is a name, or made by `ocp.subtask`. `more`: other keys of the scenario format, such as `id`, `at`
        (an offset from now), `state`, `type`, `cluster`, `concurrency`. Raises ControlError with all that is wrong.
        """
        return OcpTask(
            self._core.control,
            self._core.control.add_task(build_task_data(name, subtasks, more))["id"],
        )

    def reply(
        self,
        operation: str | list[str] | None = None,
        *,
        path: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
        call: Any = None,
        when: Mapping[str, Any] | None = None,
        then: list[Mapping[str, Any]] | None = None,
        times: int | None = None,
        must: bool = False,
        off_contract: bool = False,
        name: str | None = None,
        **answer: Any,
    ) -> Rule:
        """Answer calls by script, in front of the engine: `ocp.reply("retryTask", error=1999, times=1, must=True)`.

        Conditions: `path`, `query`, `call`, and `when` with any other of the scenario format. The answer: `error`,
        `message`, `status`, `headers`, `body`, `text`, `media_type`, `example`, `dynamic`, `seed` or `patch`; `then`
        tells the following ones. Raises ControlError with all that is wrong.
        """
        first = build_reply(answer)
        rule: dict[str, Any] = {"reply": [first, *then] if then else first}
        rule["when"] = build_conditions(
            operation, {"path": path, "query": query, "call": call}, when or {}
        )
        told = {
            "times": times,
            "name": name,
            "must": must or None,
            "off-contract": off_contract or None,
        }
        rule |= {key: value for key, value in told.items() if value is not None}
        made = self._core.control.add_reply(rule)["name"]
        return self._rule(made, lambda: self._core.control.remove_reply(made), must)

    def fault(
        self,
        operation: str | list[str] | None = None,
        *,
        fault: Any,
        path: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
        call: Any = None,
        when: Mapping[str, Any] | None = None,
        times: int | None = None,
        after: int | None = None,
        name: str | None = None,
    ) -> Rule:
        """Let calls go wrong: `ocp.fault("retryTask", fault={"reset": True, "acts": "after"}, times=1)`.

        `fault` is a word (`reset`, `empty`, `garbage`, `timeout`), a profile (`slow`, `flaky`, …) or a mapping of
        kinds, as in a scenario. Conditions as of `reply`. Raises ControlError with all that is wrong.
        """
        rule: dict[str, Any] = {"fault": fault}
        rule["when"] = build_conditions(
            operation, {"path": path, "query": query, "call": call}, when or {}
        )
        rule |= {
            key: value
            for key, value in {"times": times, "after": after, "name": name}.items()
            if value is not None
        }
        made = self._core.control.add_fault(rule)["name"]
        return self._rule(made, lambda: self._core.control.remove_fault(made), must=False)

    @contextmanager
    def serving(self, corruption: object) -> Iterator[None]:
        """Serve a corruption, by its id or as `understudy.corruptions` gives it, while the block runs.

        Raises AssertionError at the end of a block in which it was never served: then nothing was tested.
        """
        told = str(corruption)
        before = self._core.control.get_settings()["corrupt"]
        self._core.control.change_settings(corrupt=[told, *before])
        known = {call.number for call in self.calls}
        try:
            yield
        finally:
            self._core.control.change_settings(corrupt=before or None)
        new = [call for call in self.calls if call.number not in known]
        if not any(call.trace.get("corruption") == told for call in new):
            text = f'the corruption "{told}" was never served.\n{describe_calls(new)}'
            raise AssertionError(self._shortened(text))

    def background(self, function: Callable[..., T], *args: Any, **kwargs: Any) -> Background[T]:
        """Run a client in a thread while the test moves the clock: `poll = ocp.background(client.wait, 35000312)`.

        `poll.result()` waits for it. Whatever still runs when the test ends has five seconds; what it raises fails the
        test.
        """
        made = Background(function, *args, **kwargs)
        self._core.backgrounds.append(made)
        return made

    # --- what was asked of it

    @property
    def calls(self) -> tuple[Exchange, ...]:
        """What clients asked and were answered, oldest first; the last 10 000 at most."""
        return list_calls(self._core.control)

    def assert_called(
        self, operation: str | list[str] | None = None, *, times: int | None = None, **criteria: Any
    ) -> tuple[Exchange, ...]:
        """Assert that there were calls: `ocp.assert_called("retryTask", times=1, path={"taskInstanceId": 35000312})`.

        At least one, or exactly `times`. `criteria`: `path`, `query`, `headers`, `body`, `status`, `account`,
        `request`, as a rule of the scenario format has them. Gives the calls. Raises AssertionError with what came
        nearest.
        """
        return assert_called(self._core.control, self._shortened, operation, times, criteria)

    def assert_not_called(self, operation: str | list[str] | None = None, **criteria: Any) -> None:
        """Assert that there were no such calls. Raises AssertionError with those that there were."""
        assert_not_called(self._core.control, self._shortened, operation, criteria)

    def assert_all_called(self) -> None:
        """Assert that every reply and fault that the test has added was used. Raises AssertionError."""
        unused = [rule.name for rule in self._core.rules if not rule.used]
        if unused:
            raise AssertionError(
                self._shortened(f"never used: {', '.join(unused)}.\n{describe_calls(self.calls)}")
            )

    def wait_for(
        self,
        operation: str | list[str] | None = None,
        *,
        timeout: Duration = 2,
        count: int = 1,
        **criteria: Any,
    ) -> Exchange:
        """Wait, `timeout` of the wall clock at most, until `count` calls have been made; give the last of them.

        Counted from the beginning of the world. Raises AssertionError when the time is over.
        """
        return wait_for(self._core.control, self._shortened, operation, count, timeout, criteria)

    # --- the verdict

    def expect_violation(self, text: str = "") -> AbstractContextManager[None]:
        """Expect one call that breaks the contract or that nothing matches: it does not fail the test.

        `text` is a part of what is told of it, such as `query.size`. When there is no such call, the test fails. May
        stand before a block (`with ocp.expect_violation():`), for whoever reads it; it is judged when the test ends.
        """
        self._core.expected.append(text)
        return nullcontext()

    def verify(self) -> None:
        """Judge what happened: clients in the background have ended well; where the world is strict, no call broke the
        contract or matched nothing, and every reply with `must` was used. Raises FoundError, or what a client raised.
        """
        found = self.verdict()
        if found is not None:
            raise found

    def verdict(self) -> FoundError | None:
        """Judge what happened, and give what `verify` would raise. Raises what a client in the background raised.

        What was found beside that is noted on it, so that nothing is hidden.
        """
        errors = [
            error
            for background in self._core.backgrounds
            if (error := background.wait_for_error()) is not None
        ]
        found = self._found()
        if not errors:
            return found
        for other in errors[1:]:
            errors[0].add_note(f"beside it, in the background: {type(other).__name__}: {other}")
        if found is not None:
            errors[0].add_note(str(found))
        raise errors[0]

    def _found(self) -> FoundError | None:
        if not self._core.strict or self._core.closed:
            return None
        told = self._core.control.list_findings()
        left, missed = remove_expected(
            [self._at_home(finding) for finding in told["findings"]], self._core.expected
        )
        more = [f'expected violation did not come: "{text}"' for text in missed]
        if told["dropped"]:
            more.append(
                f"{told['dropped']} exchanges were dropped from the journal: nobody knows whether they were right"
            )
        return FoundError(self.name, left, more) if left or more else None

    def story(self) -> str:
        """Tell what happened: time, call, answer and change of state of each call, as a table.

        Below it stands what nobody has seen yet of clients in the background.
        """
        calls = self.calls  # looking makes a world that nobody has used yet
        told = next(
            world
            for world in self._core.control.list_worlds()["worlds"]
            if world["name"] == self.name
        )
        told_calls = format_story(self.name, told["scenario"], told["clock"], calls)
        complaints = [
            text
            for background in self._core.backgrounds
            if (text := background.describe_unreported())
        ]
        return "\n".join([told_calls, *(f"  in the background: {text}" for text in complaints)])

    def exported(self) -> str:
        """Give the world as the text of a scenario that goes on where it stands."""
        return self._core.control.export_world()

    def to_saved_world(self) -> SavedWorld:
        """Give its story, and its scenario; where the server no longer answers, the story says so."""
        try:
            serve = self._core.server.serve_options
            return SavedWorld(self.name, self.story(), self.exported(), len(self.calls), serve)
        except (ControlError, OSError) as error:
            return SavedWorld(
                self.name, f"world {self.name}: nobody can tell what happened in it: {error}", ""
            )

    def close(self) -> None:
        """Forget the world; a client that still runs is answered 410. Closing it again does nothing."""
        if not self._core.closed:
            self._core.closed = True
            try:
                self._core.server.before_close(self)
            finally:
                with suppress(ConnectionError):  # the world of a server that is gone is gone too
                    self._core.control.drop_world(self.name, closed=True)

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
        except BaseException as found:
            error = found
            raise
        finally:
            # A server that has gone must not hide what the block has failed for.
            with suppress(ControlError, OSError) if error is not None else nullcontext():
                if isinstance(error, Exception):
                    self._core.server.record_failure(self, error)
                self.close()

    # --- parts of these

    def _at_home(self, finding: Mapping[str, Any]) -> dict[str, Any]:
        """Give a finding with a line that can be run where `understudy serve` serves: this world is about to go."""
        told = dict(finding)
        if "curl" in told:
            told["curl"] = (
                told["curl"].replace(self.url, _SERVE).replace(self._core.server.url, _SERVE)
            )
        return told

    def _accounts(self) -> dict[str, dict[str, Any]]:
        if self._core.accounts is None:
            told = self._core.control.list_accounts()["accounts"]
            self._core.accounts = {account["name"]: account for account in told}
        return self._core.accounts

    def _who(self) -> dict[str, Any]:
        known = self._accounts()
        full = (told for told in known.values() if set(_FULL) & set(told["permissions"]))
        return known.get(self._account) or next(full, None) or next(iter(known.values()), {})

    def _shortened(self, text: str) -> str:
        """Leave out of targets what only says which world it is."""
        return text.replace(f" {self._core.server.world_prefix}/{self.name}/", " /")

    def _rule(self, name: str, remove: Callable[[], None], must: bool) -> Rule:
        made = Rule(name, lambda: count_uses(self._core.control, name), remove, must)
        self._core.rules.append(made)
        return made
