"""Mitogen's strategy, its processes free to run on every processor.

Mitogen gives each of its processes one processor for good, and what a task starts inherits it: machines that share two
processors then all work on the second one.
"""

import ansible_mitogen.affinity
import ansible_mitogen.strategy
from ansible.plugins.strategy import linear

ansible_mitogen.affinity.policy = ansible_mitogen.affinity.Policy()


class StrategyModule(ansible_mitogen.strategy.StrategyMixin, linear.StrategyModule):
    """Tasks one after the other, run by one lasting Python per account instead of a new one per task."""
