"""Responses of clients and test clients are checked in tests and programs."""

import asyncio
import io
import pickle
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import aiohttp
import httpx
import pytest
import requests
from flask import Flask, jsonify

import understudy
from traffic_builders import pets_contract
from understudy import ContractError, LiveServer, check, validate
from understudy.config import Settings
from understudy.contract import Contract
from understudy.traffic.checks import async_validation_hook, validation_hook

GOOD = {"id": 1, "name": "Rex"}
HEADERS = {"Content-Type": "application/json", "X-Rate": "1"}


@pytest.fixture(scope="module")
def pets(tmp_path_factory: pytest.TempPathFactory) -> Contract:
    return pets_contract(tmp_path_factory.mktemp("pets"))


@pytest.fixture(scope="module")
def server(pets: Contract) -> Iterator[LiveServer]:
    """Serve pets; `?__example` and samples answer. The contract's status has two words."""
    with LiveServer(Settings(contract=Path(pets.file))) as live:
        yield live


def rules(response: Any, pets: Contract, **options: Any) -> list[str]:
    return [finding.rule for finding in check(response, contract=pets, **options)]


CORRUPT = {"Prefer": 'corrupt="getPet.200/id:wrong-type"'}


def call_requests(url: str, headers: dict[str, str]) -> Any:
    return requests.get(url, headers=headers, timeout=10)


def call_httpx(url: str, headers: dict[str, str]) -> Any:
    return httpx.get(url, headers=headers)


def call_aiohttp(url: str, headers: dict[str, str]) -> Any:
    async def call() -> aiohttp.ClientResponse:
        async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as answer:
            await answer.read()
            return answer

    return asyncio.run(call())


@pytest.mark.parametrize("call", [call_requests, call_httpx, call_aiohttp])
def test_responses_of_clients(
    server: LiveServer, pets: Contract, call: Callable[[str, dict[str, str]], Any]
) -> None:
    """The operation is found by method and URL."""
    assert rules(call(f"{server.url}/pets/1", {}), pets) == []
    assert rules(call(f"{server.url}/pets/1", CORRUPT), pets) == ["type"]
    assert rules(call(f"{server.url}/owners", {}), pets) == ["no-operation"]
    request = call(f"{server.url}/pets?limit=500", {})
    assert rules(request, pets, request=True) == ["maximum", "status"]
    assert rules(request, pets) == ["status"]


def test_responses_of_werkzeugs_test_client(pets: Contract) -> None:
    """And of Flask's."""
    app = Flask(__name__)

    @app.get("/pets/<int:number>")
    def get_pet(number: int) -> Any:
        return jsonify({"id": str(number), "name": "Rex"}), 200, {"X-Rate": "1"}

    assert rules(app.test_client().get("/pets/1"), pets) == ["type"]


@pytest.fixture
def django() -> Any:
    """Return Django's test client, whose routes are those of this module."""
    from django.conf import settings
    from django.test.client import Client
    from django.urls import clear_url_caches, path, set_urlconf

    if not settings.configured:
        settings.configure(ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__)
    urlpatterns[:] = [
        path("pets/<int:number>", get_pet),
        path("pets/stream/<int:number>", stream_pet),
        path("v1/pets", create_pet),
    ]
    clear_url_caches()
    set_urlconf(None)
    return Client()


def get_pet(request: Any, number: int) -> Any:
    from django.http import JsonResponse

    return JsonResponse({"id": str(number), "name": "Rex"}, headers={"X-Rate": "1"})


def stream_pet(request: Any, number: int) -> Any:
    from django.http import StreamingHttpResponse

    parts = [b'{"id": "x", ', b'"name": "Rex"}']
    headers = {"Content-Type": "application/json", "X-Rate": "1"}
    return StreamingHttpResponse(iter(parts), headers=headers)


def create_pet(request: Any) -> Any:
    from django.http import JsonResponse

    if request.GET.get("raw"):
        request.read()
    return JsonResponse({"id": 1, "name": "Rex"}, status=201)


