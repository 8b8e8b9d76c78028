"""Kafka loses what it had, or holds what no consumer may see."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

import orjson
from kafka import KafkaAdminClient, KafkaProducer, TopicPartition
from kafka.admin import NewPartitions

from drills.acts import services
from drills.scene import STREAM, Scene
from drills.traffic import simulator
from drills.waiting import Failed, until
from lab.observe.access import answers, kafka_account
from millrace.contract.contract import load_contract
from millrace.kafka.broker import Broker
from millrace.kafka.topic_retention import retention_bytes

TRANSACTIONS = 20
DATA, COPY = "/var/lib/kafka", "/var/lib/kafka.copy"
SECONDS = 60


@contextmanager
def cut_back(scene: Scene) -> Iterator[None]:
    """Ten seconds of what it had acknowledged are gone from its disk, as after a loss of power."""
    _with_kafka_stopped(scene, f"rm -rf {COPY} && cp -a {DATA} {COPY}")
    scene.wait_for_more("more is loaded", than=2000)
    scene.has_recovered()
    _with_kafka_stopped(scene, f"find {DATA} -mindepth 1 -delete && cp -a {COPY}/. {DATA} && rm -rf {COPY}")
    yield


@contextmanager
def transactions_beside(scene: Scene) -> Iterator[None]:
    """Somebody writes sales in transactions and gives up every second one: only those committed become rows."""
    partitions = range(load_contract("sales").topic.partitions)
    marks = {True: f"drill {scene.traffic.seed}, committed", False: f"drill {scene.traffic.seed}, given up"}
    account = kafka_account("admin").client()
    with closing(KafkaProducer(**account, transactional_id=f"drill-{scene.traffic.seed}")) as producer:
        producer.init_transactions()
        for number in range(TRANSACTIONS):
            is_kept = number % 2 == 0
            producer.begin_transaction()
            for partition in partitions:
                producer.send("sales", _typed_sale(marks[is_kept]), partition=partition).get(timeout=SECONDS)
            if is_kept:
                producer.commit_transaction()
            else:
                producer.abort_transaction()
    rows = "SELECT COUNT(*) FROM v_sales WHERE description = :mark"
    kept = TRANSACTIONS // 2 * len(partitions)
    until(lambda: scene.one(rows, mark=marks[True]) >= kept, "what was committed is loaded")
    if (found := [scene.one(rows, mark=marks[is_kept]) for is_kept in (True, False)]) != [kept, 0]:
        raise Failed(f"Of transactions committed and given up there are {found} rows, not {[kept, 0]}.")
    yield


def _typed_sale(mark: str) -> bytes:
    """A record as a person types it, with words of its own in the description."""
    record = next(simulator("sales").records(0))
    return orjson.dumps({name: value for name, value in record.items() if name[0] != "@"} | {"Description": mark})


@contextmanager
def records_deleted_behind(scene: Scene) -> Iterator[None]:
    """Everything that is loaded goes from the topic sales, as retention takes it."""
    ends = scene.one("SELECT end_offsets FROM pipeline_feed WHERE feed = 'sales'")
    admin = KafkaAdminClient(**kafka_account("admin").client())
    admin.delete_records({TopicPartition("sales", int(part)): end for part, end in orjson.loads(ends).items()})
    admin.close()
    yield


@contextmanager
def retention_passed(scene: Scene) -> Iterator[None]:
    """While nobody reads, all goes from the topic sales, read or not, as retention takes it: a loss to be told."""
    with services.stopped("spark", STREAM)(scene):
        before = scene.traffic.acknowledged()["sales"]
        until(lambda: scene.traffic.acknowledged()["sales"] > before + 2000, "records wait that nobody has read")
        read = orjson.loads(scene.one("SELECT end_offsets FROM pipeline_feed WHERE feed = 'sales'"))
        with closing(Broker(kafka_account("admin"))) as broker:
            ends = broker.latest_offsets("sales")
        with closing(KafkaAdminClient(**kafka_account("admin").client())) as admin:
            admin.delete_records({TopicPartition("sales", partition): end for partition, end in ends.items()})
        scene.lost["sales"] = sum(end - read.get(str(partition), 0) for partition, end in ends.items())
    yield


@contextmanager
def partition_added(scene: Scene) -> Iterator[None]:
    """The topic weather gets one partition more than it has; what is sent to it counts as any other.

    A producer notices it within five minutes; one that starts does at once.
    """
    with (
        closing(Broker(kafka_account("admin"))) as broker,
        closing(KafkaAdminClient(**kafka_account("admin").client())) as admin,
    ):
        more = len(broker.partitions("weather")) + 1
        admin.create_partitions({"weather": NewPartitions(total_count=more)})
    scene.traffic.stop()
    scene.traffic.start()
    ends = "SELECT end_offsets FROM pipeline_feed WHERE feed = 'weather'"
    until(lambda: orjson.loads(scene.one(ends)).get(str(more - 1), 0) > 0, "records of the new partition are loaded")
    yield


@contextmanager
def made_anew(scene: Scene) -> Iterator[None]:
    """The topic weather is deleted and made again; who sends to it begins at the beginning."""
    lab = scene.lab
    with closing(Broker(kafka_account("admin"))) as broker:
        broker.delete_topic("weather")
        broker.ensure_topics([load_contract("weather")], retention_bytes(lab))
    yield


def _with_kafka_stopped(scene: Scene, script: str) -> None:
    scene.run("kafka", "sudo systemctl stop kafka")
    scene.run("kafka", ["sudo", "sh", "-c", script])
    scene.cause_is_gone()
    scene.run("kafka", "sudo systemctl start kafka")
    until(lambda: answers(scene.lab.address("kafka"), 9092), "Kafka answers again")
