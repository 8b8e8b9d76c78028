"""What runs where: the one table behind status, logs and the tests."""

import ssl
from contextlib import closing
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection

from lab.observe.access import KAFKA_PORT, PROBE_SECONDS, answers, authority
from lab.sentences import general as sentences
from lab.sentences import status as status_words
from millrace.errors import Refused
from millrace.settings import Lab

STREAM_UNIT = "millrace-stream"
MASTER_PORT = 8080
APPLICATION_PORT = 4040
METRICS_PORT = 9109
SUPERSET_PORT = 8088
MACHINES = ("kafka", "mysql", "spark", "superset")


@dataclass(frozen=True)
class Service:
    """A systemd unit on a machine, its port on the lab network (0: none) and an HTTP path that answers 200."""

    unit: str
    machine: str
    port: int = 0
    page: str = ""


SERVICES = (
    Service("kafka", "kafka", KAFKA_PORT),
    Service("millrace-metrics", "kafka", METRICS_PORT),
    Service("mysql", "mysql", 3306),
    Service("spark-master", "spark", MASTER_PORT, "/json/"),
    Service("spark-worker", "spark", 8081, "/json/"),
    Service(STREAM_UNIT, "spark"),
    Service("superset", "superset", SUPERSET_PORT, "/health"),
    Service("millrace-demo", "kafka"),
)
"""What is enabled on every lab. The metrics' own page is not asked for: it asks for what all others answer."""

PER_FEED = tuple(Service(f"millrace-{kind}@*", "kafka") for kind in ("simulate", "poll", "landing", "device"))
"""What millrace-feeds runs for the feeds that are switched on; `*` stands for any feed."""

BATCH_JOBS = Service("millrace-batch-*", "spark")
"""What timers start; it comes and goes."""

UNHEARD = tuple(Service(f"millrace-{name}", "kafka") for name in ("feeds", "seals", "resend"))
"""What comes and goes on the kafka machine."""

LOGGED = (*SERVICES, *UNHEARD, *PER_FEED, BATCH_JOBS)
"""What has a journal of its own."""


def service_named(name: str) -> Service:
    """The service of a unit's name, with or without `.service`, a feed's own included; refuses an unknown one."""
    wanted = name.removesuffix(".service")
    for service in LOGGED:
        if fnmatchcase(wanted, service.unit):
            return replace(service, unit=wanted)
    raise Refused(sentences.UNKNOWN_SERVICE.format(service=name, known=", ".join(s.unit for s in LOGGED)))


def machine_named(name: str) -> str:
    """The machine's name itself; refuses an unknown one."""
    if name in MACHINES:
        return name
    raise Refused(sentences.UNKNOWN_MACHINE.format(machine=name, known=", ".join(MACHINES)))


def superset_url(lab: Lab) -> str:
    """Superset's address in a browser, without a path."""
    scheme = "https" if lab.encrypts else "http"
    return f"{scheme}://{lab.address('superset')}:{SUPERSET_PORT}"


def dashboards(lab: Lab) -> dict[str, str]:
    """Addresses a person opens in a browser."""
    superset = superset_url(lab)
    spark = lab.address("spark")
    return {
        "overview": f"{superset}/superset/dashboard/overview/",
        "insurance": f"{superset}/superset/dashboard/insurance/",
        "pipeline health": f"{superset}/superset/dashboard/pipeline-health/",
        "Spark": f"http://{spark}:{MASTER_PORT}",
        "streaming application": f"http://{spark}:{APPLICATION_PORT}",
    }


@dataclass(frozen=True)
class ServiceStatus:
    """A service and whether it answers; the stream answers by its lease in the ledger."""

    service: str
    machine: str
    address: str
    up: bool


def service_status(lab: Lab, service: Service, machine_up: bool) -> ServiceStatus:
    """Whether the service accepts a connection, or answers 200 on its page when it has one."""
    host = lab.address(service.machine)
    up = machine_up and (page_answers(lab, service) if service.page else answers(host, service.port))
    return ServiceStatus(service.unit, service.machine, f"{host}:{service.port}", up)


def page_answers(lab: Lab, service: Service) -> bool:
    """Whether the service's page answers 200. The standard library asks: it is there before httpx is imported."""
    try:
        with closing(_page_connection(lab, service)) as connection:
            connection.request("GET", service.page)
            return connection.getresponse().status == HTTPStatus.OK
    except (OSError, HTTPException):
        return False


def _page_connection(lab: Lab, service: Service) -> HTTPConnection:
    address, seconds = lab.address(service.machine), 2 * PROBE_SECONDS
    if service.machine == "superset" and lab.encrypts:
        trusted = ssl.create_default_context(cafile=authority())
        return HTTPSConnection(address, service.port, timeout=seconds, context=trusted)
    return HTTPConnection(address, service.port, timeout=seconds)


def service_problem(service: ServiceStatus) -> str:
    """What to do about a service that does not answer."""
    if service.service == STREAM_UNIT:
        return status_words.STREAM_SILENT
    return status_words.SERVICE_SILENT.format(service=service.service, address=service.address, unit=service.service)
