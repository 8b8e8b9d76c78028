"""`lookup('lab')`: the checkout's merged settings, on a control machine; Vagrant gives them as an extra variable."""

import sys
from pathlib import Path

from ansible.plugins.lookup import LookupBase

CHECKOUT = Path(__file__).resolve().parents[2]


class LookupModule(LookupBase):
    def run(self, terms, variables=None, **kwargs):
        """One value: lab.yml under lab.local.yml, where `encrypt: auto` is true: a control machine has real hosts."""
        if str(CHECKOUT) not in sys.path:
            sys.path.append(str(CHECKOUT))
        from millrace.lab_files import merged_lab  # noqa: PLC0415 - the checkout is on the path only now

        found = merged_lab()
        return [found | {"encrypt": True}] if found.get("encrypt", "auto") == "auto" else [found]
