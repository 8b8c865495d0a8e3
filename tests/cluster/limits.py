# SPDX-License-Identifier: Apache-2.0
"""A cgroup of its own below this process's, with a limit of CPU or memory."""
import contextlib
import itertools
import os
import pathlib
import time

MOUNTS = "/proc/self/mountinfo"


class Unavailable(Exception):
    """No cgroup can be made here; the text says why."""


def _own(controller):
    """The folder of this process's cgroup that has the controller, and whether
    it is of version 2."""
    paths = {}
    for line in pathlib.Path("/proc/self/cgroup").read_text().splitlines():
        _, names, path = line.split(":", 2)
        for name in names.split(","):
            paths[name] = path
    for line in pathlib.Path(MOUNTS).read_text().splitlines():
        fields, rest = line.split(" - ")
        kind, _, options = rest.split(" ", 2)
        root, point = fields.split()[3:5]
        if kind == "cgroup" and controller in options.split(","):
            path = os.path.relpath(paths[controller], root)
            return pathlib.Path(point, path), False
        if kind == "cgroup2" and controller in pathlib.Path(
                point, "cgroup.controllers").read_text().split():
            path = os.path.relpath(paths[""], root)
            return pathlib.Path(point, path), True
    raise Unavailable(f"no cgroup has the controller '{controller}'")


class Group:
    """As a context: the cgroup. `procs` is the file that takes a process's
    number."""
    numbers = itertools.count()

    def __init__(self, controller):
        self.controller = controller
        try:
            self.own, self.unified = _own(controller)
            self.path = self.own / (f"gb-test-{os.getpid()}-"
                                    f"{next(self.numbers)}")
            self.path.mkdir()
        except OSError as error:
            raise Unavailable(f"no cgroup can be made: {error}") from error
        self.procs = self.path / "cgroup.procs"

    def _set(self, name, value):
        try:
            (self.path / name).write_text(f"{value}\n")
        except OSError as error:
            self.close()
            raise Unavailable(f"{self.path / name}: {error}") from error

    def limit_cpu(self, cores):
        period_us = 25000  # the quota must be 1 ms or more
        quota_us = int(cores * period_us)
        if self.unified:
            self._set("cpu.max", f"{quota_us} {period_us}")
        else:
            self._set("cpu.cfs_period_us", period_us)
            self._set("cpu.cfs_quota_us", quota_us)

    def limit_memory(self, limit_bytes):
        name = "memory.max" if self.unified else "memory.limit_in_bytes"
        self._set(name, limit_bytes)

    def killed(self):
        """How many processes the kernel killed there for want of memory."""
        name = "memory.events" if self.unified else "memory.oom_control"
        for line in (self.path / name).read_text().splitlines():
            if line.startswith("oom_kill "):
                return int(line.split()[1])
        return 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """What is still there goes back to where this process is."""
        end = time.monotonic() + 5
        while self.path.exists() and time.monotonic() < end:
            for pid in self.procs.read_text().split():
                with contextlib.suppress(OSError):
                    (self.own / "cgroup.procs").write_text(pid)
            with contextlib.suppress(OSError):
                self.path.rmdir()
                return
            time.sleep(0.02)
