"""What an executor starts in place of pyspark.daemon: it imports all that a task needs before it forks the workers.

Else each of four workers would import it for itself, in the first seconds of an application, on two cores.
"""

import pyspark.worker
from pyspark.daemon import manager

import spark.task

NEEDED = (pyspark.worker, spark.task)

if __name__ == "__main__":
    manager()
