#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A cluster of nodes on one machine, for trying and testing greenbench.

A node is a set of network, UTS, mount and IPC namespaces: a host name, an
address on one bridge, a /tmp of its own, and the energy counters of an emulated
machine. mpirun works between nodes as on a real cluster. Needs root.

  cluster.py up 4                         n0 .. n3, with 2 slots each
  cluster.py run -- mpirun -n 8 greenbench
  cluster.py run --node n2 -- hostname
  cluster.py cut n3; cluster.py mend n3   its network
  cluster.py shape n1 --delay 0.005 --loss 0.02
  cluster.py shape n1 --peer n3 --delay 0.005   between these two alone
  cluster.py kill n3                      power off
  cluster.py status
  cluster.py down
  cluster.py up 4 --slurm                 then: run -- salloc -N4 mpirun ..
  cluster.py with 4 -- COMMAND            up, run, and down whatever happens

As a library: `with Cluster(4) as cluster: cluster.run(["mpirun", ...])`.
"""
import argparse
import contextlib
import ctypes
import json
import os
import pathlib
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import inside
import slurm

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
STATE = "/tmp/greenbench-cluster"
# Open MPI on nodes that it reaches by our agent instead of ssh.
MPI = {
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "OMPI_MCA_plm_rsh_no_tree_spawn": "1",
    "OMPI_MCA_oob_tcp_if_include": "eth0",
    "OMPI_MCA_btl_tcp_if_include": "eth0",
    "OMPI_MCA_rmaps_base_oversubscribe": "1",
    "OMPI_MCA_hwloc_base_binding_policy": "none",
    "OMPI_MCA_mpi_yield_when_idle": "1",
    # A silent node is given up after 6 s instead of 8 min.
    "OMPI_MCA_oob_tcp_keepalive_time": "3",
    "OMPI_MCA_oob_tcp_keepalive_intvl": "1",
    "OMPI_MCA_oob_tcp_keepalive_probes": "3",
}
# nsenter NAMESPACES of a node, for what is started there.
AGENT = """#!/bin/sh
# Run a command on a node of the virtual cluster: agent [-OPTION].. NODE COMMAND
while :; do
    case $1 in -*) shift ;; *) break ;; esac
done
node=$1
shift
dir={state}/nodes/$node
if ! [ -r "$dir/pid" ] || [ -e "$dir/dead" ]; then
    echo "agent: no route to node '$node'" >&2
    exit 255
fi
pid=$(cat "$dir/pid")
. "$dir/environment"
exec nsenter --net=/proc/$pid/ns/net --uts=/proc/$pid/ns/uts \\
    --ipc=/proc/$pid/ns/ipc --mount=/proc/$pid/ns/mnt \\
    --time=/proc/$pid/ns/time_for_children -- /bin/sh -c "$*"
