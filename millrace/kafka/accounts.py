"""Accounts and rules on the broker, brought in line with what is declared; asked as a super user."""

from collections.abc import Collection, Iterable

from kafka import KafkaAdminClient
from kafka.admin import (
    ACL,
    ACLFilter,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ResourcePatternFilter,
    ResourceType,
    UserScramCredentialUpsertion,
)
from kafka.errors import SaslAuthenticationFailedError

from millrace.errors import Refused
from millrace.kafka.connection import Connection, made_whole
from millrace.kafka_account import KafkaAccount

KIND = ACLResourcePatternType.ANY


class Accounts(Connection):
    """What a broker knows of accounts and their rights. Every failure is a Refused sentence that names its address."""

    def ensure_users(self, wanted: Iterable[KafkaAccount]) -> list[str]:
        """Each account is let in with its password; the names of those that were not."""
        with self.asking() as client:
            known = set(client.describe_user_scram_credentials())
            unknown = [one for one in wanted if one.user not in known or not self._is_let_in(one)]
            if not unknown:
                return []
            answers = client.alter_user_scram_credentials(
                [
                    UserScramCredentialUpsertion(one.user, one.mechanism, one.password.get_secret_value())
                    for one in unknown
                ]
            )
        for user, error in answers.items():
            if error:
                raise Refused(f"Kafka at {self.address} does not take the password of {user}: {error}.")
        return sorted(answers)

    def rights(self, user: str) -> set[ACL]:
        """The rules that name this account."""
        anything = ResourcePatternFilter(ResourceType.ANY, None, KIND)
        wanted = ACLFilter(f"User:{user}", None, ACLOperation.ANY, ACLPermissionType.ANY, anything)
        with self.asking() as client:
            found, _error = client.describe_acls(wanted)
        return set(found)

    def add(self, rules: Collection[ACL]) -> None:
        """Have these rules count; one that does already is fine."""
        if not rules:
            return
        with self.asking() as client:
            failed = client.create_acls(list(rules))["failed"]
        if failed:
            raise Refused(f"Kafka at {self.address} does not take a rule ({failed[0].__name__}).")

    def remove(self, rules: Collection[ACL]) -> None:
        """Have these rules count no more; one that does not is fine."""
        if rules:
            with self.asking() as client:
                client.delete_acls([_as_filter(rule) for rule in rules])

    def _is_let_in(self, account: KafkaAccount) -> bool:
        """Whether Kafka takes its password now."""
        try:
            made_whole(KafkaAdminClient, account, bootstrap_timeout_ms=self._timeout_ms).close()
        except SaslAuthenticationFailedError:
            return False
        return True


def _as_filter(rule: ACL) -> ACLFilter:
    resource = rule.resource_pattern
    found = ResourcePatternFilter(resource.resource_type, resource.resource_name, resource.pattern_type)
    return ACLFilter(rule.principal, rule.host, rule.operation, rule.permission_type, found)
