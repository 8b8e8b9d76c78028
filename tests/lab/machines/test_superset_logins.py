"""Who guesses passwords is stopped: an address from which ten log-ins have failed is not listened to for a minute."""

from functools import partial

from lab.host import remote
from lab.observe.services import superset_url
from lab.observe.superset import as_viewer
from millrace.settings import Lab
from tests.lab.journals import journal, machine_time
from tests.lab.tools import wait_until

# Runs on the kafka machine, so that it is that one's address which is stopped.
GUESS = """
import json, ssl, sys, urllib.error, urllib.request
trusted = ssl.create_default_context(cafile="/etc/millrace/ca.pem")
for number in range(int(sys.argv[2])):
    body = json.dumps({"username": "viewer", "password": f"guess {number}", "provider": "db"}).encode()
    asked = urllib.request.Request(sys.argv[1], body, {"Content-Type": "application/json"})
    try:
        print(urllib.request.urlopen(asked, timeout=30, context=trusted).status)
    except urllib.error.HTTPError as error:
        print(error.code)
"""
MOST, WORKERS = 10, 2
"""Each of Superset's workers counts for itself."""


def test_guessing_is_stopped_and_others_are_let_in(lab: Lab) -> None:
    address = f"{superset_url(lab)}/api/v1/security/login"
    tries = MOST * WORKERS + 5
    began = machine_time("superset")
    said = remote.run("kafka", ["python3", "-c", GUESS, address, str(tries)], timeout=120).split()
    assert set(said) == {"401", "429"} and len(said) == tries
    assert MOST <= said.count("401") <= MOST * WORKERS
    with as_viewer(lab, seconds=30) as client:
        assert client.get("/api/v1/me/").status_code == 200
    for status in (401, 429):
        line = f"refused ({status}): 'POST /api/v1/security/login' by nobody from {lab.address('kafka')}"
        wait_until(partial(says, line, began), f"Superset says {line}", 30)


def says(line: str, since: str) -> bool:
    return line in journal("superset", "superset", since)
