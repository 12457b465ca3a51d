"""Hosts as network namespaces: each has a link of a given rate to a router in the middle, and
the router sends all that it forwards through a wire of a given length.

         rate up                               rate down
  host-i ------> router ---> delay_line ---> router ------> host-j
      \\____________________ management ____________________/

Rates are kept by the kernel's token buckets (tc tbf) on pairs of virtual Ethernet devices (veth),
latency by bench/reality/delay_line. Whoever runs in the router's namespace reaches every host
over a second pair without limits, and is reached at MANAGEMENT. Everything lives in namespaces of
its own (enter) and is gone with the process that made it.
"""

import os
import pathlib
import shutil
import subprocess

MANAGEMENT = "10.9.9.9"

# A bucket that holds what its rate lets pass in this time evens out late timers, but lets each
# message begin as much earlier.
BURST_S = 0.25e-3
LEAST_BURST = 1600  # One frame.


class Forbidden(Exception):
    """This machine does not let us; str() says what."""


def _run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        raise Forbidden(f"{' '.join(map(str, command))}: {done.stderr.strip()}")


def _set(path, value):
    pathlib.Path(path).write_text(f"{value}\n")


def enter(arguments):
    """Starts the program `arguments` anew in a network and a mount namespace of its own, as
    their root. @throws Forbidden."""
    for tool in ("unshare", "ip", "tc"):
        if shutil.which(tool) is None:
            raise Forbidden(f"there is no program {tool} (Debian packages util-linux, iproute2)")
    if not os.access("/dev/net/tun", os.R_OK | os.W_OK):
        raise Forbidden("/dev/net/tun cannot be opened")
    unshare = ["unshare", "--net", "--mount"]
    if os.geteuid() != 0:
        unshare += ["--user", "--map-root-user"]
    _run(*unshare, "true")
    os.execvp(unshare[0], unshare + arguments)


def try_out():
    """In there: whether all that a Network needs can be had. @throws Forbidden."""
    _run("mount", "-t", "tmpfs", "none", "/run")
    os.mkdir("/run/netns")
    _run("ip", "link", "set", "lo", "up")
    _run("ip", "addr", "add", f"{MANAGEMENT}/32", "dev", "lo")
    _run("ip", "netns", "add", "trial")
    _run("ip", "netns", "exec", "trial", "true")
    _run("ip", "link", "add", "trial", "type", "veth", "peer", "name", "trial", "netns", "trial")
    _run("tc", "qdisc", "add", "dev", "trial", "root", "tbf", "rate", "1mbit", "burst",
         LEAST_BURST, "limit", 100_000)
    _run("ip", "link", "del", "trial")
    _run("ip", "netns", "del", "trial")


class Network:
    """Hosts 0 to `hosts` - 1; a context manager. Rates in bit/s. Connections between hosts use
    the congestion control `congestion`, whatever the machine's default is."""

    def __init__(self, delay_line, hosts, up, down, latency_s, congestion="cubic"):
        self.delay_line = delay_line
        self.hosts = range(hosts)
        self.up = up
        self.down = down
        self.latency_s = latency_s
        self.congestion = congestion
        self.wire = None

    @staticmethod
    def address(host):
        return f"10.0.{host}.1"

    @staticmethod
    def inside(host):
        """The words that run a command on the host."""
        return ["ip", "netns", "exec", f"host-{host}"]

    def __enter__(self):
        _set("/proc/sys/net/ipv4/ip_forward", 1)
        for name in ("all", "default"):
            _set(f"/proc/sys/net/ipv4/conf/{name}/rp_filter", 0)
        # What the hosts send goes through the wire, what this namespace sends goes to management.
        self._add_wire()
        _run("ip", "rule", "add", "pref", 10, "iif", "lo", "lookup", 7)
        for host in self.hosts:
            self._add_host(host)
        return self

    def __exit__(self, *_):
        for host in self.hosts:
            subprocess.run(["ip", "link", "del", f"data-{host}"], check=False)
            subprocess.run(["ip", "link", "del", f"mgmt-{host}"], check=False)
            subprocess.run(["ip", "netns", "del", f"host-{host}"], check=False)
            subprocess.run(["ip", "rule", "del", "pref", str(20 + host)], check=False)
        subprocess.run(["ip", "rule", "del", "pref", "10"], check=False)
        self.wire.terminate()
        self.passed = self.wire.stdout.read().strip()
        self.wire.wait()

    def _add_wire(self):
        def hurry():
            # A late wake-up is latency that nobody asked for.
            try:
                os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10))
            except PermissionError:
                pass

        self.wire = subprocess.Popen(
            [str(self.delay_line), "wire", str(round(self.latency_s * 1e6))],
            stdout=subprocess.PIPE, text=True, preexec_fn=hurry)
        if self.wire.stdout.readline() != "ready\n":
            raise Forbidden(f"{self.delay_line} does not start")
        _set("/proc/sys/net/ipv4/conf/wire/rp_filter", 0)
        _run("ip", "link", "set", "wire", "up", "txqueuelen", 10_000)
        _run("ip", "route", "add", "default", "dev", "wire", "table", 8)

    def _add_host(self, host):
        name = f"host-{host}"
        _run("ip", "netns", "add", name)
        # Packets of one segment, as they would be on a cable.
        _run("ip", "link", "add", f"data-{host}", "gso_max_segs", 1, "type", "veth",
             "peer", "name", "data", "gso_max_segs", 1, "netns", name)
        _run("ip", "link", "add", f"mgmt-{host}", "type", "veth",
             "peer", "name", "mgmt", "netns", name)
        for kind, number in (("data", 0), ("mgmt", 1)):
            _run("ip", "addr", "add", f"10.{number}.{host}.254/24", "dev", f"{kind}-{host}")
            _run("ip", "link", "set", f"{kind}-{host}", "up")
            _run("ip", "-n", name, "addr", "add", f"10.{number}.{host}.1/24", "dev", kind)
            _run("ip", "-n", name, "link", "set", kind, "up")
        _run("ip", "-n", name, "link", "set", "lo", "up")
        _run("ip", "-n", name, "route", "add", "default", "via", f"10.0.{host}.254",
             "congctl", self.congestion)
        _run("ip", "-n", name, "route", "add", MANAGEMENT, "via", f"10.1.{host}.254")
        _run("ip", "route", "add", self.address(host), "via", f"10.1.{host}.1", "table", 7)
        _run("ip", "rule", "add", "pref", 20 + host, "iif", f"data-{host}", "lookup", 8)
        self._limit(["-n", name], "data", self.up)
        self._limit([], f"data-{host}", self.down)

    @staticmethod
    def _limit(where, device, rate):
        burst = max(LEAST_BURST, round(rate / 8 * BURST_S))
        _run("tc", *where, "qdisc", "add", "dev", device, "root", "tbf", "rate", f"{rate}bit",
             "burst", burst, "limit", 20_000_000)
