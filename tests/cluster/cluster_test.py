# SPDX-License-Identifier: Apache-2.0
"""The virtual cluster itself: nodes are apart, faults work, nothing stays."""
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import cluster

HERE = pathlib.Path(__file__).resolve().parent
# One connection to a node: prints how many ms it took, or the error.
CONNECT = """
import socket, sys, time
begin = time.monotonic()
try:
    socket.create_connection((sys.argv[1], 9), timeout=0.4)
except ConnectionRefusedError:
    print(1e3 * (time.monotonic() - begin))
except OSError as error:
    print(type(error).__name__)
"""


def left_over():
    """Processes of any cluster that are there."""
    found = subprocess.run(["pgrep", "-f", str(HERE / "inside.py")],
                           capture_output=True, text=True, check=False)
    return set(found.stdout.split())


@unittest.skipIf(cluster.why_not(), cluster.why_not())
class Nodes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = cls.enterClassContext(cluster.Cluster(
            3, clock_s={"n2": -2.5}, monotonic_s={"n2": 5000}))

    def ask(self, *argv, node=None):
        done = self.cluster.run(argv, node, capture_output=True, text=True,
                                timeout=30)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.strip()

    def connect(self, node, to):
        return self.ask(sys.executable, "-c", CONNECT, to, node=node)

    def fastest_ms(self, node, to):
        """Of five: what else runs here makes a connection late, and none
        earlier than its link lets it be."""
        return min(float(self.connect(node, to)) for _ in range(5))

    def test_a_node_has_its_own_name_address_tmp_and_boot_id(self):
        seen = set()
        for name in self.cluster.names:
            self.assertEqual(self.ask("hostname", node=name), name)
            self.ask("touch", f"/tmp/of-{name}", node=name)
            self.assertEqual(self.ask("sh", "-c", "ls /tmp | grep of-",
                                      node=name), f"of-{name}")
            self.assertIn(self.cluster.nodes[name]["address"], self.ask(
                "ip", "-4", "addr", "show", "eth0", node=name))
            seen.add(self.ask(
                "cat", "/run/sysroot/proc/sys/kernel/random/boot_id",
                node=name))
        self.assertEqual(len(seen), 3, seen)

    def test_clocks_are_as_far_apart_as_asked(self):
        clocks = [sys.executable, "-c",
                  "import time; print(time.time(), time.monotonic())"]
        before, ahead, after = (
            [float(word) for word in self.ask(*clocks, node=node).split()]
            for node in ("n0", "n2", "n0"))
        for clock, offset_s in enumerate((-2.5, 5000)):
            self.assertLessEqual(before[clock], ahead[clock] - offset_s)
            self.assertLessEqual(ahead[clock] - offset_s, after[clock])

    def test_mpirun_reaches_every_node_by_the_agent(self):
        names = self.ask("mpirun", "-n", "6", "--map-by", "node", "hostname")
        self.assertEqual(sorted(names.split()),
                         ["n0", "n0", "n1", "n1", "n2", "n2"])

    def test_a_cut_link_is_silent_until_it_is_mended(self):
        self.cluster.cut("n1")
        self.assertIn(self.connect("n0", "n1"), ("TimeoutError", "OSError"))
        self.cluster.mend("n1")
        end = time.monotonic() + 10  # the neighbour's address is asked again
        while "Error" in (answer := self.connect("n0", "n1")) and \
                time.monotonic() < end:
            time.sleep(0.1)
        self.assertLess(self.fastest_ms("n0", "n1"), 300)

    def test_a_shaped_link_is_late_both_ways_and_as_before_afterwards(self):
        self.cluster.shape("n1", delay_s=0.02)
        self.addCleanup(self.cluster.shape, "n1")
        self.connect("n0", "n1")  # finds the neighbour's address
        self.assertGreater(float(self.connect("n0", "n1")), 40)
        self.assertLess(self.fastest_ms("n0", "n2"), 30)
        self.cluster.shape("n1", loss=1.0)
        self.assertIn(self.connect("n0", "n1"), ("TimeoutError", "OSError"))
        self.cluster.shape("n1")
        self.assertLess(self.fastest_ms("n0", "n1"), 30)

    def test_who_reads_what_shape_prints_does_not_wait_for_the_wire(self):
        self.addCleanup(self.cluster.shape, "n1")
        done = subprocess.run(
            [sys.executable, str(HERE / "cluster.py"), "--state",
             str(self.cluster.state), "shape", "n1", "--delay", "0.001"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=30,
            check=False)
        self.assertEqual(done.returncode, 0, done.stdout)


def states():
    return pathlib.Path(tempfile.gettempdir()).glob("greenbench-cluster-*")


@unittest.skipIf(cluster.why_not(), cluster.why_not())
class Starts(unittest.TestCase):
    def test_four_nodes_are_up_and_mpirun_has_run_in_a_moment(self):
        """About a second each on a machine that has nothing else to do; the
        bound is for one that has."""
        began = time.monotonic()
        with cluster.Cluster(4) as nodes:
            up_s = time.monotonic() - began
            done = nodes.run(["mpirun", "-n", "4", "--map-by", "node",
                              "hostname"], capture_output=True, text=True)
            run_s = time.monotonic() - began - up_s
        print(f"4 nodes up in {up_s:.2f} s, mpirun in {run_s:.2f} s",
              file=sys.stderr)
        self.assertEqual(sorted(done.stdout.split()), ["n0", "n1", "n2", "n3"])
        self.assertLess(up_s, 10)
        self.assertLess(run_s, 10)


@unittest.skipIf(cluster.why_not(), cluster.why_not())
class Ends(unittest.TestCase):
    def test_a_killed_node_is_gone_and_the_others_stay(self):
        with cluster.Cluster(2, machines={}) as nodes:
            work = nodes.popen(["sleep", "60"], "n1")
            nodes.inner_pid(work)
            nodes.kill("n1")
            self.assertNotEqual(work.wait(timeout=5), 0)
            self.assertNotEqual(nodes.run(["true"], "n1",
                                          capture_output=True).returncode, 0)
            self.assertEqual(nodes.run(["true"], "n0").returncode, 0)
        self.assertFalse(nodes.state.exists())

    def end_by(self, number):
        before, others = set(states()), left_over()
        command = [sys.executable, str(HERE / "cluster.py"), "with", "2", "--",
                   "sh", "-c", "echo begun; sleep 60"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True,
                              start_new_session=True) as process:
            self.assertEqual(process.stdout.readline(), "begun\n")
            (state,) = set(states()) - before
            os.killpg(process.pid, number) if number == signal.SIGINT \
                else process.send_signal(number)
        end = time.monotonic() + 10
        while left_over() - others and time.monotonic() < end:
            time.sleep(0.05)
        self.assertEqual(left_over() - others, set())
        self.assertNotIn("greenbench-cluster",
                         pathlib.Path("/proc/mounts").read_text())
        self.assertNotIn("br0", os.listdir("/sys/class/net"))
        return state

    def test_nothing_stays_after_ctrl_c(self):
        self.assertFalse(self.end_by(signal.SIGINT).exists())

    def test_nothing_stays_after_sigterm(self):
        self.assertFalse(self.end_by(signal.SIGTERM).exists())

    def test_nothing_stays_after_sigkill(self):
        """But the folder of its logs, which nobody is left to remove."""
        shutil.rmtree(self.end_by(signal.SIGKILL))


if __name__ == "__main__":
    reason = cluster.why_not()
    if reason:
        print(f"skipped: {reason}")
        sys.exit(77)
    unittest.main(verbosity=2)
