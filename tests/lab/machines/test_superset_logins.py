"""Who guesses passwords is stopped: an address from which ten log-ins have failed is not listened to for a minute."""

import httpx

from lab.host import remote
from lab.observe.access import secret
from lab.observe.services import SUPERSET_PORT
from millrace.settings import Lab

# Runs on the kafka machine, so that it is that one's address which is stopped.
GUESS = """
import json, sys, urllib.error, urllib.request
for number in range(int(sys.argv[2])):
    body = json.dumps({"username": "viewer", "password": f"guess {number}", "provider": "db"}).encode()
    asked = urllib.request.Request(sys.argv[1], body, {"Content-Type": "application/json"})
    try:
        print(urllib.request.urlopen(asked, timeout=30).status)
    except urllib.error.HTTPError as error:
        print(error.code)
"""
MOST, WORKERS = 10, 2
"""Each of Superset's workers counts for itself."""


def test_guessing_is_stopped_and_others_are_let_in(lab: Lab) -> None:
    address = f"http://{lab.address('superset')}:{SUPERSET_PORT}/api/v1/security/login"
    tries = MOST * WORKERS + 5
    said = remote.run("kafka", ["python3", "-c", GUESS, address, str(tries)], timeout=120).split()
    assert set(said) == {"401", "429"} and len(said) == tries
    assert MOST <= said.count("401") <= MOST * WORKERS
    login = {"username": "viewer", "password": secret("superset_viewer_password"), "provider": "db"}
    assert httpx.post(address, json=login, timeout=30).status_code == 200