urlpatterns: list[Any] = []
"""The routes of the application of Django's test."""


def test_responses_of_djangos_test_client(django: Any, pets: Contract) -> None:
    """Its request is the WSGI environment."""
    assert rules(django.get("/pets/1"), pets) == ["type"]
    assert rules(django.get("/owners"), pets) == ["no-operation"]
    assert rules(django.get("/a%20b%2Fc%25/x"), pets) == ["no-operation"]


def test_requests_of_djangos_test_client(django: Any, pets: Contract) -> None:
    """Header fields and body are those that the view got; a body that is gone is not missing."""

    def post(body: dict[str, Any], query: str = "") -> list[str]:
        url = f"/v1/pets{query}"
        response = django.post(url, body, content_type="application/json")
        return rules(response, pets, request=True)

    assert post({"id": 1, "name": "Rex"}) == []
    assert post({"id": 1}) == ["required"]
    assert post({"id": 1}, "?raw=1") == ["unknown"]


def test_streaming_response_of_django_can_be_read_again(django: Any, pets: Contract) -> None:
    """The test that checks it may look at it, too."""
    response = django.get("/pets/stream/1")
    assert rules(response, pets, operation="getPet") == ["type"]
    assert response.getvalue() == b'{"id": "x", "name": "Rex"}'


PARTS = [b'{"id": 1, ', b'"name": "Rex"}']


def upload_requests(url: str) -> Any:
    return requests.post(url, data=iter(PARTS), timeout=10, headers=HEADERS)


def upload_httpx(url: str) -> Any:
    return httpx.post(url, content=iter(PARTS), headers=HEADERS)


def upload_aiohttp(url: str) -> Any:
    async def call() -> aiohttp.ClientResponse:
        async with (
            aiohttp.ClientSession() as session,
            session.post(url, data=b"".join(PARTS), headers=HEADERS) as answer,
        ):
            await answer.read()
            return answer

    return asyncio.run(call())


@pytest.mark.parametrize("upload", [upload_requests, upload_httpx, upload_aiohttp])
def test_streamed_body_of_a_request_is_not_missing(
    server: LiveServer, pets: Contract, upload: Callable[[str], Any]
) -> None:
    """The client does not have it any more."""
    assert rules(upload(f"{server.url}/pets"), pets, request=True) == []


def test_missing_body_of_a_request_is_reported(server: LiveServer, pets: Contract) -> None:
    """A call without a body is another thing than a streamed one."""
    for answer in (
        requests.post(f"{server.url}/pets", timeout=10),
        httpx.post(f"{server.url}/pets"),
    ):
        assert rules(answer, pets, request=True)[0] == "required"


def test_streamed_response_that_was_not_read_is_an_error(
    server: LiveServer, pets: Contract
) -> None:
    """The text names the call that reads it."""
    with httpx.stream("GET", f"{server.url}/pets/1") as answer:
        with pytest.raises(ValueError, match=r"the body was not read; call `response.read\(\)`"):
            check(answer, contract=pets)
        answer.read()
        assert rules(answer, pets) == []


def test_contract_error_survives_another_process(pets: Contract) -> None:
    """Pools of processes send errors as bytes."""
    with pytest.raises(ContractError) as raised:
        validate((200, HEADERS, {"id": "1"}), "getPet", contract=pets)
    copied = pickle.loads(pickle.dumps(raised.value))  # noqa: S301 - our own bytes
    assert (str(copied), copied.findings) == (str(raised.value), raised.value.findings)


def test_threads_share_a_contract(pets: Contract) -> None:
    """Each gets its own findings."""
    bodies = [{"id": number if number % 2 else "x", "name": "Rex"} for number in range(40)]
    with ThreadPoolExecutor(4) as pool:
        results = list(
            pool.map(lambda body: rules((200, HEADERS, body), pets, operation="getPet"), bodies)
        )
    assert results == [[] if number % 2 else ["type"] for number in range(40)]


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        ((200, HEADERS, b'{"id": 1, "name": "Rex"}'), []),
        ((200, HEADERS, '{"id": "1", "name": "Rex"}'), ["type"]),
        ((200, [("X-Rate", "1")], {"id": 1}), ["required"]),
        ((200, {}, GOOD), ["required"]),
        ((500, None, b""), ["status"]),
    ],
)
def test_tuples(pets: Contract, response: tuple[Any, ...], expected: list[str]) -> None:
    """Status, header fields, and a body as bytes, text or data."""
    assert rules(response, pets, operation="getPet") == expected


