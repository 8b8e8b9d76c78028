"""Who may do what on Kafka, as rules for its authorizer, which refuses what no rule allows.

`admin` is not among them: a super user (ansible/roles/kafka), it makes topics and accounts. docs/security.md tells the
same.
"""

from collections.abc import Iterable

from kafka.admin import ACL, ACLOperation, ACLPermissionType, ACLResourcePatternType, ResourcePattern, ResourceType

from millrace.settings import Lab

USERS = ("admin", "producer", "stream", "reader", "person")
"""Who has an account."""
HOMES = {"producer": "kafka", "stream": "spark"}
"""The machine from which alone an account may do anything."""
ANY = "*"
WORDS = "words"
"""The topic of docs/wordcount.md, which a person makes, fills and deletes."""
SPARK_GROUPS = "spark-kafka-source-"
"""What Spark calls the groups of its readers."""
SEES = (ACLOperation.DESCRIBE, ACLOperation.DESCRIBE_CONFIGS)
READ, WRITE = ACLOperation.READ, ACLOperation.WRITE
LITERAL, PREFIXED = ACLResourcePatternType.LITERAL, ACLResourcePatternType.PREFIXED


def declared_rights(lab: Lab, feeds: Iterable[str]) -> set[ACL]:
    """The rules of a lab with those feeds; into the topics that lab.yml opens for typing a person may write."""
    known = tuple(feeds)
    of_feeds = (of_feed(lab, feed, is_typed=feed in lab.typed(known)) for feed in known)
    return _of_everybody(lab) | set().union(*of_feeds)


def of_feed(lab: Lab, feed: str, *, is_typed: bool) -> set[ACL]:
    """The rules for one feed's topic."""
    rules = {_on_topic(lab, user, feed, READ) for user in ("stream", "reader", "person")}
    writers = ("producer", "person") if is_typed else ("producer",)
    return rules | {_on_topic(lab, user, feed, WRITE) for user in writers}


def sentence(rule: ACL) -> str:
    """A rule as a person reads it: `producer: write topic weather from 192.168.33.13`."""
    resource = rule.resource_pattern
    name = resource.resource_name + (ANY if resource.pattern_type == PREFIXED else "")
    user, what = rule.principal.removeprefix("User:"), rule.operation.name.lower().replace("_", " ")
    from_host = "" if rule.host == ANY else f" from {rule.host}"
    return f"{user}: {what} {resource.resource_type.name.lower()} {name}{from_host}"


def _of_everybody(lab: Lab) -> set[ACL]:
    """Names, ends and settings of topics are no secret: who may not see a topic could not tell that there is none."""
    seen = {_on_topic(lab, user, ANY, ACLOperation.DESCRIBE) for user in ("producer", "stream")}
    seen |= {_on_topic(lab, user, ANY, what) for user in ("reader", "person") for what in SEES}
    own = (ACLOperation.CREATE, ACLOperation.DELETE, READ, WRITE)
    groups = {
        _rule(lab, "stream", ResourcePattern(ResourceType.GROUP, SPARK_GROUPS, PREFIXED), READ),
        _rule(lab, "person", ResourcePattern(ResourceType.GROUP, ANY, LITERAL), READ),
    }
    return seen | groups | {_on_topic(lab, "person", WORDS, what) for what in own}


def _on_topic(lab: Lab, user: str, topic: str, what: ACLOperation) -> ACL:
    return _rule(lab, user, ResourcePattern(ResourceType.TOPIC, topic, LITERAL), what)


def _rule(lab: Lab, user: str, resource: ResourcePattern, what: ACLOperation) -> ACL:
    host = lab.address(HOMES[user]) if user in HOMES else ANY
    return ACL(f"User:{user}", host, what, ACLPermissionType.ALLOW, resource)
