"""What the rig does to servers and to all that they need; one module for each thing that is hurt."""

from collections.abc import Mapping

from torture.faults import action_server, clock, disk, network, postgresql, replicas, sqlite, valkey
from torture.faults.fault import Fault

FAULTS: Mapping[str, Fault] = {
    fault.name: fault
    for module in (replicas, clock, postgresql, sqlite, disk, valkey, network, action_server)
    for fault in module.FAULTS
}
"""All faults by name, but for the manners of clients, which are in `torture.clients`."""
