"""Starts a project's stack for tests: its databases, its backend, or all of it, with ports of their own.

    # conftest.py
    @pytest.fixture(scope="session")
    def stack_options():
        return {"project": "..", "services": ["postgres"]}

    # test_orders.py
    def test_orders(stack):
        with psycopg.connect(stack.url("postgres")) as db: ...

It needs the dagger CLI on the PATH, and an engine, as the CLI finds it.
"""

import contextlib
import json
import os
import secrets
import shutil
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import dagger
import pytest
from anyio.from_thread import start_blocking_portal
from gql import gql


class Secret(str):
    """The text of an argument that is a secret, such as dbPassword."""


class StackError(Exception):
    """What the stack, or Dagger, has refused."""


class Stack:
    """A running stack."""

    def __init__(self, name: str, ports: dict[int, int], api_port: int, token: str):
        self.ports = ports  # of the host, by the port that the stack publishes
        self.token = token  # what the API wants for changes
        self.api = f"http://localhost:{ports[api_port]}/api/v1/projects/{name}"
        self._urls = {a["service"]: a["hostUrl"] for a in self._ask("GET", "/urls")["urls"]}

    def url(self, service: str) -> str:
        """Where the test reaches a service: a database by a URL with its login, the others by HTTP."""
        if not self._urls.get(service):
            raise StackError(f"there is no service {service!r} with a published port: want one of {sorted(self._urls)}")
        return self._outside(self._urls[service])

    def snapshot(self, name: str) -> None:
        """Keeps the data of all databases under a name."""
        self._ask("POST", f"/snapshots/{_quote(name)}")

    def rollback(self, name: str) -> None:
        """Brings the data of a snapshot back."""
        self._ask("POST", f"/snapshots/{_quote(name)}/rollback")

    def clone(self, snapshot: str) -> str:
        """Makes a database with the data of a snapshot, and returns its URL."""
        made = self._ask("POST", f"/snapshots/{_quote(snapshot)}/clones")
        return self._outside(made["clones"][0]["hostUrl"])

    def restart(self, service: str) -> None:
        """Restarts a service, and returns when it is healthy."""
        self._ask("POST", f"/services/{_quote(service)}/restart")

    def logs(self, tail: int = 200) -> str:
        """The last lines that the services have logged."""
        return self._ask("GET", f"/logs?tail={tail}")["logs"]

    def _outside(self, published: str) -> str:
        at = urllib.parse.urlsplit(published)
        login, found, _ = at.netloc.rpartition("@")
        return at._replace(netloc=f"{login}{found}localhost:{self.ports[at.port]}").geturl()

    def _ask(self, method: str, path: str):
        request = urllib.request.Request(self.api + path, method=method, headers={"Authorization": "Bearer " + self.token})
        try:
            with urllib.request.urlopen(request) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise StackError(json.load(error)["error"]["message"]) from None


@contextlib.contextmanager
def up(*, module: str | None = None, project: str | os.PathLike = ".", services: list[str] | None = None, log=None, **args) -> Iterator[Stack]:
    """A stack that is healthy, and ends with the block.

    module is the stack module: a path, or a git URL with a version; $STACK, unless given. project is the project's folder. services are
    those that the test needs; what these need is started, too. args are arguments of the stack by the names that they have in a module,
    e.g. backendCommand, env or publish. The stack is ephemeral and has a name of its own, unless they say otherwise. log is a file for
    Dagger's progress.
    """
    args = {"name": f"pytest-{secrets.token_hex(6)}", "ephemeral": True} | args
    with start_blocking_portal() as portal:
        running = _up(module or os.environ.get("STACK"), Path(project).absolute(), services or [], log, args)
        with portal.wrap_async_context_manager(running) as (ports, token):
            yield Stack(args["name"], ports, args.get("apiPort", 9002), token)


