"""Who may come in: forged, foreign and insufficient requests are refused, quickly and alike."""

from __future__ import annotations

import io
import logging
import random
import secrets
import string
import time
from pathlib import Path

import pytest

from tests.entrypoints.http.server import TEXT, Running, running

LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"


def test_forged_keys_open_nothing(keyed: Running) -> None:
    """Of a thousand changed keys, signatures and guessed ids none is accepted."""
    dice = random.Random(24)
    mine = keyed.key("one")
    right = mine["Authorization"]
    job = keyed.done({"video": b"film"}, client="one")
    accepted = 0
    with keyed.client() as client:
        for _ in range(400):
            at = dice.randrange(len("Bearer "), len(right))
            letter = dice.choice(string.ascii_letters + string.digits)
            forged = right[:at] + (letter if letter != right[at] else "-") + right[at + 1 :]
            answer = client.get("/v1/videos", headers={"Authorization": forged})
            accepted += answer.status_code != 401
        assert answer.headers["www-authenticate"] == "Bearer"
        for _ in range(300):
            query = {"expires": "99999999999", "signature": secrets.token_urlsafe(32)}
            answer = client.get(f"/v1/videos/{job.id}/content", params=query)
            accepted += answer.status_code != 403
        for _ in range(300):
            guess = job.id[:-4] + "".join(dice.choices(LETTERS, k=4))
            answer = client.get(f"/v1/videos/{guess}", headers=mine)
            accepted += guess != job.id and answer.status_code != 404
        assert client.get(f"/v1/videos/{job.id}", headers=mine).status_code == 200
    assert accepted == 0


def test_anothers_job_is_unknown(keyed: Running) -> None:
    """On every path, another client's job answers as one that never was; keys of one client
    share its jobs."""
    mine, twin, other = keyed.key("owner"), keyed.key("owner"), keyed.key("thief")
    job = keyed.done({"video": b"film"}, client="owner")
    with keyed.client() as client:
        for method, below in (
            ("GET", ""),
            ("GET", "/events"),
            ("GET", "/content"),
            ("HEAD", "/content"),
            ("GET", "/storyboard"),
            ("PUT", "/storyboard"),
            ("GET", "/scenes/1/thumbnail"),
            ("PATCH", ""),
            ("POST", "/cancel"),
            ("POST", "/retry"),
            ("DELETE", ""),
        ):
            place = f"/v1/videos/{job.id}{below}"
            answers = [
                client.request(method, place, headers=other),
                client.request(method, place.replace(job.id, "vid_" + "0" * 26), headers=other),
            ]
            assert [answer.status_code for answer in answers] == [404, 404], place
            if method != "HEAD":
                told = [answer.json() for answer in answers]
                assert told[0]["detail"].replace(job.id, "") == told[1]["detail"].replace(
                    "vid_" + "0" * 26, ""
                )
        assert client.get("/v1/videos", headers=other).json()["data"] == []
        assert client.get(f"/v1/videos/{job.id}", headers=twin).status_code == 200
        assert client.get(f"/v1/videos/{job.id}", headers=mine).json()["status"] == "done"


def test_scopes_bound_what_a_key_may(keyed: Running) -> None:
    """read looks, write orders, admin sees the whole; a revoked key does nothing at once."""
    read, write, admin = (keyed.key("scoped", scope) for scope in ("read", "write", "admin"))
    with keyed.client() as client:
        for headers, listed, ordered, managed in (
            (read, 200, 403, 403),
            (write, 200, 202, 403),
            (admin, 200, 202, 200),
            ({}, 401, 401, 401),
        ):
            assert client.get("/v1/videos", headers=headers).status_code == listed
            body = {"text": TEXT.decode()}
            assert client.post("/v1/videos", json=body, headers=headers).status_code == ordered
            for path in ("/v1/admin", "/metrics"):
                assert client.get(path, headers=headers).status_code == managed
        assert client.get("/v1/me", headers=write).json()["scopes"] == ["write"]
        key = read["Authorization"].split("_")[1]
        assert keyed.do(keyed.service.keys.revoke_key(key, time.time()))
        assert client.get("/v1/videos", headers=read).status_code == 401
        for path in ("/livez", "/readyz", "/startupz", "/openapi.json", "/docs"):
            assert client.get(path).status_code == 200


