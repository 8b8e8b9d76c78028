"""`millrace seals`: from where on records must be sealed; a service of the kafka machine says it, once."""

from lab.observe.warehouse import warehouse
from lab.operate.mysql_as_producer import as_producer
from lab.operate.older_producers import older_producers, topic_ends
from lab.screen.output import say
from lab.sentences import general as sentences
from millrace.errors import Refused
from millrace.settings import Settings
from sql.seals import require, required_since


def seals() -> None:
    """Tells MySQL where records end that releases wrote which did not seal. Refused while such a producer runs."""
    settings = Settings.from_environment()
    with warehouse(settings) as connection:
        since = required_since(connection)
    if since is None:
        if older := older_producers():
            raise Refused(sentences.OLDER_PRODUCERS.format(processes=", ".join(map(str, older))))
        with as_producer(settings) as connection:
            require(connection, topic_ends(settings))
    say(sentences.SEALS_REQUIRED)
