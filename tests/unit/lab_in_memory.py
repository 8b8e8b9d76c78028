"""A lab of the kafka and the spark machine, into whose shares people may type."""

from millrace.settings import Lab

KAFKA, SPARK = "192.168.33.13", "192.168.33.12"
LAB = Lab(
    subnet="192.168.33",
    machines={
        name: {"address": address, "memory": 1024, "cpus": 1, "box": "trixie"}
        for name, address in {"kafka": 13, "spark": 12}.items()
    },
    typing=("shares",),
)
