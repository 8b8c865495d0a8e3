# SPDX-License-Identifier: Apache-2.0
"""What the program tells, and where: --quiet and --verbose, colours, and pages
for a browser where there is none."""
import os
import pty
import re
import subprocess

import gb
import made_run

RUN = ["-b", "compute.clock", "--repeats", "3", "--min-time", "5ms", "--idle",
       "0", "--energy", "none", "--counters", ""]


class Told(gb.Case):
    def test_quiet_leaves_the_table_and_warnings(self):
        done = self.run_ok([*RUN, "--quiet"])
        self.assertIn("compute.clock", done.out)
        for line in done.err.splitlines():
            self.assertRegex(line, r"^(greenbench: warning:|  hint:)")

    def test_each_repetition_is_told_at_wish(self):
        done = self.run_ok([*RUN, "-v"])
        told = re.findall(r"compute\.clock.*: repetition (\d) of 3", done.err)
        # A first one that turned out too short is made again, and told again.
        self.assertEqual(sorted(set(told)), ["1", "2", "3"], done.err)
        self.assertRegex(done.out, r"(?m)^repetitions +performance")
        self.assertRegex(done.out, r"(?m)^plugin +compute\.clock")
        self.assertLessEqual(max(map(len, done.out.splitlines())), 80)
        plain = self.run_ok(RUN)
        self.assertNotIn("repetition 2", plain.err)
        self.assertNotIn("plugin  ", plain.out)

    def test_a_resumed_run_may_be_quiet(self):
        """It is how a run is told of, and no part of what is run."""
        self.run_ok(RUN)
        done = gb.run(["--resume", str(gb.only_run_dir(self.output)), "-q"])
        self.assertEqual(done.code, 0, str(done))


class Stored(made_run.Case):
    MADE = ("stored", 1, 3, 6)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stored = str(cls.plain)

    def told(self, *args, code=0):
        done = gb.run([*args])
        self.assertEqual(done.code, code, str(done))
        return done

    def test_quiet_has_files_and_exit_codes_alone(self):
        page = self.folder / "quiet.html"
        done = self.told("report", self.stored, "-q", "--html", str(page))
        self.assertEqual(done.out + done.err, "")
        self.assertTrue(page.read_text().startswith("<!doctype html>"))
        done = self.told("compare", self.stored, self.stored, "--quiet")
        self.assertEqual(done.out + done.err, "")

    def on_terminal(self, **more):
        """What `report` writes to a terminal."""
        main, side = pty.openpty()
        env = gb.environment({"TERM": "xterm", **more})
        if "NO_COLOR" not in more:
            env.pop("NO_COLOR", None)
        with subprocess.Popen([gb.BIN, "report", self.stored], stdout=side,
                              env=env) as process:
            os.close(side)
            text = b""
            try:
                while piece := os.read(main, 65536):
                    text += piece
            except OSError:
                pass  # the other end is closed
            os.close(main)
        self.assertEqual(process.returncode, 0)
        return text.decode()

    def test_colours_are_for_terminals_that_want_them(self):
        self.assertIn("\x1b[", self.on_terminal())
        self.assertNotIn("\x1b[", self.on_terminal(NO_COLOR="1"))
        self.assertNotIn("\x1b[", self.told("report", self.stored).out)

    def test_a_page_is_one_file_of_two_languages(self):
        text = self.told("report", self.stored, "--html", "-", "--lang",
                         "zh").out
        self.assertIn('<html lang="zh-CN">', text)
        self.assertIn("Uncertainty budget", text)
        self.assertIn("不确定度分量表", text)
        self.assertLess(len(text.encode()), 2e6)
        head = text[:text.index("<body>")]
        self.assertNotRegex(head, r"unsafe-|https?:")
        page = self.told("compare", self.stored, self.stored, "--html", "-").out
        self.assertIn("Ratios of new to base", page)

    def test_a_language_that_is_not_there_is_refused(self):
        done = self.told("report", self.stored, "--html", "-", "--lang", "de",
                         code=2)
        self.assertIn("expected en or zh, got 'de'", done.err)
        done = self.told("compare", self.stored, self.stored, "--lang", "zh",
                         code=2)
        self.assertIn("expected --html beside it", done.err)


if __name__ == "__main__":
    gb.main()
