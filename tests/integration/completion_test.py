# SPDX-License-Identifier: Apache-2.0
"""Bash completion offers what the program has: every command, every option of
each, suites, benchmarks, parameters, energy sources and languages. GB_SOURCE is
the source tree."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import unittest

import gb

SOURCE = pathlib.Path(os.environ["GB_SOURCE"])
SCRIPT = SOURCE / "scripts" / "greenbench.bash"
ASK = """
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
_greenbench
printf '%s\\n' "${COMPREPLY[@]}"
"""


def complete(*words):
    """What bash offers in place of the last word."""
    done = subprocess.run(
        ["bash", "-uc", ASK, "bash", str(SCRIPT), gb.BIN,
         *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=gb.environment(), timeout=60)
    assert done.stderr == "", f"{words}: {done.stderr}"
    return sorted(line for line in done.stdout.splitlines() if line)


def commands():
    text = gb.run(["--help"]).out.split("\ncommands:\n")[1].split("\n\n")[0]
    return re.findall(r"^  (\S+(?: \S+)?)  ", text, re.M)


def options(command):
    body = gb.run([*command.split(), "--help"]).out.split("\noptions:\n")[1]
    body = body.split("\n\n")[0]
    found = re.findall(r"^  (?:(-\w), |    )(--[\w-]+)", body, re.M)
    return sorted(word for pair in found for word in pair if word)


class Help(unittest.TestCase):
    def test_every_page_fits_into_80_columns(self):
        for command in ["", *commands()]:
            with self.subTest(command=command):
                for line in gb.run([*command.split(), "--help"]
                                   ).out.splitlines():
                    self.assertLessEqual(len(line), 80, line)


@unittest.skipIf(shutil.which("bash") is None, "bash is not installed")
class Completion(unittest.TestCase):
    def test_commands(self):
        self.assertGreater(len(commands()), 7)
        firsts = {command.split()[0] for command in commands()}
        self.assertLessEqual(firsts | {"help"}, set(complete("")))
        self.assertEqual(complete("se"), ["selftest", "sensors"])
        self.assertEqual(complete("plugin", ""), ["check", "new"])
        self.assertLessEqual(firsts, set(complete("help", "")))
        self.assertEqual(complete("help", "plugin", "n"), ["new"])
        self.assertEqual(complete("help", "list", ""), [])

    def test_every_option_of_every_command(self):
        for command in commands():
            self.assertEqual(complete(*command.split(), "-"), options(command),
                             command)
        self.assertEqual(complete("-"), options("run"))
        self.assertEqual(complete("--sui"), ["--suite"])

    def test_suites(self):
        suites = sorted(f.stem for f in (SOURCE / "scripts/suites").glob("*"))
        self.assertEqual(complete("--suite", ""), suites)
        self.assertEqual(complete("run", "--suite", "qu"), ["quick"])

    def test_benchmarks_and_parameters(self):
        listed = json.loads(gb.run(["list", "--json"]).out)["benchmarks"]
        ids = sorted(b["id"] for b in listed)
        self.assertEqual(complete("-b", ""), ids)
        self.assertEqual(complete("run", "--bench", "=", "memory.tr"),
                         ["memory.triad"])
        self.assertEqual(complete("-b", "idle,memory.tr"),
                         ["idle,memory.triad"])
        self.assertEqual(
            complete("-p", ""),
            sorted(f"{b['id']}.{p['name']}=" for b in listed
                   for p in b["params"]))

    def test_energy_sources(self):
        text = gb.run(["run", "--help"]).out
        told = re.search(r"--energy SOURCE.*?best\s+first:\s+(.*?);", text, re.S)
        sources = re.split(r",\s+", told[1])
        self.assertEqual(complete("-e", ""), sorted(["auto", "none", *sources]))
        self.assertEqual(complete("sensors", "--energy", "perf,ipm"),
                         ["perf,ipmi"])

    def test_languages(self):
        folders = {f.name for f in (SOURCE / "plugins/template").iterdir()}
        kinds = ["benchmark", "meter"]
        self.assertEqual(complete("plugin", "new", "acme.x", "x", "--kind", ""),
                         kinds)
        self.assertLess(set(kinds), folders)
        self.assertEqual(complete("plugin", "new", "acme.x", "x", "--language",
                                  ""),
                         sorted(folders - {"common", "c-host", *kinds}))

    def test_values_that_nobody_can_know_offer_nothing(self):
        self.assertEqual(complete("run", "--repeats", ""), [])
        self.assertEqual(complete("sensors", "--measure", ""), [])
        self.assertEqual(complete("list", ""), [])


if __name__ == "__main__":
    gb.main()
