"""`make verify` on the running lab, whose feeds go on meanwhile."""

import orjson
import pytest

from instruments.tools import millrace
from millrace.contract.contract import load_contract
from millrace.settings import Lab

VERIFY_SECONDS = 1800


@pytest.mark.timeout(VERIFY_SECONDS + 60)
def test_facts_rollups_and_ledger_agree(lab: Lab) -> None:
    ran = millrace("verify", "--json", timeout=VERIFY_SECONDS)
    checks = orjson.loads(ran.out)
    assert [check for check in checks if check["differing"]] == []
    assert ran.code == 0, ran.err
    wanted = {(feed, name) for feed in lab.feeds for name in ("facts", *(r.name for r in load_contract(feed).rollups))}
    assert wanted <= {(check["feed"], check["what"]) for check in checks}
