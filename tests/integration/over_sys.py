# SPDX-License-Identifier: Apache-2.0
"""An emulated machine's counters at the real paths, for one command: what it
reads is `measured`, as on a real machine, and nobody else sees it.

usage: over_sys.py MACHINE COMMAND..    in a mount namespace of its own

MACHINE is a machine's folder below an emulator's mount point.
"""
import contextlib
import os
import pathlib
import subprocess
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "cluster"))
import inside  # mount(2), and what stays reachable below it

PLACES = ("sys/cray", "sys/class/powercap", "sys/devices/virtual/powercap",
          "proc/cpuinfo")


def make_room(folder):
    """The same folder, but one in which new names can be made: sysfs lets
    nobody make any."""
    with os.scandir(folder) as found:
        entries = [(one.path, one.is_symlink(), one.is_dir()) for one in found]
    links = {path: os.readlink(path) for path, link, _ in entries if link}
    with inside.kept([path for path, link, is_dir in entries
                      if is_dir and not link]):
        inside.mount("tmpfs", folder, "tmpfs", data="mode=755")
    for path, target in links.items():
        os.symlink(target, path)


def lay(machine):
    for place in PLACES:
        source, target = machine / place, pathlib.Path("/") / place
        if not source.exists():
            continue
        if not target.exists():
            make_room(target.parent)
            target.mkdir()
        inside.mount(source, target, flags=inside.MS_BIND | inside.MS_REC)


def namespace():
    """What a command line begins with to be in a mount namespace."""
    own = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    return ["unshare", *own, "--mount"]


def command(machine, words):
    return [*namespace(), sys.executable, __file__, str(machine), *words]


def why_not():
    """The reason why there are no such namespaces here, "" if there are."""
    with contextlib.suppress(OSError):
        tried = subprocess.run([*namespace(), "mount", "-t", "tmpfs", "none",
                                "/sys"], capture_output=True, text=True,
                               check=False)
        return "" if tried.returncode == 0 else \
            "no mount namespaces: " + tried.stderr.strip()
    return "no unshare (util-linux)"


if __name__ == "__main__":
    lay(pathlib.Path(sys.argv[1]))
    os.execvp(sys.argv[2], sys.argv[2:])