"""


class Unavailable(Exception):
    """This machine cannot make the cluster; the text says why."""


def why_not():
    """None where clusters can be made, else the reason."""
    if os.geteuid() != 0:
        return "expected root, which namespaces and their network need"
    for program in ("ip", "ethtool", "unshare", "nsenter"):
        if shutil.which(program) is None:
            return f"expected '{program}' (Debian: iproute2, ethtool, util-linux)"
    tried = subprocess.run(
        ["unshare", "--net", "--uts", "--mount", "--ipc", "--pid", "--fork",
         "--mount-proc", "ip", "link", "add", "br0", "type", "bridge"],
        capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        return "namespaces are not allowed here: " + tried.stderr.strip()
    return None


def find_binary(name):
    """Beside GB_BIN, in a build folder of this tree, or on the path."""
    beside = [pathlib.Path(os.environ["GB_BIN"]).parent / name] \
        if os.environ.get("GB_BIN") else []
    beside += sorted((ROOT / "build").glob(f"*/bin/{name}"))
    for path in beside:
        if path.exists():
            return str(path)
    return shutil.which(name)


def find_shifter():
    """tests/support/shift_clock.c, built with the tests."""
    found = os.environ.get("GB_SHIFT_CLOCK") or next(
        (str(path) for path in sorted((ROOT / "build").glob(
            "*/tests/support/gb_shift_clock.so"))), None)
    if found is None:
        raise Unavailable("expected a build with tests in build/")
    return found


def default_machines(names):
    """Two-socket nodes whose power differs by name."""
    machines = {}
    for number, name in enumerate(names):
        machines[name] = {"like": "intel-2s", "domains": {
            "package-0": {"power": 100 + 10 * number},
            "package-1": {"power": 80 + 10 * number}}}
    return machines


class Cluster:
    """nodes: how many, or their names. machines: a machine of the emulator's
    description for each name (docs/emulator.md), None for a node that shows
    this machine's own /sys; absent: two-socket nodes of different power.
    shared: folders that all nodes see although they lie below /tmp or /run.
    same_machine: {name: another}: a container on that other's machine.
    with_slurm: munge and Slurm on all nodes, slurmctld on the first.
    clock_s, monotonic_s: {name: seconds by which that clock is ahead}, whole
    ones for the latter."""

    def __init__(self, nodes, state=None, slots=2, machines=None, shared=(),
                 same_machine=None, clock_s=None, monotonic_s=None,
                 with_slurm=False, detached=False):
        names = nodes if not isinstance(nodes, int) else \
            [f"n{number}" for number in range(nodes)]
        if not 1 <= len(names) <= 1000:
            raise ValueError(f"expected 1..1000 nodes, got {len(names)}")
        self.names = list(names)
        self.state = pathlib.Path(state) if state else \
            pathlib.Path(tempfile.mkdtemp(prefix="greenbench-cluster-"))
        self.slots = slots
        self.detached = detached
        self.with_slurm = with_slurm
        self.process = None
        self.wires = {}  # node: nsenter above its wire.py
        self.machines = default_machines(names) if machines is None \
            else {k: v for k, v in machines.items() if v is not None}
        self.shared = sorted({str(pathlib.Path(path).resolve())
                              for path in (ROOT, *shared)})
        for name in same_machine or {}:
            self.machines.pop(name, None)
        self.nodes = {
            name: {"machine": (same_machine or {}).get(name, name),
                   "address": f"10.77.{number // 250}.{number % 250 + 1}",
                   "clock_s": (clock_s or {}).get(name, 0),
                   "monotonic_s": (monotonic_s or {}).get(name, 0)}
            for number, name in enumerate(self.names)}

    # --- up and down -------------------------------------------------------

    def __enter__(self):
        try:
            self.up()
        except BaseException:
            self.down()
            raise
        return self

    def __exit__(self, *_):
        self.down()

    def _write(self):
        emulator = find_binary("greenbench-emulator") if self.machines else None
        if self.machines and emulator is None:
            raise Unavailable("expected greenbench-emulator (built with FUSE)")
        (self.state / "nodes").mkdir(parents=True)
        (self.state / "config.json").write_text(json.dumps(
            {"nodes": self.nodes, "shared": self.shared, "slots": self.slots,
             "emulator": emulator}, indent=1))
        # JSON is YAML.
        (self.state / "machines.yaml").write_text(
            json.dumps({"machines": self.machines}, indent=1))
        lines = ["127.0.0.1 localhost"]
        lines += [f"{me['address']} {name}" for name, me in self.nodes.items()]
        (self.state / "hosts").write_text("\n".join(lines) + "\n")
        (self.state / "hostfile").write_text(
            "".join(f"{name} slots={self.slots}\n" for name in self.nodes))
        agent = self.state / "agent"
        agent.write_text(AGENT.format(state=self.state))
        agent.chmod(0o755)

    def _environment(self, name):
        """What a shell on the node has set."""
        me = self.nodes[name]
        values = dict(MPI, OMPI_MCA_plm_rsh_agent=str(self.state / "agent"))
        if self.with_slurm:  # mpirun asks it for nodes, and starts by it
            values.update(slurm.environment(self))
        else:
            values.update(OMPI_MCA_plm="rsh", OMPI_MCA_orte_default_hostfile=str(
                self.state / "hostfile"))
        if me["machine"] in self.machines:
            values["GREENBENCH_SYSROOT"] = inside.SYSROOT
        if me["clock_s"]:
            values.update(LD_PRELOAD=find_shifter(),
                          GB_SHIFT_CLOCK_S=str(me["clock_s"]))
        return "".join(f"export {key}={shlex.quote(value)}\n"
                       for key, value in values.items())

    def up(self):
        if (reason := why_not()) is not None:
            raise Unavailable(reason)
        if self.with_slurm and (reason := slurm.why_not()) is not None:
            raise Unavailable(reason)
        self._write()
        if self.with_slurm:
            slurm.configure(self)
        for name in self.nodes:
            (self.state / "nodes" / name).mkdir()
            (self.state / "nodes" / name / "environment").write_text(
                self._environment(name))

        def bind_to_parent():
            ctypes.CDLL(None).prctl(inside.PR_SET_PDEATHSIG, signal.SIGKILL)
        with open(self.state / "log", "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                ["unshare", "--net", "--mount", "--pid", "--ipc", "--fork",
                 "--kill-child", "--mount-proc", sys.executable,
                 str(HERE / "inside.py"), "supervise", str(self.state)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
                preexec_fn=None if self.detached else bind_to_parent)
        (self.state / "unshare.pid").write_text(str(self.process.pid))
        while not (self.state / "ready").exists():
            if (self.state / "failed").exists() or \
                    self.process.poll() is not None:
                with contextlib.suppress(OSError):
                    text = (self.state / "failed").read_text()
                    raise RuntimeError(f"the cluster did not start: {text}")
                raise RuntimeError("the cluster did not start: "
                                   + (self.state / "log").read_text())
            time.sleep(0.01)
        if self.with_slurm:
            slurm.start(self)

    def _supervisor(self):
        """Process 1 of the cluster, as seen from here; None when it is gone."""
        try:
            above = (self.state / "unshare.pid").read_text().strip()
            children = pathlib.Path(
                f"/proc/{above}/task/{above}/children").read_text().split()
            return int(children[0]) if children else None
        except OSError:
            return None

    def down(self):
        """All of it goes; a second call does nothing."""
        supervisor = self._supervisor()
        with contextlib.suppress(ProcessLookupError):
            if supervisor is not None:
                os.kill(supervisor, signal.SIGKILL)
        if self.process is not None:
            self.process.wait()
        elif supervisor is not None:
            end = time.monotonic() + 10
            while os.path.exists(f"/proc/{supervisor}") and \
                    time.monotonic() < end:
                time.sleep(0.02)
        for process in self.wires.values():
            process.wait()
        shutil.rmtree(self.state, ignore_errors=True)

    # --- at work -----------------------------------------------------------

    def command(self, argv, node=None, env=None):
        """The command line that runs argv on a node, the first by default."""
        words = ["env", *(f"{k}={v}" for k, v in (env or {}).items()), *argv]
        return ["nsenter", "-t", str(self._supervisor()), "--pid", "--mount",
                str(self.state / "agent"), node or self.names[0],
                f"cd {shlex.quote(os.getcwd())} 2>/dev/null || cd /; exec "
                + shlex.join(words)]

    def run(self, argv, node=None, env=None, **more):
        """subprocess.run() of argv on a node."""
        more.setdefault("check", False)
        return subprocess.run(self.command(argv, node, env), **more)

    def popen(self, argv, node=None, env=None, **more):
        return subprocess.Popen(self.command(argv, node, env), **more)

    def inner_pid(self, process, seconds=10.0):
        """The process (its number here) that popen()'s argv became: a signal
        meant for it must not go to nsenter, which passes none on."""
        end = time.monotonic() + seconds
        path = pathlib.Path(
            f"/proc/{process.pid}/task/{process.pid}/children")
        while time.monotonic() < end:
            children = path.read_text().split()
            if children:
                return int(children[0])
            time.sleep(0.01)
        raise TimeoutError("expected a process below nsenter")

    def processes(self, node):
        """All processes of a node but the one that holds it, as numbered here:
        those in its UTS namespace."""
        holder = self._holder(node)
        space = os.readlink(f"/proc/{holder}/ns/uts")
        found = []
        for entry in os.listdir("/proc"):
            with contextlib.suppress(OSError):
                if entry.isdigit() and int(entry) != holder and \
                        os.readlink(f"/proc/{entry}/ns/uts") == space:
                    found.append(int(entry))
        return found

    def _holder(self, node):
        if node not in self.nodes:
            raise ValueError(f"expected one of {', '.join(self.names)}, got "
                             f"'{node}'")
        inner = (self.state / "nodes" / node / "pid").read_text()
        supervisor = self._supervisor()
        space = os.readlink(f"/proc/{supervisor}/ns/pid")
        for entry in os.listdir("/proc"):
            with contextlib.suppress(OSError):
                if entry.isdigit() and \
                        os.readlink(f"/proc/{entry}/ns/pid") == space and \
                        _inner_number(entry) == inner:
                    return int(entry)
        raise ProcessLookupError(f"node '{node}' is dead")

    # --- faults ------------------------------------------------------------

    def _switch(self, *words, **more):
        subprocess.run(["nsenter", "-t", str(self._supervisor()), "--net",
                        *words], check=True, **more)

    def _port(self, node):
        if node not in self.nodes:
            raise ValueError(f"expected one of {', '.join(self.names)}, got "
                             f"'{node}'")
        return (self.state / "nodes" / node / "linked").read_text()

    def cut(self, node):
        """Its network is silent, as when a cable is pulled."""
        self._switch("ip", "link", "set", self._port(node), "down")

    def mend(self, node):
        self._switch("ip", "link", "set", self._port(node), "up")

    def shape(self, node, delay_s=0.0, loss=0.0, bit_per_s=0.0, seed=1,
              peer=None):
        """What goes to the node and comes from it is later by delay_s, lost
        with probability loss, and at most so fast (0: as it can); with a peer,
        only what is between the two. All 0: as before."""
        port = self._port(node)
        if peer is not None:
            self._port(peer)
        wire = self.state / "nodes" / node / "wire"
        if wire.exists():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(wire.read_text()), signal.SIGKILL)
            if node in self.wires:
                self.wires.pop(node).wait()
            wire.unlink()
            self._switch("ip", "link", "del", "b" + port)
        if not (delay_s or loss or bit_per_s):
            self._switch("ip", "link", "set", port, "master", "br0")
            return
        self._switch("ip", "link", "set", port, "nomaster")
        self._switch("ip", "link", "add", "b" + port, "type", "veth", "peer",
                     "name", "w" + port)
        self._switch("ip", "link", "set", "b" + port, "master", "br0", "up")
        self._switch("ip", "link", "set", "w" + port, "up")
        # Frames as they are on a real cable: cut and summed by the sender.
        plain = ["ethtool", "-K", "eth0", "tx", "off", "tso", "off", "gso",
                 "off"]
        self.run(plain, node, check=True, capture_output=True)
        plain[2] = "b" + port
        self._switch(*plain, stdout=subprocess.DEVNULL)
        # In the cluster's PID namespace, with which it ends. Whoever waits for
        # the output of `shape` does not wait for it.
        with open(wire.with_suffix(".log"), "wb") as log:
            process = subprocess.Popen(
                ["nsenter", "-t", str(self._supervisor()), "--net", "--pid",
                 sys.executable, str(HERE / "wire.py"), port, "w" + port,
                 str(delay_s), str(loss), str(bit_per_s), str(seed),
                 *([self.nodes[peer]["address"]] if peer else [])],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True)
        self.wires[node] = process
        wire.write_text(str(self.inner_pid(process)))

    def kill(self, node):
        """Power off: no word goes out any more, then all its processes end."""
        self.cut(node)
        holder = self._holder(node)
        (self.state / "nodes" / node / "dead").touch()
        while victims := self.processes(node):
            for pid in victims:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.02)
        os.kill(holder, signal.SIGKILL)


def _inner_number(pid):
    """The process's number in its own PID namespace, as text."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("NSpid:"):
            return line.split()[-1]
    return ""


