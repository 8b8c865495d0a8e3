# SPDX-License-Identifier: Apache-2.0
"""The plugin guide's commands, as printed and in order, against an installed
SDK; what it shows of their output is what they say.

In docs/plugin-guide.md each ```sh block is run by one bash, in an empty folder,
and must succeed. A ```text block after it is its output: `...` stands for any
lines, and a number with decimals for any such number. GB_BUILD is installed.
"""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import gb
import installed

GUIDE = pathlib.Path(os.environ["GB_SOURCE"]) / "docs" / "plugin-guide.md"
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)


def blocks():
    """[(commands, output shown or None)]."""
    found = []
    last_end = None
    for fence in FENCE.finditer(GUIDE.read_text()):
        kind, body = fence[1], fence[2]
        between = fence.string[last_end:fence.start()] if last_end else ""
        if kind == "sh":
            found.append([body, None])
        elif kind == "text" and last_end and between.strip() == "":
            found[-1][1] = body
        last_end = fence.end() if kind == "sh" else None
    return found


def pattern(shown):
    """A regular expression for output that is shown."""
    text = ""
    for line in shown.splitlines():
        if line == "...":
            text += r"(?:.*\n)*?"
            continue
        parts = re.split(r"(?<![\d.])\d+\.\d+(?![\d.])", line)
        text += r"\d+\.\d+".join(re.escape(part) for part in parts) + r"[ ]*\n"
    return text


@gb.needs_mpi
class Guide(unittest.TestCase):
    def test_every_block_works_as_printed(self):
        steps = blocks()
        self.assertGreater(len(steps), 6)
        folder = pathlib.Path(tempfile.mkdtemp(prefix="gb-guide-"))
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        prefix = installed.tree(folder / "greenbench")
        script = "set -eu -o pipefail\n"
        for i, (commands, _) in enumerate(steps):
            script += f"exec >'{folder}/{i}.out' 2>&1\n{commands}\n"
        work = folder / "work"
        work.mkdir()
        done = subprocess.run(
            ["bash", "-c", script], cwd=work, timeout=240, check=False,
            env=gb.environment({
                "PATH": f"{prefix}/bin:{os.environ['PATH']}",
                "PKG_CONFIG_PATH": f"{prefix}/share/pkgconfig"}))
        for i, (commands, shown) in enumerate(steps):
            file = folder / f"{i}.out"
            said = file.read_text() if file.exists() else "(not reached)\n"
            said = re.sub(r"\x1b\[[0-9;]*m", "", said)
            if not (folder / f"{i + 1}.out").exists():
                self.assertEqual(done.returncode, 0, f"{commands}\n{said}")
            if shown is not None:
                self.assertRegex(said, rf"\A{pattern(shown)}\Z", commands)


if __name__ == "__main__":
    gb.main()
