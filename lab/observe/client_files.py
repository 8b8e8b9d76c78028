"""What a person's own clients of Kafka read on the host, each in its own words."""

from pathlib import Path

from lab.location import state_folder
from lab.observe.access import kafka_account
from millrace.kafka_account import properties
from millrace.whole_file import whole_file

CLIENT_FILES = ("client.properties", "kcat.conf")
"""For clients made with Kafka's own library, and for kcat and others made with librdkafka."""
PRIVATE = 0o600


def write_client_files() -> list[Path]:
    """Writes them as the account of people, closed to everybody else; where they are. Refused without passwords."""
    person = kafka_account("person")
    files = [state_folder() / name for name in CLIENT_FILES]
    for file, settings in zip(files, (person.java(), person.librdkafka()), strict=True):
        with whole_file(file) as partial:
            partial.touch(mode=PRIVATE)
            partial.write_text(properties(settings), encoding="utf-8")
    return files
