"""`make login`: Superset's address, users and passwords, on request only."""

from lab.location import need_host
from lab.observe.access import secret
from lab.observe.services import SUPERSET_PORT
from lab.screen.output import table
from millrace.settings import load_lab

USERS = ("admin", "viewer")


def login() -> None:
    """Shows how to sign in to Superset."""
    need_host("make login")
    address = f"http://{load_lab().address('superset')}:{SUPERSET_PORT}/"
    rows = [[address, user, secret(f"superset_{user}_password")] for user in USERS]
    table("Superset", ["address", "user", "password"], rows)
