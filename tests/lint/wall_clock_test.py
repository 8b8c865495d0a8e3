#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""No duration comes from a clock that can be set (rule 31): the wall clock is
read where this file says why, and nowhere else below core/ and plugins/.

usage: wall_clock_test.py ROOT
"""
import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(sys.argv.pop(1) if len(sys.argv) > 1 else ".")
WALL = re.compile(r"\b(CLOCK_REALTIME\w*|CLOCK_TAI|gettimeofday|timespec_get|"
                  r"ftime|gb_clock_utc_ns|MPI_Wtime)\s*\(?|\btime\s*\(\s*(NULL|&|0)")
ALLOWED = {
    "core/base/clock.h": "declares it",
    "core/base/clock.c": "the one place that reads it",
    "core/archive/files.c": "a random name where there is no entropy",
    "core/archive/rundir.c": "the name of a run's directory",
    "core/cli/program.c": "when the run was started, for people",
    "core/pipeline/run/run.c": "when it ended, for people",
    "core/pipeline/run/timed.c": "when a call began, for other instruments",
    "core/emulator/serve.c": "the date that Cray's files show",
    "core/machine/comm/mpi_clock.c": "how far nodes' wall clocks are apart",
    "core/machine/comm/comm.h": "says so",
    "core/machine/platform/doctor.c": "says so",
    "core/machine/energy/meter_file.c": "compared with a file's mtime",
    "core/machine/energy/redfish.c": "is a controller's date plausible",
    "core/model/system.h": "how far nodes' wall clocks are apart",
}


def without_comments(text):
    return re.sub(r"//[^\n]*|/\*.*?\*/", " ", text, flags=re.DOTALL)


def uses(text):
    return bool(WALL.search(text))


def waits_on_the_wall_clock(text):
    """A condition variable waits by CLOCK_REALTIME unless it is told."""
    code = without_comments(text)
    return "pthread_cond_timedwait" in code and not re.search(
        r"pthread_condattr_setclock\([^;]*CLOCK_MONOTONIC\)", code)


def sources():
    for folder in ("core", "plugins"):
        for path in sorted((ROOT / folder).rglob("*.[ch]")):
            yield path.relative_to(ROOT).as_posix(), path.read_text()


class WallClock(unittest.TestCase):
    def test_durations_are_of_the_monotonic_clock(self):
        found = [name for name, text in sources() if uses(text)]
        self.assertGreater(len(found), 5)
        self.assertEqual([n for n in found if n not in ALLOWED], [],
                         "reads a clock that can be set: take gb_clock, or say "
                         "here why not")
        self.assertEqual([n for n in ALLOWED if n not in found], [],
                         "allowed, and does not use it")

    def test_waits_are_of_the_monotonic_clock(self):
        texts = dict(sources())
        waiting = [n for n, t in texts.items() if "cond_timedwait" in t]
        self.assertIn("core/pipeline/run/sampler.c", waiting)
        self.assertEqual([n for n in waiting
                          if waits_on_the_wall_clock(texts[n])], [])

    def test_what_is_refused(self):
        for text in ("clock_gettime(CLOCK_REALTIME, &t);", "t = time(NULL);",
                     "gettimeofday(&t, NULL);", "begin = gb_clock_utc_ns();"):
            self.assertTrue(uses(text), text)
        for text in ("clock_gettime(CLOCK_MONOTONIC, &t);",
                     "gb_clock_now_ns(clock)", "elapsed_time(now)"):
            self.assertFalse(uses(text), text)
        wait = "pthread_cond_timedwait(&c, &m, &t);"
        self.assertTrue(waits_on_the_wall_clock(
            wait + "/* pthread_condattr_setclock(&a, CLOCK_MONOTONIC) */"))
        self.assertFalse(waits_on_the_wall_clock(
            "pthread_condattr_setclock(&a, CLOCK_MONOTONIC);" + wait))


if __name__ == "__main__":
    unittest.main(verbosity=2)
