"""Why a feed's records wait: what a person can do something about, as far as the application can see it."""

from pyspark.sql import SparkSession
from sqlalchemy.exc import SQLAlchemyError

from spark.jvm import executors
from spark.load.error_summary import sentence
from sql.blockers import blocker, end_abandoned
from sql.ledger.ledger import Ledger

NO_EXECUTOR = "Spark has no executor, which loads: see `make logs SERVICE=spark-worker`."
NO_MYSQL = "MySQL does not answer the spark machine: {why}"
NO_KAFKA = "Kafka does not answer the spark machine: see `make logs SERVICE=kafka`; it goes on when Kafka answers."
LOCKED = "MySQL waits for a lock that {holder} holds; it goes on when that session ends."
ABANDONED = "A task that was cut off held rows of the load; its session in MySQL was ended, and the load goes on."
LOADING = (
    "its load of {records:,} records is still under way; see `make logs SERVICE=millrace-stream` should it stay so."
)
OPEN_TRANSACTION = (
    "a producer has a transaction open in the topic, and nothing behind its beginning is read before it ends; "
    "`sudo kafka-transactions.sh list` on the kafka machine names it."
)
UNKNOWN = "no load begins; see `make logs SERVICE=millrace-stream`."


def why_waiting(spark: SparkSession, ledger: Ledger, records: int, kafka_is_silent: bool) -> str:
    """One sentence; `records` are those of the load that is under way, if one is. Spark and MySQL are asked briefly.

    What the application can do about it itself is done.
    """
    if not has_executor(spark):
        return NO_EXECUTOR
    try:
        with ledger.engine.connect() as connection:
            if end_abandoned(connection, ledger.app):
                return ABANDONED
            holder = blocker(connection)
    except (SQLAlchemyError, OSError) as error:
        return NO_MYSQL.format(why=sentence(error))
    if holder:
        return LOCKED.format(holder=holder)
    if kafka_is_silent:
        return NO_KAFKA
    return LOADING.format(records=records) if records else UNKNOWN


def has_executor(spark: SparkSession) -> bool:
    """Whether anybody but the driver can run tasks; on a local session the driver does."""
    return len(executors(spark)) > 1 or (spark.sparkContext.master or "").startswith("local")