# --- the command -------------------------------------------------------------

def attach(state):
    """The Cluster that `up` left at a state folder."""
    state = pathlib.Path(state)
    try:
        config = json.loads((state / "config.json").read_text())
        machines = json.loads((state / "machines.yaml").read_text())["machines"]
    except OSError as error:
        raise Unavailable(f"no cluster at {state}: cluster.py up N") from error
    cluster = Cluster(list(config["nodes"]), state, config["slots"], machines)
    cluster.nodes = config["nodes"]
    return cluster


def print_status(cluster):
    for name, me in cluster.nodes.items():
        dead = (cluster.state / "nodes" / name / "dead").exists()
        power = "emulated" if me["machine"] in cluster.machines \
            else "no machine"
        print(f"{name:<8} {me['address']:<12} "
              f"{'dead' if dead else 'up':<5} {power}")


def parse():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--state", default=STATE,
                        help=f"the cluster's folder (default {STATE})")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for verb in ("up", "with"):
        sub = verbs.add_parser(verb)
        sub.add_argument("nodes", type=int, metavar="N")
        sub.add_argument("--slots", type=int, default=2)
        sub.add_argument("--machines", metavar="FILE",
                         help="JSON: {node: machine, ...}, docs/emulator.md")
        sub.add_argument("--slurm", action="store_true")
        sub.add_argument("--share", action="append", default=[], metavar="DIR")
    run = verbs.add_parser("run")
    run.add_argument("--node")
    for verb in ("cut", "mend", "kill"):
        verbs.add_parser(verb).add_argument("node")
    shape = verbs.add_parser("shape")
    shape.add_argument("node")
    shape.add_argument("--delay", type=float, default=0.0, metavar="SECONDS")
    shape.add_argument("--loss", type=float, default=0.0, metavar="FRACTION")
    shape.add_argument("--rate", type=float, default=0.0, metavar="BIT/S")
    shape.add_argument("--peer", metavar="NODE")
    for verb in ("status", "down"):
        verbs.add_parser(verb)
    for verb in ("with", "run"):
        verbs.choices[verb].add_argument("command", nargs=argparse.REMAINDER,
                                         metavar="-- COMMAND")
    return parser.parse_args()


