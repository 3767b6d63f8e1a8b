"""The choice of the documented response, over any set of documented statuses."""

from hypothesis import given
from hypothesis import strategies as st

from understudy.contract import ResponseSpec
from understudy.replay.answers.response_choice import choose_error, choose_success

STATUSES = st.lists(
    st.sampled_from(
        ["100", "200", "201", "204", "301", "400", "404", "422", "500", "2XX", "4XX", "default"]
    ),
    unique=True,
)


def specs_of(statuses: list[str]) -> dict[str, ResponseSpec]:
    """Return a response for each status, in this order."""
    return {status: ResponseSpec(status, f"/responses/{status}") for status in statuses}


@given(STATUSES)
def test_success_is_the_first_of_the_best_kind(statuses: list[str]) -> None:
    """A 2xx in the document's order, `2XX`, `default`, the lowest final status."""
    chosen = choose_success(specs_of(statuses))
    successes = [status for status in statuses if status in ("200", "201", "204")]
    others = sorted(int(s.replace("XX", "00")) for s in statuses if s not in ("100", "default"))
    if successes:
        expected: tuple[str, int] | None = (successes[0], int(successes[0]))
    elif "2XX" in statuses:
        expected = ("2XX", 200)
    elif "default" in statuses:
        expected = ("default", 200)
    elif others:
        lowest = others[0]
        of_lowest = [s for s in statuses if s.replace("XX", "00") == str(lowest)]
        expected = (of_lowest[0], lowest)
    else:
        expected = None
    assert expected == (None if chosen is None else (chosen.spec.status, chosen.status))


@given(STATUSES)
def test_error_is_the_best_status_then_the_range_then_default(statuses: list[str]) -> None:
    """A range or the default is sent with the best status."""
    chosen = choose_error(specs_of(statuses), (422, 400))
    order = [("422", 422), ("400", 400), ("4XX", 422), ("default", 422)]
    expected = next((pair for pair in order if pair[0] in statuses), None)
    assert expected == (None if chosen is None else (chosen.spec.status, chosen.status))


def test_error_without_default_has_its_own_status_only() -> None:
    """The default response may be of a media type that the client does not accept."""
    specs = specs_of(["default", "4XX"])
    assert choose_error(specs, (406,), uses_default=False) is None
    own = choose_error(specs_of(["406", "default"]), (406,), uses_default=False)
    assert own is not None
    assert own.status == 406
