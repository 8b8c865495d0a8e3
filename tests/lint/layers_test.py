#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The layer check refuses what core/LAYERS forbids, and nothing else.

usage: layers_test.py CHECK_LAYERS
"""
import pathlib
import subprocess
import sys
import tempfile
import unittest

CHECK = sys.argv.pop(1)
LAYERS = """\
base
model                base
machine/comm         base model
machine/energy       base
pipeline/plan        base model
cli                  base machine/*

<mpi.h>              machine/comm include
"""


class LayerCheck(unittest.TestCase):
    def check(self, path, *lines):
        with tempfile.TemporaryDirectory() as root:
            file = pathlib.Path(root, "core", path)
            file.parent.mkdir(parents=True)
            (pathlib.Path(root) / "core/LAYERS").write_text(LAYERS)
            file.write_text("".join(line + "\n" for line in lines))
            return subprocess.run([sys.executable, CHECK, root], text=True,
                                  capture_output=True, check=False)

    def test_a_stage_must_not_see_the_machine(self):
        done = self.check("pipeline/plan/a.c", '#include "machine/comm/comm.h"')
        self.assertEqual(done.returncode, 1)
        self.assertIn("core/pipeline/plan/a.c:1", done.stderr)

    def test_a_machine_folder_must_not_see_another(self):
        done = self.check("machine/energy/a.c",
                          '#include "machine/comm/comm.h"')
        self.assertEqual(done.returncode, 1)

    def test_mpi_is_for_one_folder(self):
        self.assertEqual(self.check("base/a.c", "#include <mpi.h>").returncode, 1)
        self.assertEqual(
            self.check("machine/comm/a.c", "#  include <mpi.h>").returncode, 0)

    def test_a_folder_must_be_in_the_table(self):
        self.assertEqual(self.check("extra/a.c").returncode, 1)

    def test_what_the_table_allows_passes(self):
        done = self.check("cli/a.c", '#include "machine/energy/set.h"',
                          "#include <stdio.h>",
                          "#include <greenbench/plugin.h>")
        self.assertEqual((done.returncode, done.stderr), (0, ""))


unittest.main(verbosity=2)
