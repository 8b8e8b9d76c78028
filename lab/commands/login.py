"""`make login`: Superset's address, users and passwords, on request only."""

from feeds.settings import load_lab
from lab.access import secret
from lab.place import need_host
from lab.screen import table
from lab.services import SUPERSET_PORT

USERS = ("admin", "viewer")


def login() -> None:
    """Shows how to sign in to Superset."""
    need_host("make login")
    address = f"http://{load_lab().address('superset')}:{SUPERSET_PORT}/"
    rows = [[address, user, secret(f"superset_{user}_password")] for user in USERS]
    table("Superset", ["address", "user", "password"], rows)
