"""What a coding agent does with a running stack, by the protocol's own client. Run by tests/e2e/stacktest_test.go.

AGENT is a Python that has mcp. From the repository's root: STACK=$PWD PYTHONPATH=stacktest/pytest pytest -p stacktest tests/agents"""

import json
import os
import subprocess
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def stack_options():
    return {"project": os.environ["STACK"] + "/tests/fixtures/plain", "services": ["postgres"]}


def asked(stack, token, calls):
    """The answers of tools, and whether each is an error."""
    endpoint = stack.api.split("/api/")[0] + "/mcp"
    agent = [os.environ["AGENT"], Path(__file__).with_name("agent.py"), endpoint, token]
    done = subprocess.run(agent, input=json.dumps(calls), text=True, capture_output=True, env=os.environ | {"PYTHONPATH": ""})
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_who_may_read_logs_may_look(stack):
    services, logs, config, refused = asked(stack, "", [
        ("services", {}), ("logs", {"service": "postgres", "grep": "ready to accept"}), ("config", {"service": "postgres"}),
        ("exec", {"service": "postgres", "command": "true"}),
    ])
    assert '"service": "postgres"' in services[0] and '"health": "healthy"' in services[0]
    assert "database system is ready to accept connections" in logs[0]
    assert '"image": "postgres:15-alpine"' in config[0]
    assert "POSTGRES_PASSWORD" in config[0] and stack.url("postgres").split(":")[2].split("@")[0] not in config[0]
    assert refused[1] and "Authorization: Bearer TOKEN" in refused[0]


def test_who_has_the_token_may_act(stack):
    def sql(statement):
        return "exec", {"service": "postgres", "command": "psql -v ON_ERROR_STOP=1 -h /var/run/postgresql -U postgres app", "stdin": statement}

    created, taken, dropped, back, rows, restarted, kept, failed, events = asked(stack, stack.token, [
        sql("CREATE TABLE kept AS SELECT 42 AS answer"), ("snapshot", {"name": "clean"}), sql("DROP TABLE kept"), ("rollback", {"name": "clean"}),
        sql("SELECT answer FROM kept"), ("restart", {"service": "postgres"}), ("snapshots", {}), sql("SELECT * FROM nowhere"), ("events", {}),
    ])
    assert created[0].startswith("exit code 0\nstdout:\nSELECT 1"), created
    assert "postgres: snapshot clean taken" in taken[0] and dropped[0].startswith("exit code 0")
    assert "postgres: rolled back to clean" in back[0] and "42" in rows[0]
    assert restarted[0].startswith("postgres restarted") and "clean" in kept[0]
    assert failed[0].startswith("exit code 3\nstderr:\n") and 'relation "nowhere" does not exist' in failed[0] and not failed[1]
    assert "postgres restart" in events[0]
