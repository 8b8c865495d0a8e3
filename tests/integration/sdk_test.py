# SPDX-License-Identifier: Apache-2.0
"""From an installation to a plugin of one's own: `plugin new`, its build with
each compiler, `plugin check`, and a measured result. GB_BUILD is the build that
is installed; it is moved afterwards, and must still find what it needs."""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import unittest

import gb

BUILD = os.environ["GB_BUILD"]


def call(*words, **more):
    done = subprocess.run([str(w) for w in words], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=300,
                          **more)
    assert done.returncode == 0, f"{words}: {done.returncode}\n{done.stdout}"
    return done.stdout


class Sdk(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="gb-sdk-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        first = cls.folder / "installed"
        for component in ("runtime", "sdk", "plugins"):
            call("cmake", "--install", BUILD, "--prefix", first,
                 "--component", component)
        cls.prefix = cls.folder / "moved"
        first.rename(cls.prefix)
        cls.program = cls.prefix / "bin" / "greenbench"

    def build(self, language, compilers):
        """A new project, built and tested; its folder."""
        project = self.folder / f"{language}-{'-'.join(compilers.values())}"
        call(self.program, "plugin", "new", "acme.spmv", project,
             "--language", language)
        env = gb.environment({"CMAKE_PREFIX_PATH": str(self.prefix)})
        call("cmake", "-S", project, "-B", project / "build",
             "-DCMAKE_BUILD_TYPE=Release",
             *[f"-DCMAKE_{k}_COMPILER={v}" for k, v in compilers.items()],
             *[f"-DCMAKE_{k}_FLAGS=-Wall -Wextra -Werror -Wpedantic"
               for k in compilers], env=env)
        call("cmake", "--build", project / "build", env=env)
        return project

    def check(self, project):
        found = json.loads(call(
            self.program, "plugin", "check", "--json",
            project / "build" / "plugins" / "acme.spmv.so"))
        self.assertTrue(found["passed"], found)
        self.assertEqual(found["id"], "acme.spmv")

    def test_c_from_nothing_to_a_result_within_a_minute(self):
        begin = time.monotonic()
        project = self.build("c", {"C": "gcc"})
        self.check(project)
        out = self.folder / "results"
        call(self.program, "-b", "acme.spmv", "--repeats", "3", "--min-time",
             "50ms", "--idle", "200ms", "-o", out, env=gb.environment(
                 {"GREENBENCH_PLUGIN_PATH": str(project / "build/plugins")}))
        took_s = time.monotonic() - begin
        result = gb.summary(gb.only_run_dir(out))
        self.assertTrue(gb.bench(result, "acme.spmv")["valid"])
        print(f"new, configure, build, check, result: {took_s:.1f} s")
        self.assertLess(took_s, 60.0)

    def test_the_projects_own_ci_passes(self):
        project = self.folder / "ci"
        call(self.program, "plugin", "new", "acme.blas.spmv", project)
        said = call(project / "ci.sh", env=gb.environment(
            {"CMAKE_PREFIX_PATH": str(self.prefix)}))
        self.assertIn("100% tests passed, 0 tests failed out of 2", said)

    def test_c_with_clang(self):
        if shutil.which("clang") is None:
            self.skipTest("clang is not installed")
        self.check(self.build("c", {"C": "clang"}))

    def test_cxx_with_both_compilers(self):
        for c, cxx in (("gcc", "g++"), ("clang", "clang++")):
            if shutil.which(cxx) is None:
                self.skipTest(f"{cxx} is not installed")
            self.check(self.build("c++", {"C": c, "CXX": cxx}))

    def test_fortran(self):
        if shutil.which("gfortran") is None:
            self.skipTest("gfortran is not installed")
        self.check(self.build("fortran", {"C": "gcc", "Fortran": "gfortran"}))

    def test_without_cmake_by_pkg_config(self):
        if shutil.which("pkg-config") is None:
            self.skipTest("pkg-config is not installed")
        project = self.folder / "plain"
        call(self.program, "plugin", "new", "acme.spmv", project)
        env = gb.environment({"PKG_CONFIG_PATH": ":".join(
            str(f.parent) for f in self.prefix.rglob("greenbench.pc"))})
        flags = call("pkg-config", "--cflags", "--libs", "greenbench",
                     env=env).split()
        self.assertIn(f"-I{self.prefix}/include",
                      [os.path.normpath(f) for f in flags])
        plugin = project / "acme.spmv.so"
        call("gcc", "-O2", project / "spmv.c", *flags, "-o", plugin)
        found = json.loads(call(self.program, "plugin", "check", "--json",
                                plugin))
        self.assertTrue(found["passed"], found)

    def test_installed_plugins_are_found_where_they_were_moved(self):
        listed = json.loads(call(self.program, "list", "--json",
                                 env=gb.environment()))
        self.assertGreater(len(listed["benchmarks"]), 5)
        for benchmark in listed["benchmarks"]:
            self.assertTrue(benchmark["path"].startswith(str(self.prefix)))


class Refusals(unittest.TestCase):
    def refuse(self, words, expected):
        done = gb.run(["plugin", *words])
        self.assertEqual(done.code, 2, done)
        self.assertIn(expected, done.err)
        self.assertEqual(done.out, "")

    def test_bad_names_and_folders(self):
        self.refuse([], "expected 'plugin check' or 'plugin new'")
        self.refuse(["new", "spmv", "/tmp/x"],
                    "expected an id such as 'acme.spmv', got 'spmv'")
        self.refuse(["new", "memory.spmv", "/tmp/x"],
                    "'memory.' is greenbench's")
        self.refuse(["new", "acme.3d", "/tmp/x"], "begin with a letter")
        self.refuse(["new", "acme.spmv", "/"],
                    "expected a new or an empty folder, got '/'")
        self.refuse(["new", "acme.spmv", "/tmp/x", "--language", "cobol"],
                    "expected c, c++ or fortran, got 'cobol'")
        self.refuse(["check"], "expected the file of a plugin")
        self.refuse(["check", "/no/such.so"], "cannot read the plugin")


if __name__ == "__main__":
    gb.main()
