"""What an executor starts in place of pyspark.daemon: it imports all that a task needs before it forks the workers.

Else each of four workers would import it for itself, in the first seconds of an application, on two cores. What was
imported is kept out of the garbage collector's sight: PySpark has it look at every object after each task, which took
more time than a small load's own work. Daemon and worker are doors that PySpark keeps for itself, as they are in 4.2.0.
"""

import gc

import pyspark.worker
from pyspark.daemon import manager

import spark.load.load_task

NEEDED = (pyspark.worker, spark.load.load_task)

if __name__ == "__main__":
    gc.collect()
    gc.freeze()
    manager()
