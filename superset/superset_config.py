"""Superset's settings, read from the environment. Superset imports every capitalised name.

SUPERSET_SECRET_KEY          signs sessions and encrypts the stored database password (secret, no default)
MYSQL_PWD                    of the account `superset` on MySQL, for its client library to read (secret, no default)
MILLRACE_MYSQL_HOST, _PORT   the MySQL server (port 3306)
MILLRACE_MYSQL_CA            PEM file of who must have signed its certificate
SUPERSET_TLS                 set where it speaks HTTPS (superset/gunicorn_conf.py)
SUPERSET_HOME                cache and other files (/var/lib/superset)
"""

import logging
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask, Response, g, request
from flask_limiter.util import get_remote_address
from flask_login import current_user
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from sqlalchemy.engine import URL
from sqlalchemy.pool import NullPool
from superset.utils.log import AbstractEventLogger

# Superset imports this file at the end of its own settings, which stand by then.
from superset import config as superset_defaults

logger = logging.getLogger("millrace.refused")
SUPERSET_HOME = Path(os.environ.get("SUPERSET_HOME", "/var/lib/superset"))
APP_NAME = "Millrace"
LOGO_TARGET_PATH = "/dashboard/list/"

SECRET_KEY = os.environ["SUPERSET_SECRET_KEY"]
# Without the password, which Superset prints with the whole address whenever MySQL does not answer at its start.
SQLALCHEMY_DATABASE_URI = URL.create(
    "mysql+mysqldb",
    username="superset",
    host=os.environ["MILLRACE_MYSQL_HOST"],
    port=int(os.environ.get("MILLRACE_MYSQL_PORT", "3306")),
    database="superset",
    query={"charset": "utf8mb4", "ssl_ca": os.environ["MILLRACE_MYSQL_CA"], "ssl_mode": "VERIFY_IDENTITY"},
).render_as_string()
# A connection per request, which takes 3 ms: SQLAlchemy 1.4 does not know the error of one that had TLS, whose server
# was restarted. Of a pool, each would answer somebody with 500, however often it is asked first.
# Whoever waits for a MySQL that has gone without a word is told so before their request's own time is over; the kernel
# finds out within 15 s where nothing comes at all (ansible/roles/superset/templates/superset.service.j2).
MYSQL_PATIENCE = {"connect_timeout": 5, "read_timeout": 55, "write_timeout": 55}
SQLALCHEMY_ENGINE_OPTIONS = {
    "isolation_level": "READ COMMITTED",
    "poolclass": NullPool,
    "connect_args": MYSQL_PATIENCE,
}

# One port, which speaks HTTPS or HTTP: nothing to redirect from. Browsers are not told to stay with HTTPS: lab.yml may
# switch it off again.
IS_ENCRYPTED = "SUPERSET_TLS" in os.environ
SESSION_COOKIE_SECURE = IS_ENCRYPTED
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
WTF_CSRF_ENABLED = True
PERMANENT_SESSION_LIFETIME = timedelta(days=7)
# Nothing is loaded from outside hosts, so that the lab works without Internet and sends no usage data.
TALISMAN_ENABLED = True
TALISMAN_CONFIG = {
    "content_security_policy": {
        "base-uri": ["'self'"],
        "default-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "worker-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "object-src": "'none'",
        "style-src": ["'self'", "'unsafe-inline'"],
        "font-src": ["'self'", "data:"],
        "script-src": ["'self'", "'strict-dynamic'"],
    },
    "content_security_policy_nonce_in": ["script-src"],
    "force_https": False,
    "strict_transport_security": False,
    "session_cookie_secure": IS_ENCRYPTED,
}
REFUSALS = {401, 403, 429}
# Who has logged in is told by these that what is not theirs is not there, and that a query inside a question is wrong.
HIDING, NO_SUBQUERY = ("/api/v1/", "/datasource/", "/superset/"), "Custom SQL fields cannot contain sub-queries."
# Superset's own limit counts every request of the page; this one is for those who guess.
MOST_FAILED_LOGINS = "10 per minute"


def limit_failed_logins(app: Flask) -> None:
    """An address from which so many log-ins have failed, by the page or the API, is not listened to for a minute.

    It is answered 429 in plain text: of what Superset's log-in page is told by a flash, it shows nothing. Each worker
    counts for itself.
    """
    failed, most = MovingWindowRateLimiter(MemoryStorage()), parse(MOST_FAILED_LOGINS)
    form, api = "/login/", "/api/v1/security/login"

    def is_login() -> bool:
        return request.method == "POST" and request.path in {form, api}

    @app.before_request
    def refuse() -> Response | None:
        if not is_login() or failed.test(most, get_remote_address()):
            return None
        return Response(
            "Too many log-ins have failed from your address: wait a minute, then try again.",
            status=429,
            mimetype="text/plain",
        )

    @app.after_request
    def count(response: Response) -> Response:
        if is_login() and (response.status_code == 401 if request.path == api else not current_user.is_authenticated):
            failed.hit(most, get_remote_address())
            if response.status_code not in REFUSALS:  # the page answers with another page
                logger.warning("log-in failed: %r from %s", f"{request.method} {request.path}", get_remote_address())
        return response


def log_refusals(app: Flask) -> None:
    """Says in the journal who was refused what: Superset itself keeps silent about it."""

    def is_refusal(response: Response, user: Any) -> bool:
        said = response.get_data(as_text=True) if response.status_code == 400 and response.is_json else ""
        is_hidden = response.status_code == 404 and request.path.startswith(HIDING) and not user.is_anonymous
        return is_hidden or NO_SUBQUERY in said or response.status_code in REFUSALS

    @app.after_request
    def say(response: Response) -> Response:
        user = getattr(g, "user", current_user)  # who shows a token is no user of flask_login's
        if is_refusal(response, user):
            name, what = "nobody" if user.is_anonymous else user.username, f"{request.method} {request.path}"
            logger.warning("refused (%s): %r by %s from %s", response.status_code, what, name, get_remote_address())
        return response


