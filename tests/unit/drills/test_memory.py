"""Memory that grows is told, memory that is flat or grows while it is young is not."""

from collections.abc import Callable

import pytest

from drills.memory import PROCESSES, Sample, growing, processes, slope

MB = 2**20
LISTED = """
   1   5000 /sbin/init
 210    400 /usr/lib/jvm/java -cp /opt/jars org.apache.spark.deploy.SparkSubmit x /opt/app/spark/app/stream.py
 220    398 /opt/millrace/venv/bin/python3 /opt/app/spark/app/stream.py
 230     30 /usr/lib/jvm/java org.apache.spark.deploy.SparkSubmit /opt/app/spark/jobs/lake.py
 240    390 /usr/lib/jvm/java org.apache.spark.executor.CoarseGrainedExecutorBackend --driver-url x
 260    100 python3 -m pyspark.daemon
/proc/1/status:RssAnon:	    9000 kB
/proc/210/status:RssAnon:	  700000 kB
/proc/220/status:RssAnon:	  100000 kB
/proc/230/status:RssAnon:	  300000 kB
"""


def of(kind: str, size: Callable[[float], float], *, age: float = 1000, pid: str = "1", began: int = 0) -> list[Sample]:
    """A sample every ten seconds of half an hour."""
    return [Sample(kind, pid, at, age + at - began, size(at) * MB) for at in range(began, 1800, 10)]


def every(other: list[Sample]) -> list[Sample]:
    """All kinds, flat but for that one."""
    return [s for kind in PROCESSES for s in (other if other[0].kind == kind else of(kind, lambda _at: 500))]


def test_processes_are_known_by_their_command_lines() -> None:
    assert processes("driver", LISTED, 1000) == [Sample("driver", "210", 1000, 400, 700_000 * 1024)]
    assert processes("driver's Python", LISTED, 1000) == [Sample("driver's Python", "220", 1000, 398, 100_000 * 1024)]
    assert processes("executors", LISTED, 1000) == [], "it has ended meanwhile"


@pytest.mark.parametrize(
    ("kind", "command", "is_one"),
    [
        ("mysqld", "/usr/sbin/mysqld", True),
        ("mysqld", "mysqldump --quick", False),
        ("mysqld", "grep mysqld_safe", False),
        ("kafka", "/usr/lib/jvm/java -cp x kafka.Kafka /etc/kafka/server.properties", True),
        ("kafka", "/usr/lib/jvm/java -cp x kafka.admin.ConfigCommand", False),
        ("tasks' Python", "/opt/millrace/venv/bin/python -m spark.load.worker_daemon pyspark.worker", True),
        (
            "Superset",
            "/opt/millrace/venv/bin/python x/with_credentials.py /opt/millrace/venv/bin/gunicorn --config y",
            True,
        ),
        ("Superset", "/opt/millrace/venv/bin/python /opt/millrace/app/superset/import_assets.py", False),
        ("producers", "/opt/millrace/venv/bin/python -m lab simulate sales --seed=5 --first=0 --rate=350", True),
        ("producers", "/opt/millrace/venv/bin/python -P -m lab simulate sales", False),
        ("executors", "java org.apache.spark.executor.CoarseGrainedExecutorBackend --driver-url x", True),
    ],
)
def test_no_other_process_is_taken_for_one(kind: str, command: str, is_one: bool) -> None:
    assert len(processes(kind, f" 7 10 {command}\n/proc/7/status:RssAnon:\t 20 kB\n", 1000)) == is_one


def test_the_slope_is_within_processes() -> None:
    first, second = of("kafka", lambda at: at, pid="1"), of("kafka", lambda at: at - 1e6, pid="2")
    assert slope(first + second) == pytest.approx(MB)
    assert slope([]) == slope(first[:1]) == 0


@pytest.mark.parametrize(
    ("driver", "is_flat"),
    [
        pytest.param(of("driver", lambda _at: 500), True, id="flat"),
        pytest.param(of("driver", lambda at: 500 + at / 60), True, id="a megabyte a minute"),
        pytest.param(of("driver", lambda at: 500 + at / 10), False, id="six megabytes a minute"),
        pytest.param(of("driver", lambda at: 500 + 50 * (at % 100 == 0)), True, id="a spike now and then"),
        pytest.param(of("driver", lambda at: min(600, at)), True, id="only at the beginning"),
        pytest.param(
            [*of("driver", lambda _at: 900)[:90], *of("driver", lambda at: at - 900, age=0, pid="2", began=900)],
            False,
            id="young for longer than is forgiven",
        ),
        pytest.param(
            [*of("driver", lambda _at: 900)[:90], *of("driver", lambda _at: 300, age=0, pid="2", began=900)],
            True,
            id="killed in the midst",
        ),
        pytest.param(of("driver", lambda _at: 500)[-10:], False, id="too few to say"),
    ],
)  # fmt: skip
def test_what_grows_is_said(driver: list[Sample], is_flat: bool) -> None:
    found = growing(every(driver), 1800)
    assert [sentence.partition(":")[0] for sentence in found] == ([] if is_flat else ["driver"])


def test_how_it_is_said() -> None:
    assert growing(every(of("mysqld", lambda at: 500 + at / 10)), 1800) == [
        "mysqld: its memory, 650 MB, grows by 6.0 MB a minute, more than 0.5% of it"
    ]
