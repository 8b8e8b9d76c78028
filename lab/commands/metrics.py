"""`millrace metrics`: the lab's state on one page that Prometheus reads; a service on the kafka machine runs it."""

from prometheus_client import CollectorRegistry, start_http_server

from lab.observe.access import settings
from lab.observe.metrics import LabCollector
from lab.observe.services import METRICS_PORT
from lab.observe.status import collect
from millrace.settings import load_lab


def metrics() -> None:
    """Serves /metrics on the lab's network until it is stopped."""
    registry = CollectorRegistry()
    registry.register(LabCollector(lambda: collect(load_lab(), settings())))
    _, thread = start_http_server(METRICS_PORT, load_lab().address("kafka"), registry)
    thread.join()
