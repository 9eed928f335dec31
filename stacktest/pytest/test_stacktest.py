"""Tests of the fixture, and an example of its use. From the repository's root: STACK=$PWD pytest stacktest/pytest"""

import os
import socket
import urllib.parse

import pytest
import stacktest


@pytest.fixture(scope="session")
def stack_options():
    root = os.environ["STACK"]
    return {"project": f"{root}/tests/fixtures/plain", "services": ["postgres"], "dbPassword": stacktest.Secret("p@ss/word")}


def test_database_is_reached(stack):
    url = urllib.parse.urlsplit(stack.url("postgres"))
    assert (url.username, urllib.parse.unquote(url.password), url.path) == ("postgres", "p@ss/word", "/app")
    with socket.create_connection((url.hostname, url.port)) as connection:
        connection.sendall(b"\0\0\0\x08\x04\xd2\x16\x2f")  # asks for TLS
        assert connection.recv(1) == b"N"


def test_each_clone_is_another_database(stack):
    stack.snapshot("clean")
    assert len({stack.clone("clean"), stack.clone("clean"), stack.url("postgres")}) == 3
    stack.rollback("clean")
    assert "database system is ready" in stack.logs()


def test_what_is_refused(stack):
    with pytest.raises(stacktest.StackError, match="there is no snapshot 'dirty'|there is no snapshot \"dirty\""):
        stack.rollback("dirty")
    with pytest.raises(stacktest.StackError, match="want one of \\['postgres'\\]"):
        stack.url("backend")


def test_without_a_module(monkeypatch):
    monkeypatch.delenv("STACK")
    with pytest.raises(stacktest.StackError, match="which stack module"), stacktest.up():
        pass
