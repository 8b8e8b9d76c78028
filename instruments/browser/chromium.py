"""Superset in a browser of its own, with the lab's passwords and its certificate."""

import base64
import hashlib
import os
import shutil
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import load_pem_x509_certificate
from playwright.sync_api import Browser, sync_playwright

from instruments.browser.site import Site
from lab.observe.access import answers, authority, secret
from lab.observe.services import SUPERSET_PORT, superset_url
from millrace.errors import Refused
from millrace.settings import Lab

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def opened_site(lab: Lab) -> Iterator[Site]:
    """Superset with its generated passwords, in a browser of its own; Refused where one of the two is not there."""
    host = lab.address("superset")
    if shutil.which(CHROMIUM) is None:
        raise Refused(f"{CHROMIUM} is missing: apt-get install chromium.")
    if not answers(host, SUPERSET_PORT):
        raise Refused(f"Superset does not answer at {host}:{SUPERSET_PORT}: make status.")
    passwords = {user: secret(f"superset_{user}_password") for user in ("admin", "viewer")}
    with opened_browser(lab) as browser:
        yield Site(browser, superset_url(lab), passwords)


@contextmanager
def opened_browser(lab: Lab) -> Iterator[Browser]:
    """Chromium, which where lab.yml encrypts knows Superset by its certificate, as a person's does by the authority."""
    trusted = [f"--ignore-certificate-errors-spki-list={key_of_superset(lab)}"] if lab.encrypts else []
    if lab.encrypts:
        # What a page's tests ask beside the page goes through Node, which reads this at its start.
        os.environ["NODE_EXTRA_CA_CERTS"] = str(authority())
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *trusted])
        try:
            yield browser
        finally:
            browser.close()


def key_of_superset(lab: Lab) -> str:
    """The SHA-256 of its public key, in base64; raises ssl.SSLError where this lab's authority has not signed it."""
    pem = ssl.get_server_certificate((lab.address("superset"), SUPERSET_PORT), ca_certs=str(authority()))
    key = load_pem_x509_certificate(pem.encode()).public_key()
    whole = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(whole).digest()).decode()
