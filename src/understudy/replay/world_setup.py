"""What a world plays by: contract, rules and scenario. Never changed; a reload makes another one."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from understudy.clock import DEFAULT_VIRTUAL_START, ClockState
from understudy.config import Settings, ValidateRequest
from understudy.contract import Contract
from understudy.errors import InputError, Place, Problem, nearest_name
from understudy.messages import parse_json
from understudy.replay.added_rules import parse_added_rules
from understudy.replay.example_service import ExampleService
from understudy.replay.ocp_service import OcpService
from understudy.replay.rate_limit import RateLimit
from understudy.replay.service import ApiError, Service
from understudy.replay.world_state import State
from understudy.rules import RuleSet
from understudy.scenario import Scenario


@dataclass(frozen=True, slots=True)
class WorldOptions:
    """What was chosen for one world, instead of what the stub's settings say."""

    scenario: str = ""
    """A name of the library; empty for the stub's own scenario."""
    dialect: str = ""
    clock: str = ""
    speed: float | None = None
    seed: int | None = None

    @property
    def setup_key(self) -> "WorldOptions":
        """What has to be read for it; all else is a matter of the world alone."""
        return WorldOptions(self.scenario, self.dialect)


DEFAULT_OPTIONS = WorldOptions()
"""Of a world for which nothing was chosen."""


@dataclass(frozen=True, slots=True, eq=False)
class Setup:
    """A contract with its rules and a scenario: what every call of a world sees, from its start to its end."""

    contract: Contract
    service: Service
    scenario: Scenario | None = None
    rule_set: RuleSet = field(default_factory=RuleSet)
    seed: int = 0
    limits: tuple[RateLimit, ...] = ()
    validate_request: ValidateRequest = ValidateRequest.ENFORCE
    errors: bool = False
    """Whether a preference that nobody knows is refused."""
    clock: str = ""
    """`real`, `virtual` or `per-call`, instead of what the scenario says."""
    speed: float | None = None
    """Instead of what the scenario says."""

    def with_options(self, play: WorldOptions) -> "Setup":
        """Give the setup for a world with a clock, speed or seed of its own; itself where there is none."""
        if play == play.setup_key:
            return self
        seed = self.seed if play.seed is None else play.seed
        speed = self.speed if play.speed is None else play.speed
        return replace(self, seed=seed, clock=play.clock or self.clock, speed=speed)

    @property
    def digest(self) -> str:
        """The scenario's, or an empty string."""
        return self.scenario.digest if self.scenario else ""

    @property
    def world(self) -> Mapping[str, Any] | None:
        """How a world of the scenario begins, when the scenario was exported from one."""
        return self.scenario.world if self.scenario else None

    def new_clock(self, wall: datetime) -> ClockState:
        """Give the clock of a new world."""
        told = self.scenario.clock if self.scenario else None
        mode = self.clock or (str(told.mode.value) if told else "real")
        start = told.start if told else None
        base = start or (wall if mode == "real" else DEFAULT_VIRTUAL_START)
        speed = self.speed if self.speed is not None else told.speed if told else 1.0
        return ClockState(mode, base, wall, speed, told.step if told else timedelta(seconds=1))


def build_setup(settings: Settings, contract: Contract, scenario: Scenario | None) -> Setup:
    """Put a contract and a scenario together. Raises InputError when the contract cannot be served."""
    service = _service(settings, contract, scenario)
    if scenario and scenario.world:
        _check_world(service, scenario)
    return Setup(
        contract,
        service,
        scenario,
        scenario.script if scenario else RuleSet(),
        settings.seed if settings.seed is not None else scenario.seed if scenario else 0,
        tuple(RateLimit(throttle.limit, throttle.window) for throttle in scenario.throttle)
        if scenario
        else (),
        settings.validate_request,
        settings.errors,
        settings.clock,
        settings.speed,
    )


def _service(settings: Settings, contract: Contract, scenario: Scenario | None) -> Service:
    name = contract.service
    if not name:
        return ExampleService(contract)
    if name != "ocp":
        what = f'the contract asks for the service "{name}" (info.x-understudy-service)'
        near = nearest_name(name, ["ocp"])
        raise InputError(
            Problem(
                "no-such-service", what, contract.place("/info"), expected='"ocp"', nearest=near
            )
        )
    assert scenario is not None  # noqa: S101 - whoever calls loads one for a contract with this service
    return OcpService(contract, scenario, auth=settings.auth, skew=settings.skew)


def _check_world(service: Service, scenario: Scenario) -> None:
    """Try whether what an export wrote can be played."""
    assert scenario.world is not None  # noqa: S101 - whoever calls has looked
    try:
        state = State.from_record(scenario.world)
        model = service.start(state.start)
        if state.checkpoint:
            model = service.unfold(model, parse_json(state.checkpoint))
        for command in state.commands:
            model = service.apply_command(model, command)
        parse_added_rules(state.added)
        int(scenario.world["turns"])
    except (ApiError, InputError, LookupError, TypeError, ValueError, AttributeError) as error:
        what = f'the key "world" is not what an export writes ({type(error).__name__}: {error})'
        hint = "Export the world again, or take the key out to begin at the start."
        raise InputError(Problem("bad-world", what, Place(scenario.file), hint=hint)) from error
