# SPDX-License-Identifier: Apache-2.0
"""The inside of the virtual cluster: its supervisor and its nodes' set-up.

usage: inside.py supervise STATE    process 1 of the cluster's PID namespace
       inside.py node STATE NAME    a node; holds its namespaces until killed

STATE/config.json is what Cluster wrote. Everything lives in namespaces of the
supervisor's, and it is process 1 of its own: when it goes, all goes.
"""
import contextlib
import ctypes
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

MS_BIND, MS_REC = 4096, 16384
PR_SET_PDEATHSIG = 1
SYSROOT = "/run/sysroot"
libc = ctypes.CDLL(None, use_errno=True)


def mount(source, target, kind=None, flags=0, data=None):
    """mount(2): the command resolves names, which /proc/self/fd cannot bear."""
    texts = [None if text is None else str(text).encode()
             for text in (source, target, kind)]
    if libc.mount(*texts, ctypes.c_ulong(flags),
                  None if data is None else data.encode()) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"mount {source} on {target}: {os.strerror(code)}")


def ip(*words):
    subprocess.run(["ip", *words], check=True)


def wait_for(path, seconds=10.0):
    end = time.monotonic() + seconds
    while not path.exists():
        if time.monotonic() > end:
            raise TimeoutError(f"expected {path} within {seconds} s")
        time.sleep(0.005)


def write(path, text):
    """In one step: a reader finds all of it or none."""
    part = path.with_suffix(".part")
    part.write_text(text, encoding="utf-8")
    part.rename(path)


# --- a node ------------------------------------------------------------------

@contextlib.contextmanager
def kept(paths):
    """Folders stay reachable while something is mounted over them."""
    descriptors = [(os.open(path, os.O_PATH | os.O_DIRECTORY), path)
                   for path in paths]
    yield
    for descriptor, path in descriptors:
        os.makedirs(path, exist_ok=True)
        mount(f"/proc/self/fd/{descriptor}", path, flags=MS_BIND | MS_REC)
        os.close(descriptor)


def node(state, name):
    config = json.loads((state / "config.json").read_text())
    me = config["nodes"][name]

    subprocess.run(["hostname", name], check=True)
    shared = [path for path in config["shared"]
              if path.startswith(("/tmp/", "/run/", "/dev/shm/"))]
    with kept([*shared, str(state)]):
        for path in ("/tmp", "/run", "/dev/shm"):
            mount("tmpfs", path, "tmpfs", data="mode=1777,size=512m")
    mount(state / "hosts", "/etc/hosts", flags=MS_BIND)
    machine = state / "machines" / me["machine"]
    if machine.is_dir():
        os.makedirs(SYSROOT)
        mount(machine, SYSROOT, flags=MS_BIND)
    write(state / "nodes" / name / "pid", str(os.getpid()))
    wait_for(state / "nodes" / name / "linked")
    ip("link", "set", "lo", "up")
    ip("addr", "add", me["address"] + "/16", "dev", "eth0")
    ip("link", "set", "eth0", "up")
    # What a silent peer has not acknowledged is given up after 6 s instead of a
    # quarter of an hour; keepalives do not count as long as something is on its
    # way. Where it may not be set, only that wait is longer.
    with contextlib.suppress(OSError):
        pathlib.Path("/proc/sys/net/ipv4/tcp_retries2").write_text("4")
    write(state / "nodes" / name / "ready", "")
    while True:
        signal.pause()


# --- the supervisor ----------------------------------------------------------

def start_emulator(state, config):
    """The machines, or nothing where none is wanted."""
    if not config["emulator"]:
        return
    (state / "machines").mkdir()
    log = open(state / "emulator.log", "w", encoding="utf-8")
    emulator = subprocess.Popen(
        [config["emulator"], str(state / "machines.yaml"),
         str(state / "machines")],
        stdout=subprocess.PIPE, stderr=log, text=True)
    if emulator.stdout.readline().strip() != "ready":
        emulator.wait()
        raise RuntimeError("greenbench-emulator did not start: "
                           + (state / "emulator.log").read_text())


def start_node(state, name, me, number):
    spaces = ["--net", "--uts", "--mount", "--ipc"]
    if me["monotonic_s"]:  # as on a node that booted earlier
        spaces += ["--time", f"--monotonic={me['monotonic_s']}",
                   f"--boottime={me['monotonic_s']}"]
    subprocess.Popen(["unshare", *spaces, sys.executable, __file__, "node",
                      str(state), name], stdin=subprocess.DEVNULL)
    wait_for(state / "nodes" / name / "pid")
    pid = (state / "nodes" / name / "pid").read_text()
    port = f"v{number}"
    ip("link", "add", port, "type", "veth", "peer", "name", "eth0",
       "netns", pid)
    ip("link", "set", port, "master", "br0", "up")
    write(state / "nodes" / name / "linked", port)


def reap():
    """Process 1 takes over orphans; it ends when told to."""
    while True:
        try:
            os.wait()
        except ChildProcessError:
            time.sleep(0.2)


def supervise(state):
    config = json.loads((state / "config.json").read_text())
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        ip("link", "set", "lo", "up")
        ip("link", "add", "br0", "type", "bridge")
        ip("link", "set", "br0", "up")
        start_emulator(state, config)
        for number, (name, me) in enumerate(config["nodes"].items()):
            start_node(state, name, me, number)
        for name in config["nodes"]:
            wait_for(state / "nodes" / name / "ready")
    except (OSError, RuntimeError, subprocess.CalledProcessError) as error:
        write(state / "failed", str(error))
        sys.exit(1)
    write(state / "ready", "")
    reap()


if __name__ == "__main__":
    if sys.argv[1] == "supervise":
        supervise(pathlib.Path(sys.argv[2]))
    else:
        node(pathlib.Path(sys.argv[2]), sys.argv[3])