def test_validate_raises_one_error_with_all_findings(pets: Contract) -> None:
    """Warnings are not among them."""
    validate((200, HEADERS, GOOD | {"tag": 1}), "getPet", contract=pets)
    with pytest.raises(ContractError) as raised:
        validate((200, HEADERS, {"id": "1"}), "getPet", contract=pets)
    assert [finding.rule for finding in raised.value.findings] == ["required", "type"]
    assert str(raised.value).splitlines()[0] == "getPet breaks the contract (2)"
    assert isinstance(raised.value, AssertionError)


def test_long_errors_are_cut(pets: Contract) -> None:
    """A list of a thousand wrong pets does not fill the terminal."""
    body = [{"id": "x", "name": "Rex"}] * 30
    with pytest.raises(ContractError) as raised:
        validate((200, HEADERS, body), "listPets", contract=pets)
    lines = str(raised.value).splitlines()
    assert (len(lines), lines[-1]) == (22, "  … and 10 more")


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        (((200, {}, b""), "getPte"), ValueError, 'no operation "getPte". Did you mean "getPet"?'),
        (((200, {}, b""),), ValueError, "name the operation"),
        (((200, {}),), TypeError, "a tuple of 2 parts is not a response"),
        (("text",), TypeError, "str is not a response; expected a response of requests"),
        ((io.BytesIO(),), TypeError, "BytesIO is not a response"),
    ],
)
def test_wrong_arguments_are_reported(
    pets: Contract, arguments: tuple[Any, ...], error: type[Exception], text: str
) -> None:
    """With what was expected."""
    with pytest.raises(error, match=r".*") as raised:
        check(*arguments, contract=pets)
    assert text in str(raised.value)


def test_shipped_contract_is_the_default() -> None:
    """A path is loaded."""
    error = {"error": {"code": 1}}
    assert "required" in {each.rule for each in check((200, HEADERS, error), "getTaskInstance")}
    assert understudy.check is check


def test_contract_may_be_a_path(pets: Contract) -> None:
    """It is loaded once."""
    assert check((200, HEADERS, GOOD), "getPet", contract=pets.file) == ()


def test_hook_for_requests(server: LiveServer, pets: Contract) -> None:
    """Each answer of a session is validated."""
    session = requests.Session()
    session.hooks["response"].append(validation_hook(contract=pets))
    assert session.get(f"{server.url}/pets/1", timeout=10).ok
    with pytest.raises(ContractError):
        session.get(f"{server.url}/pets/1", headers=CORRUPT, timeout=10)


def test_hook_for_httpx(server: LiveServer, pets: Contract) -> None:
    """The hook reads the body, which httpx has not read yet."""
    hooks = {"response": [validation_hook(contract=pets)]}
    with httpx.Client(event_hooks=hooks) as client:
        assert client.get(f"{server.url}/pets/1").json()["id"] is not None
        with pytest.raises(ContractError):
            client.get(f"{server.url}/pets/1", headers=CORRUPT)


def test_hook_for_async_httpx(server: LiveServer, pets: Contract) -> None:
    """It is a coroutine."""

    async def call(headers: dict[str, str]) -> int:
        hooks = {"response": [async_validation_hook(contract=pets)]}
        async with httpx.AsyncClient(event_hooks=hooks) as client:
            return (await client.get(f"{server.url}/pets/1", headers=headers)).status_code

    assert asyncio.run(call({})) == 200
    with pytest.raises(ContractError):
        asyncio.run(call(CORRUPT))