def mutate(app: Flask) -> None:
    """What is added to Superset's application."""
    limit_failed_logins(app)
    log_refusals(app)


FLASK_APP_MUTATOR = mutate
THEME_FONT_URL_ALLOWED_DOMAINS: list[str] = []

# Several readers share one answer, yet each refresh (30 s) must show new data: so 20 s.
DATA_CACHE_SECONDS = 20
CACHE_DEFAULT_TIMEOUT = DATA_CACHE_SECONDS


def file_cache(folder: str, seconds: int) -> dict[str, object]:
    """A cache of files under SUPERSET_HOME; `seconds` is how long an entry counts."""
    return {
        "CACHE_TYPE": "FileSystemCache",
        "CACHE_DIR": str(SUPERSET_HOME / "cache" / folder),
        "CACHE_DEFAULT_TIMEOUT": seconds,
        "CACHE_THRESHOLD": 5000,
    }


CACHE_CONFIG = file_cache("metadata", 300)
DATA_CACHE_CONFIG = file_cache("data", DATA_CACHE_SECONDS)
FILTER_STATE_CACHE_CONFIG = file_cache("filter_state", int(timedelta(days=90).total_seconds()))
EXPLORE_FORM_DATA_CACHE_CONFIG = file_cache("form_data", int(timedelta(days=7).total_seconds()))


class NoEventLogger(AbstractEventLogger):
    """Keeps no record of who looked at what: six rows per chart and refresh, which nothing deletes.

    Superset's home page would list a person's recent visits from them; the lab's starts with the list of dashboards.
    """

    def log(self, *_: object, **__: object) -> None:
        """Does nothing."""


EVENT_LOGGER = NoEventLogger()

# "force", Superset's default, lets every open dashboard go round the cache.
DASHBOARD_AUTO_REFRESH_MODE = "fetch"
DASHBOARD_AUTO_REFRESH_INTERVALS = [[0, "Don't refresh"], [10, "10 seconds"], [30, "30 seconds"], [60, "1 minute"]]

FEATURE_FLAGS = {
    # Every chart is drawn at once: a scrolled dashboard, a screenshot and a test see the same thing.
    "DASHBOARD_VIRTUALIZATION": False,
    "DRILL_TO_DETAIL": False,
    "DRILL_BY": False,
    "EMBEDDABLE_CHARTS": False,
}

# Superset's own expressions start from DATE(col), which its SQL formatter drops inside DATE_ADD: 17:00 became 10:00 of
# the next day. These take away the smaller units instead.
TIME_GRAIN_ADDON_EXPRESSIONS = {
    "mysql": {
        "PT1S": "DATE_SUB({col}, INTERVAL MICROSECOND({col}) MICROSECOND)",
        "PT1M": "DATE_SUB({col}, INTERVAL (SECOND({col}) * 1000000 + MICROSECOND({col})) MICROSECOND)",
        "PT1H": "DATE_SUB({col}, INTERVAL "
        "((MINUTE({col}) * 60 + SECOND({col})) * 1000000 + MICROSECOND({col})) MICROSECOND)",
    }
}

# Charts are drawn at once: a dozen that move into place together keep a page without a graphics card busy for seconds.
DRAWN_AT_ONCE = {"echartsOptionsOverrides": {"animation": False}}
THEME_DEFAULT = superset_defaults.THEME_DEFAULT | DRAWN_AT_ONCE
THEME_DARK = superset_defaults.THEME_DARK | DRAWN_AT_ONCE

# The network is this host's own: packing JavaScript takes ten times as long as sending it.
COMPRESS_REGISTER = False

ROW_LIMIT = 10_000
SQL_MAX_ROW = 100_000
SUPERSET_WEBSERVER_TIMEOUT = 60
SQLLAB_TIMEOUT = 30
# No task queue here: SQL Lab runs in the request, reports are off.
CELERY_CONFIG = None
DEFAULT_RELATIVE_END_TIME = "now"
ENABLE_CORS = False
BABEL_DEFAULT_LOCALE = "en"
FAB_ADD_SECURITY_API = True
CONTENT_SECURITY_POLICY_WARNING = False

# A lighter low end keeps a cheap state visible against the page.
EXTRA_SEQUENTIAL_COLOR_SCHEMES = [
    {
        "id": "millrace_blue",
        "description": "",
        "label": "Millrace blue",
        "isDiverging": False,
        "isDefault": False,
        "colors": ["#DCEBF5", "#A9CDE6", "#6BA6D1", "#377FB8", "#1F5C93", "#123E68"],
    },
    {
        "id": "millrace_cold_warm",
        "description": "",
        "label": "Millrace cold to warm",
        "isDiverging": True,
        "isDefault": False,
        "colors": ["#2F6DA8", "#A9CDE6", "#F4F5F7", "#F2C08A", "#C4572E"],
    },
]
EXTRA_CATEGORICAL_COLOR_SCHEMES = [
    {
        "id": "millrace",
        "description": "",
        "label": "Millrace",
        "isDefault": True,
        "colors": ["#2F6DA8", "#E08A3C", "#4E9F6D", "#B4527A", "#7A68B3", "#5BAFB5", "#A3863B", "#8A8F98"],
    }
]
