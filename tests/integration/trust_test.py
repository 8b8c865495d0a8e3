# SPDX-License-Identifier: Apache-2.0
"""Code is loaded from where only those trusted can have put it, and from nowhere
else; a site can pin what is let in; the result has the hash of what ran."""
import hashlib
import json
import pathlib
import shutil

import gb

ID = "compute.faulty"
RUN = ["-b", ID, "--repeats", "2", "--min-time", "5ms", "--idle", "0"]


class Case(gb.Case):
    def setUp(self):
        super().setUp()
        self.place = pathlib.Path(self.output) / "plugins"
        self.results = str(pathlib.Path(self.output) / "results")
        self.place.mkdir(mode=0o755)
        self.file = self.place / f"{ID}.so"
        shutil.copy(pathlib.Path(gb.TEST_PLUGINS) / f"{ID}.so", self.file)
        self.file.chmod(0o644)

    def sha256(self):
        return hashlib.sha256(self.file.read_bytes()).hexdigest()

    def start(self, *more, code=0, ranks=None, env=None, **run):
        done = gb.run([*RUN, "-o", self.results, *more], ranks, env, **run)
        self.assertEqual(done.code, code, str(done))
        return done

    def start_here(self, *more, **run):
        return self.start("--plugin-path", str(self.place), *more, **run)

    def result(self):
        run_dir = gb.only_run_dir(self.results)
        return run_dir, gb.bench(gb.summary(run_dir), ID)


class Places(Case):
    def test_a_folder_by_where_one_stands_is_refused(self):
        for args, env in ((["--plugin-path", "plugins"], None),
                          ([], {"GREENBENCH_PLUGIN_PATH": "plugins"}),
                          ([], {"GREENBENCH_PLUGIN_PATH": f":{self.place}"})):
            with self.subTest(args=args, env=env):
                done = self.start(*args, code=2, env=env, cwd=self.output)
                self.assertIn("expected absolute folders", done.err)
                self.assertIn(env and "GREENBENCH_PLUGIN_PATH: " or
                              "--plugin-path: ", done.err)

    def test_nothing_is_taken_from_where_one_stands(self):
        for folder in (self.output, self.place):
            done = self.start(code=2, cwd=folder)
            self.assertIn(f"got '{ID}'", done.err)

    def test_the_option_wins_over_the_environment(self):
        self.start_here(env={"GREENBENCH_PLUGIN_PATH": "not/absolute"})
        self.assertTrue(self.result()[1]["valid"])

    def test_what_others_may_write_is_refused_with_the_fix(self):
        for path, mode in ((self.file, 0o664), (self.place, 0o775),
                           (self.place, 0o1777)):
            with self.subTest(path=path.name, mode=oct(mode)):
                before = path.stat().st_mode
                path.chmod(mode)
                done = self.start_here(code=2)
                self.assertIn(f"'{path}': expected that its owner alone may "
                              "write to it", done.err)
                fix = done.err.split("hint: ")[-1].strip()
                self.assertRegex(fix, rf"^chmod g?o?-w '{path}'$")
                path.chmod(before)

    def test_so_is_what_lies_below_such_a_folder(self):
        pathlib.Path(self.output).chmod(0o777)
        done = self.start_here(code=2)
        self.assertIn(f"'{self.output}': expected", done.err)

    def test_it_may_be_let_in_and_the_result_says_so(self):
        self.file.chmod(0o666)
        for ranks in (None, 2) if gb.MPIEXEC else (None,):
            with self.subTest(ranks=ranks):
                shutil.rmtree(self.results, ignore_errors=True)
                done = self.start_here("--allow-insecure-plugins", ranks=ranks)
                run_dir, bench = self.result()
                self.assertIn("mode 0666", bench["plugin"]["insecure"])
                self.assertIn("plugin.insecure", [
                    w["code"] for w in gb.summary(run_dir)["warnings"]])
                self.assertIn(f"others could have changed {ID}", done.out)
                self.assertIn("mode 0666",
                              (run_dir / "report.md").read_text())


class Content(Case):
    def test_the_result_has_the_hash_of_what_ran(self):
        self.start_here()
        run_dir, bench = self.result()
        self.assertEqual(bench["plugin"],
                         {"sha256": self.sha256(), "insecure": None})
        files = json.loads((run_dir / "manifest.json").read_text())["files"]
        self.assertEqual([f["sha256"] for f in files if f["role"] == "plugin"],
                         [self.sha256()])
        plan = json.loads((run_dir / "plan.json").read_text())
        self.assertEqual(plan["cases"][0]["sha256"], self.sha256())

    def test_list_prints_what_plugin_allow_takes(self):
        path = ["--plugin-path", str(self.place)]
        listed = gb.run(["list", "--plugins", *path])
        self.assertIn(f"sha256:{self.sha256()} # {ID} 1.0.0 {self.file}\n",
                      listed.out)
        entries = json.loads(gb.run(["list", "--json", *path]).out)
        self.assertIn(self.sha256(),
                      [b["sha256"] for b in entries["benchmarks"]])
        allowed = pathlib.Path(self.output) / "allowed"
        allowed.write_text(listed.out)
        for env, more in ((None, ["--plugin-allow", f"@{allowed}"]),
                          ({"GREENBENCH_PLUGIN_ALLOW": f"@{allowed}"}, [])):
            self.start_here(*more, env=env)

    def test_anything_else_is_refused_with_its_hash(self):
        pin = f"sha256:{self.sha256()}"
        self.start_here("--plugin-allow", pin, ranks=2 if gb.MPIEXEC else None)
        with self.file.open("ab") as plugin:
            plugin.write(b"\0")
        done = self.start_here("--plugin-allow", pin, code=2)
        self.assertIn("expected a plugin that --plugin-allow names, found "
                      f"sha256:{self.sha256()}", done.err)
        done = self.start_here("--plugin-allow", "sha256:beef", code=2)
        self.assertIn("expected sha256: and 64 digits", done.err)

    def test_a_pin_holds_where_others_may_write(self):
        """What was summed is what runs, on every rank."""
        self.file.chmod(0o666)
        self.start_here("--plugin-allow", f"sha256:{self.sha256()}",
                        "--allow-insecure-plugins",
                        ranks=2 if gb.MPIEXEC else None)
        self.assertEqual(self.result()[1]["plugin"]["sha256"], self.sha256())


if __name__ == "__main__":
    gb.main()