def test_strangers_send_nothing(keyed: Running) -> None:
    """Who has no key is refused before a byte of the body is read."""
    with keyed.client() as client:
        answer = client.post(
            "/v1/videos", files={"document": ("a.md", io.BytesIO(bytes(9_000_000)))}
        )
        assert (answer.status_code, answer.headers["connection"]) == (401, "close")


@pytest.mark.parametrize(
    ("headers", "method", "allowed"),
    [
        ({}, "POST", True),
        ({"Host": "localhost:8000", "Origin": "http://localhost:8000"}, "POST", True),
        ({"Host": "[::1]:8000"}, "GET", True),
        ({"Host": "films.example"}, "GET", True),
        ({"Host": "evil.example"}, "GET", False),
        ({"Host": "localhost.evil.example"}, "GET", False),
        ({"Host": "127.0.0.1@evil.example"}, "GET", False),
        ({"Host": ""}, "GET", False),
        ({"Host": "localhost:8000", "Origin": "http://localhost:3000"}, "POST", False),
        ({"Host": "localhost", "Origin": "https://evil.example"}, "POST", False),
        ({"Host": "localhost", "Origin": "null"}, "POST", False),
        ({"Sec-Fetch-Site": "cross-site"}, "POST", False),
        ({"Sec-Fetch-Site": "cross-site"}, "GET", True),
    ],
)
def test_without_keys_only_this_machine_is_answered(
    local: Running, headers: dict[str, str], method: str, *, allowed: bool
) -> None:
    """Pages of other sites can neither read here under a name of theirs nor act for a visitor."""
    with local.client() as client:
        body = {"text": TEXT.decode()} if method == "POST" else None
        answer = client.request(method, "/v1/videos", json=body, headers=headers)
        assert (answer.status_code < 400) == allowed
        if not allowed:
            assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
        assert "access-control-allow-origin" not in answer.headers


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory):
    with running(tmp_path_factory.mktemp("local"), allowed_hosts=("films.example",)) as server:
        yield server


def test_rates_are_limited(tmp_path: Path) -> None:
    """A client that asks too often is told when to come again; others are not held up."""
    limits = {"auth": "on", "rate_per_minute": 60, "rate_burst": 5}
    with running(tmp_path, **limits) as server, server.client() as client:
        one, other = server.key("one"), server.key("other")
        answers = [client.get("/v1/videos", headers=one) for _ in range(8)]
        statuses = [answer.status_code for answer in answers]
        assert statuses[:5] == [200] * 5
        assert statuses[-1] == 429
        first, last = answers[0], answers[-1]
        assert first.headers["ratelimit-policy"] == '"client";q=60;w=60'
        assert first.headers["ratelimit"].startswith('"client";r=4;t=')
        assert last.json()["code"] == "rate_limited"
        assert 1 <= int(last.headers["retry-after"]) <= 2
        assert client.get("/v1/videos", headers=other).status_code == 200


def test_no_secret_is_logged(keyed: Running, caplog: pytest.LogCaptureFixture) -> None:
    """Keys, signatures and what documents say stay out of the log, also at its most talkative."""
    canary = "canary" + secrets.token_hex(8)
    headers = keyed.key("logged", "admin")
    with caplog.at_level(logging.DEBUG), keyed.client() as client:
        document = f"# Tides\n\nThe {canary} is high.".encode()
        files = {"document": (f"{canary}.md", document)}
        job = client.post("/v1/videos", files=files, headers=headers).json()["id"]
        place = f"/v1/videos/{job}/content"
        client.get(place, params={"signature": canary, "expires": 1})
        client.get(place, headers={"Authorization": f"Bearer ink_abc_{canary}"})
        client.get(f"/v1/videos/{job}?key={canary}&token={canary}")
        done = keyed.done({"video": b"film"}, client="logged")
        url = client.get(f"/v1/videos/{done.id}", headers=headers).json()["files"][0]["url"]
        client.get(url)
    ours = [record for record in caplog.records if record.name.startswith(("inkreel", "uvicorn"))]
    text = "\n".join(record.getMessage() for record in ours)
    assert "/v1/videos" in text
    assert canary not in text
    assert headers["Authorization"].rpartition("_")[2] not in text
    assert url.rpartition("signature=")[2] not in text
