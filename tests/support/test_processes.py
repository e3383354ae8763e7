"""Tests of tests/support/processes.py."""

from pathlib import Path

from tests.support.processes import accepts, free_port


def test_a_free_port_is_none_an_outgoing_connection_could_take_before_its_server() -> None:
    first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    ports = {free_port() for _ in range(50)}
    assert max(ports) < first
    assert len(ports) > 40
    assert not any(accepts(port) for port in ports)