def make(args, detached):
    machines = None
    if args.machines:
        machines = json.loads(pathlib.Path(args.machines).read_text())
    return Cluster(args.nodes, args.state if detached else None, args.slots,
                   machines, [os.getcwd(), *args.share], with_slurm=args.slurm,
                   detached=detached)


def stripped(command):
    words = command[1:] if command[:1] == ["--"] else command
    if not words:
        raise ValueError("expected a command after --")
    return words


def main():
    # As after Ctrl-C: what is up comes down.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    args = parse()
    if args.verb == "up":
        if pathlib.Path(args.state).exists():
            raise Unavailable(f"{args.state} exists: a cluster is up there "
                              "(cluster.py down)")
        cluster = make(args, detached=True)
        try:
            cluster.up()
        except BaseException:
            cluster.down()
            raise
        print(f"{len(cluster.names)} nodes: {cluster.names[0]} .. "
              f"{cluster.names[-1]}")
        return 0
    if args.verb == "with":
        with make(args, detached=False) as cluster:
            return cluster.run(stripped(args.command)).returncode
    cluster = attach(args.state)
    if args.verb == "run":
        return cluster.run(stripped(args.command), args.node).returncode
    if args.verb == "shape":
        cluster.shape(args.node, args.delay, args.loss, args.rate,
                      peer=args.peer)
    elif args.verb == "status":
        print_status(cluster)
    elif args.verb == "down":
        cluster.down()
    else:
        getattr(cluster, args.verb)(args.node)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (Unavailable, ValueError, RuntimeError, ProcessLookupError) as error:
        sys.exit(f"cluster.py: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