@contextlib.asynccontextmanager
async def _up(module: str | None, project: Path, services: list[str], log, args: dict):
    if not module:
        raise StackError("which stack module? Name its path, or its git URL with a version, as module or in $STACK")
    _use_cli_on_path()
    if Path(module).exists():
        module = str(Path(module).absolute())
    # A failed test ends the session, too, and with it all that was started.
    async with dagger.Connection(dagger.Config(log_output=log)) as client:

        async def ask(query: str):
            try:
                return await client._ctx.conn.session.execute(gql(query))
            except Exception as error:
                raise StackError(_message(error)) from None

        await client.module_source(module).as_module().serve()
        folder = await client.host().directory(str(project), exclude=await _ignored(ask, module)).id()
        for name, value in args.items():
            if isinstance(value, Secret):
                args = args | {name: await client.set_secret(f"stacktest-{args['name']}-{name}", value).id()}
        stack = f"stack({_literals(args)})"
        of = {"projectPath": folder} | ({"service": services} if services else {})
        service = (await ask(f"{{{stack} {{up({_literals(of)}) {{id}}}}}}"))["stack"]["up"]["id"]
        ports = await _tunnel(client, service)
        yield ports, (await ask(f"{{{stack} {{apiToken}}}}"))["stack"]["apiToken"].strip()
        if args["ephemeral"] is not True or "DAGGER_SESSION_PORT" in os.environ:
            await ask(f"{{{stack} {{stop}}}}")


def _use_cli_on_path() -> None:
    """Without it the SDK would download one."""
    if "DAGGER_SESSION_PORT" in os.environ or os.environ.get("_EXPERIMENTAL_DAGGER_CLI_BIN"):
        return
    if not (cli := shutil.which("dagger")):
        raise StackError("there is no dagger on the PATH: install Dagger v0.21.8 or later (https://docs.dagger.io/install)")
    os.environ["_EXPERIMENTAL_DAGGER_CLI_BIN"] = cli


async def _ignored(ask, module: str) -> list[str]:
    """What the function up says that it does not want of a project: dependencies and their like are not uploaded."""
    found = await ask(f"{{moduleSource({_literals({'refString': module})}) {{asModule {{objects {{asObject {{functions {{name args {{name ignore}}}}}}}}}}}}}}")
    for kind in found["moduleSource"]["asModule"]["objects"]:
        for function in (kind["asObject"] or {}).get("functions", []):
            for arg in function["args"]:
                if (function["name"], arg["name"]) == ("up", "projectPath"):
                    return arg["ignore"]
    raise StackError(f"{module} is not the stack module: it has no function up of a project")


async def _tunnel(client: dagger.Client, service: str) -> dict[int, int]:
    """Opens a port of the host, one that is free, for each that the stack publishes."""
    gateway = client.load_service_from_id(dagger.ServiceID(service))
    inside = [await port.port() for port in await gateway.ports()]
    opened = await client.host().tunnel(gateway, ports=[dagger.PortForward(backend=port) for port in inside]).start()
    return dict(zip(inside, [await port.port() for port in await opened.ports()], strict=True))


def _literals(values: dict) -> str:
    """Arguments in a query: JSON's text, numbers and lists are GraphQL's."""
    return ", ".join(f"{name}: {json.dumps(value)}" for name, value in values.items())


def _message(error: Exception) -> str:
    errors = getattr(error, "errors", None)
    return errors[0]["message"] if errors else str(error)


def _quote(text: str) -> str:
    return urllib.parse.quote(text, safe="")


@pytest.fixture(scope="session")
def stack_options() -> dict:
    """The arguments of up for the fixture stack. Override it in your conftest.py."""
    return {}


@pytest.fixture(scope="session")
def stack(stack_options: dict, request: pytest.FixtureRequest) -> Iterator[Stack]:
    """A stack for all tests of the run; for each worker of pytest-xdist one of its own."""
    with up(**stack_options) as running:
        failed = request.session.testsfailed
        yield running
        if request.session.testsfailed > failed:
            sys.stderr.write(f"\nthe log of the stack:\n{running.logs()}")
