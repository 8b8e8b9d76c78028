"""Gunicorn's settings for Superset beside those of its unit: loaded once, then forked, for half the work at a start.

SUPERSET_TLS                 PEM file of its key and certificate, with which it speaks HTTPS; without, plain HTTP
"""

import os
from typing import Any

preload_app = True
certfile = os.environ.get("SUPERSET_TLS")


def post_fork(_server: Any, worker: Any) -> None:
    """A connection made while loading is the parent's; two processes on one would read each other's answers."""
    from superset import db  # noqa: PLC0415

    with worker.app.wsgi().app_context():
        db.engine.dispose(close=False)
