"""`make doctor` on the running lab: well as long as status is, and bounded where a machine is silent."""

import orjson

from instruments.tools import millrace, wait_until
from lab.doctor.all_checks import CHECKS, MACHINES, PIPELINE, SERVICES
from lab.host import remote
from lab.observe.access import settings
from lab.observe.status import collect
from millrace.settings import Lab


def test_a_lab_that_is_well_has_no_check_that_is_wrong(lab: Lab) -> None:
    wait_until(lambda: not collect(lab, settings()).problems, "the lab has no problem", 300)
    run = millrace("doctor", "--json")
    found = orjson.loads(run.out)
    wrong = [check for check in found["checks"] if check["state"] == "wrong"]
    assert (run.code, found["ok"], wrong) == (0, True, [])
    assert len(found["checks"]) == len(CHECKS)


def test_the_kafka_machine_has_the_same_command_without_the_host(lab: Lab) -> None:
    wait_until(lambda: not collect(lab, settings()).problems, "the lab has no problem", 300)
    found = orjson.loads(remote.run("kafka", ["millrace", "doctor", "--json"]))
    assert (found["ok"], {check["group"] for check in found["checks"]}) == (True, {MACHINES, SERVICES, PIPELINE})
