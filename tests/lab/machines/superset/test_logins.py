"""Who guesses passwords is stopped: an address from which ten log-ins have failed is not listened to for a minute."""

import re

from lab.host import remote
from lab.observe.services import superset_url
from lab.observe.superset import as_viewer, superset_client
from millrace.settings import Lab
from tests.lab.journals import machine_time, wait_until_superset_says

# Runs on the kafka machine, so that it is that one's address which is stopped. Guesses until it is; prints of each
# guess when it was asked, when it was answered, and how.
GUESS = """
import json, ssl, sys, time, urllib.error, urllib.request
trusted = ssl.create_default_context(cafile="/etc/millrace/ca.pem")
for number in range(int(sys.argv[2])):
    body = json.dumps({"username": "viewer", "password": f"guess {number}", "provider": "db"}).encode()
    asked = urllib.request.Request(sys.argv[1], body, {"Content-Type": "application/json"})
    began = time.monotonic()
    try:
        status = urllib.request.urlopen(asked, timeout=30, context=trusted).status
    except urllib.error.HTTPError as error:
        status = error.code
    print(began, time.monotonic(), status)
    if status == 429:
        break
"""
MOST, WORKERS = 10, 2
"""Each of Superset's workers counts for itself."""
WINDOW = 59
"""Seconds in which no worker listens to more: a minute, less what two machines' clocks may differ."""
TRIES = 200
"""More than it takes where guesses are so slow that some are forgotten before the next."""


def test_guessing_is_stopped_and_others_are_let_in(lab: Lab) -> None:
    address = f"{superset_url(lab)}/api/v1/security/login"
    began = machine_time("superset")
    said = remote.run("kafka", ["python3", "-P", "-c", GUESS, address, str(TRIES)], timeout=600)
    *heard, stopped = (line.split() for line in said.splitlines())
    assert {status for *_, status in heard} == {"401"} and stopped[-1] == "429", said
    assert len(heard) >= MOST
    # Where one more was heard than all workers listen to, a worker has heard one too many, unless a minute went by.
    spans = [float(last[1]) - float(first[0]) for first, last in zip(heard, heard[MOST * WORKERS :], strict=False)]
    assert [span for span in spans if span < WINDOW] == []
    with as_viewer(lab, seconds=30) as client:
        assert client.get("/api/v1/me/").status_code == 200
    for status in (401, 429):
        line = f"refused ({status}): 'POST /api/v1/security/login' by nobody from {lab.address('kafka')}"
        wait_until_superset_says(line, began)


def test_a_wrong_password_at_the_page_is_said_too(lab: Lab) -> None:
    """There Superset answers as it does to a right one: with another page."""
    began = machine_time("superset")
    with superset_client(lab, seconds=60) as client:
        (token,) = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/login/").raise_for_status().text)
        client.post("/login/", data={"username": "viewer", "password": "a guess", "csrf_token": token})
    wait_until_superset_says("log-in failed: 'POST /login/' from ", began)
