"""API keys by the command line: shown once, kept as a hash, good for what they were made for."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from inkreel.entrypoints.keys import is_loopback, key_id, new_key
from inkreel.errors import OptionError


def keys(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`inkreel keys …` on this data folder."""
    return subprocess.run(
        [sys.executable, "-m", "inkreel", "keys", *arguments, "--data", str(data)],
        capture_output=True,
        text=True,
        timeout=100,
    )


def test_a_key_is_shown_once(tmp_path: Path) -> None:
    """stdout holds the key alone; afterwards nothing on the disk or in a list tells its secret."""
    made = keys(tmp_path, "create", "--client", "ada", "--scope", "read")
    assert made.returncode == 0, made.stderr
    key = made.stdout.strip()
    prefix, number, secret = key.split("_")
    assert prefix == "ink"
    assert len(secret) >= 40
    listed = keys(tmp_path, "list", "--json")
    (entry,) = json.loads(listed.stdout)
    assert (entry["id"], entry["client"], entry["scopes"]) == (number, "ada", ["read"])
    assert secret not in listed.stdout + keys(tmp_path, "list").stdout
    for path in tmp_path.iterdir():
        assert secret.encode() not in path.read_bytes()
        assert path.stat().st_mode & 0o077 == 0, f"others may read {path.name}"


def test_a_key_is_revoked_by_its_id_or_itself(tmp_path: Path) -> None:
    """An unknown one is told; a revoked one stays in the list."""
    for _ in range(2):
        made = json.loads(keys(tmp_path, "create", "--client", "ada", "--json").stdout)
        assert made["scopes"] == ["read", "write"]
    assert keys(tmp_path, "revoke", made["key"]).returncode == 0
    assert keys(tmp_path, "revoke", "nobody").returncode == 6
    states = [key["revoked"] is None for key in json.loads(keys(tmp_path, "list", "--json").stdout)]
    assert sorted(states) == [False, True]


def test_webhook_secrets_stay_the_same(tmp_path: Path) -> None:
    """A receiver can be told the secret again; another client's is another one."""
    one, same, other = (
        keys(tmp_path, "webhook-secret", "--client", name).stdout for name in ("ada", "ada", "bob")
    )
    assert one.startswith("whsec_")
    assert one == same != other


def test_keys_are_as_they_are_kept() -> None:
    """The digest is of the secret, scopes are in order, and no two keys are alike."""
    key, text = new_key("ada", ["admin", "read"], 1.0)
    assert key.scopes == ("read", "admin")
    assert key.digest == hashlib.sha256(text.split("_")[2].encode()).hexdigest()
    assert key_id(text) == key.id == key_id(key.id)
    assert len({new_key("ada", ["read"], 1.0)[1] for _ in range(100)}) == 100


@pytest.mark.parametrize(("client", "scopes"), [("", ["read"]), ("a b", ["read"]), ("ada", ["x"])])
def test_odd_clients_and_scopes_are_refused(client: str, scopes: list[str]) -> None:
    """With the rule in the hint."""
    with pytest.raises(OptionError) as caught:
        new_key(client, scopes, 1.0)
    assert caught.value.hint


def test_loopback_is_told_from_the_rest() -> None:
    """In every spelling."""
    for host in ("127.0.0.1", "127.9.9.9", "localhost", "LOCALHOST.", "::1", "[::1]"):
        assert is_loopback(host)
    for host in ("0.0.0.0", "::", "10.0.0.1", "localhost.example.com", "127.0.0.1.example.com", ""):
        assert not is_loopback(host)
