# SPDX-License-Identifier: Apache-2.0
"""greenbench never writes below /sys, /dev or /proc: every system call that
could, of the program alone and under mpirun, is looked at with strace."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import gb

# Calls that open, make, change or remove something by name.
CALLS = ("open,openat,openat2,creat,mkdir,mkdirat,mknod,mknodat,unlink,unlinkat,"
         "rmdir,rename,renameat,renameat2,link,linkat,symlink,symlinkat,chmod,"
         "fchmodat,chown,lchown,fchownat,truncate,mount,umount2,setxattr,"
         "utimensat")
OPENS = {"open", "openat", "openat2"}
LINE = re.compile(r"^(?:\[pid +\d+\] |\d+ +)?(\w+)\((.*)$")
PATH = re.compile(r'"(/[^"]*)"')

# What others do inside our process, each with its reason.
ALLOWED = [
    (r"/dev/null$", "libraries discard output there"),
    (r"/dev/shm/", "Open MPI's shared memory between ranks of a node"),
    (r"/dev/(pts/\d+|tty)$", "the terminal of the launch"),
    (r"/proc/self/task/\d+/comm$", "the name of a thread of ours"),
]


def guarded(path):
    return re.match(r"/(sys|dev|proc)(/|$)", path)


def offences(log):
    """Calls of a strace log that could write below the guarded folders and
    did not fail for being refused there anyway."""
    found = []
    for line in log.splitlines():
        match = LINE.match(line)
        if not match:
            continue
        call, rest = match.groups()
        paths = [p for p in PATH.findall(rest) if guarded(p)]
        if not paths:
            continue
        if call in OPENS and not re.search(
                r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND", rest):
            continue
        if all(any(re.match(allowed, p) for allowed, _ in ALLOWED)
               for p in paths):
            continue
        found.append(line)
    return found


def traced(args, ranks=None, env=None):
    with tempfile.TemporaryDirectory(prefix="gb-strace-") as folder:
        log = os.path.join(folder, "log")
        strace = ["strace", "-f", "-qq", "-ff", "-o", log, "-e",
                  f"trace={CALLS}"]
        command = [*strace, gb.BIN, *args]
        if ranks:
            command = [gb.MPIEXEC, "-n", str(ranks), *command]
        done = subprocess.run(command, env=gb.environment(env), timeout=180,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, check=False)
        logs = "\n".join(p.read_text(errors="replace")
                         for p in pathlib.Path(folder).iterdir())
    return done, logs


class NoWrite(gb.Case):
    def check(self, args, ranks=None, env=None):
        done, log = traced(args, ranks, env)
        self.assertEqual(done.returncode, 0, done.stderr)
        # The log is one of the program, not of nothing.
        self.assertTrue(re.search(r"open(at)?\(.*O_RDONLY", log))
        self.assertEqual(offences(log), [])

    def test_the_check_can_fail(self):
        crafted = [
            'openat(AT_FDCWD, "/sys/class/powercap/x/energy_uj", O_RDWR) = 3',
            '[pid  7] openat(AT_FDCWD, "/sys/x", O_WRONLY|O_CLOEXEC) = -1 EACCES',
            'openat(AT_FDCWD, "/dev/cpu/0/msr", O_RDWR) = 4',
            '12 creat("/proc/x", 0600) = -1 ENOENT (No such file or directory)',
            'mkdir("/dev/greenbench", 0777) = 0',
            'rename("/tmp/a", "/sys/b") = 0',
        ]
        self.assertEqual(offences("\n".join(crafted)), crafted)
        fine = [
            'openat(AT_FDCWD, "/sys/class/powercap/x/energy_uj", O_RDONLY) = 3',
            'openat(AT_FDCWD, "/tmp/x", O_RDWR|O_CREAT, 0600) = 3',
            'openat(AT_FDCWD, "/dev/null", O_RDWR) = 3',
            'mkdir("/srv/sys/x", 0777) = 0',
        ]
        self.assertEqual(offences("\n".join(fine)), [])

    def test_commands_alone(self):
        self.check(["sensors", "--measure", "1s"])
        self.check(["doctor"])
        self.check(["selftest"])
        self.check(["list"])

    def test_a_run_alone(self):
        self.check(["-b", "memory.triad,compute.fma", *gb.QUICK, "-o",
                    self.output])

    def test_counters_of_a_machine_are_only_read(self):
        with gb.Player("intel-2s-skx-dram", 60.0) as root:
            done, log = traced(["sensors", "--measure", "1s", "--json"],
                               env={"GREENBENCH_SYSROOT": root})
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)["node"]["quality"],
                         "simulated")
        touched = [line for line in log.splitlines() if root in line]
        self.assertTrue(touched)
        self.assertEqual([line for line in touched if re.search(
            "O_WRONLY|O_RDWR|O_CREAT|O_TRUNC", line)], [])

    def test_vendors_libraries_are_only_asked(self):
        """Stand-ins for them: what we do to load and ask them."""
        env = {"LD_LIBRARY_PATH": os.pathsep.join(
            os.environ[name] for name in ("GB_NVML_DIR", "GB_ROCM_DIR"))}
        self.check(["sensors", "--energy", "nvml,rocm", "--measure", "1s"],
                   env=env)

    @gb.needs_mpi
    def test_doctor_over_ranks(self):
        self.check(["doctor"], ranks=2)

    @gb.needs_mpi
    def test_a_run_of_two_ranks(self):
        self.check(["-b", "memory.triad,network.pingpong", *gb.QUICK, "-o",
                    self.output], ranks=2)


def why_not():
    if not shutil.which("strace"):
        return "strace is not installed"
    tried = subprocess.run(["strace", "-qq", "-o", "/dev/null", "true"],
                           stderr=subprocess.PIPE, text=True, check=False)
    return f"strace may not trace here: {tried.stderr}" if tried.returncode \
        else ""


if __name__ == "__main__":
    reason = why_not()
    if reason:
        print(f"skipped: {reason}")
        sys.exit(77)
    gb.main()
