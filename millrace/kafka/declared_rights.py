"""Who may do what on Kafka, as rules for its authorizer, which refuses what no rule allows.

`admin` is not among them: a super user (ansible/roles/kafka), it makes topics and accounts. docs/security.md tells the
same.
"""

from collections.abc import Collection, Iterable

from kafka.admin import ACL, ACLOperation, ACLPermissionType, ACLResourcePatternType, ResourcePattern, ResourceType

USERS = ("admin", "producer", "stream", "reader", "person")
"""Who has an account."""
ANY = "*"
WORDS = "words"
"""The topic of docs/wordcount.md, which a person makes, fills and deletes."""
SPARK_GROUPS = "spark-kafka-source-"
"""What Spark calls the groups of its readers."""
SEES = (ACLOperation.DESCRIBE, ACLOperation.DESCRIBE_CONFIGS)
READ, WRITE = ACLOperation.READ, ACLOperation.WRITE
LITERAL, PREFIXED = ACLResourcePatternType.LITERAL, ACLResourcePatternType.PREFIXED


def declared_rights(feeds: Iterable[str], typed: Collection[str]) -> set[ACL]:
    """The rules of a lab with those feeds; into the topics of the `typed` ones a person may write."""
    of_feeds = (of_feed(feed, is_typed=feed in typed) for feed in feeds)
    return _of_everybody() | set().union(*of_feeds)


def of_feed(feed: str, *, is_typed: bool) -> set[ACL]:
    """The rules for one feed's topic."""
    rules = {_on_topic(user, feed, READ) for user in ("stream", "reader", "person")}
    writers = ("producer", "person") if is_typed else ("producer",)
    return rules | {_on_topic(user, feed, WRITE) for user in writers}


def sentence(rule: ACL) -> str:
    """A rule as a person reads it: `person: write topic weather`."""
    resource = rule.resource_pattern
    name = resource.resource_name + (ANY if resource.pattern_type == PREFIXED else "")
    user, what = rule.principal.removeprefix("User:"), rule.operation.name.lower().replace("_", " ")
    return f"{user}: {what} {resource.resource_type.name.lower()} {name}"


def _of_everybody() -> set[ACL]:
    """Names, ends and settings of topics are no secret: who may not see a topic could not tell that there is none."""
    seen = {_on_topic(user, ANY, what) for user in ("producer", "stream") for what in (ACLOperation.DESCRIBE,)}
    seen |= {_on_topic(user, ANY, what) for user in ("reader", "person") for what in SEES}
    own = (ACLOperation.CREATE, ACLOperation.DELETE, READ, WRITE)
    groups = {
        _rule("stream", ResourcePattern(ResourceType.GROUP, SPARK_GROUPS, PREFIXED), READ),
        _rule("person", ResourcePattern(ResourceType.GROUP, ANY, LITERAL), READ),
    }
    return seen | groups | {_on_topic("person", WORDS, what) for what in own}


def _on_topic(user: str, topic: str, what: ACLOperation) -> ACL:
    return _rule(user, ResourcePattern(ResourceType.TOPIC, topic, LITERAL), what)


def _rule(user: str, resource: ResourcePattern, what: ACLOperation) -> ACL:
    return ACL(f"User:{user}", ANY, what, ACLPermissionType.ALLOW, resource)
