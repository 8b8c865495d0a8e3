# SPDX-License-Identifier: Apache-2.0
"""From an installation to a plugin of one's own: `plugin new`, its build with
each compiler, `plugin check`, and a measured result. GB_BUILD is the build that
is installed; it is moved afterwards, and must still find what it needs."""
import json
import os
import pathlib
import shutil
import tempfile
import time
import unittest

import gb
import installed
from installed import call


# The commands of a module file, as far as ours needs them.
MODULE_COMMANDS = """
proc module-whatis {text} {}
proc conflict {args} {}
proc prepend-path {name value} {puts "$name=$value"}
"""
MODULE_TOOLS = [
    ("tclsh", "/usr/lib/x86_64-linux-gnu/modulecmd.tcl"),
    ("tclsh", "/usr/share/modules/libexec/modulecmd.tcl"),
    ("/usr/share/lmod/lmod/libexec/lmod",),
]


class Sdk(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="gb-sdk-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        first = installed.tree(cls.folder / "installed")
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

    def test_a_meter_of_ones_own(self):
        project = self.folder / "meter"
        call(self.program, "plugin", "new", "acme.pdu", project,
             "--kind", "meter")
        said = call(project / "ci.sh", env=gb.environment(
            {"CMAKE_PREFIX_PATH": str(self.prefix),
             "CFLAGS": "-std=c11 -Wall -Wextra -Werror -Wpedantic"}))
        self.assertIn("100% tests passed, 0 tests failed out of 2", said)
        found = json.loads(call(
            self.program, "plugin", "check", "--json",
            project / "build" / "plugins" / "acme.pdu.so"))
        self.assertEqual((found["id"], found["kind"]), ("acme.pdu", "meter"))
        self.assertEqual([f["rule"] for f in found["findings"]
                          if f["verdict"] != "kept"], [])
        rows = json.loads(call(
            self.program, "sensors", "--json", "--energy", "meter=acme.pdu",
            "--measure", "500ms", env=gb.environment(
                {"GREENBENCH_PLUGIN_PATH": str(project / "build/plugins")})))
        self.assertEqual(rows["node"]["quality"], "simulated")
        self.assertAlmostEqual(rows["node"]["power_w"], 100.0, delta=5.0)
        made = self.folder / "packed"
        call("cpack", "--config", project / "build/CPackConfig.cmake", "-G",
             "TGZ", "-B", made)
        packed = call("tar", "-tzf", next(made.glob("acme.pdu-*.tar.gz")))
        self.assertRegex(packed,
                         r"(?m)^lib\S*/greenbench/plugins/acme\.pdu\.so$")

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
        call("gcc", "-O2", *project.glob("*.c"), *flags, "-o", plugin)
        found = json.loads(call(self.program, "plugin", "check", "--json",
                                plugin))
        self.assertTrue(found["passed"], found)

    def test_installed_plugins_are_found_where_they_were_moved(self):
        listed = json.loads(call(self.program, "list", "--json",
                                 env=gb.environment()))
        self.assertGreater(len(listed["benchmarks"]), 5)
        for benchmark in listed["benchmarks"]:
            self.assertTrue(benchmark["path"].startswith(str(self.prefix)))

    def module_file(self):
        return next((self.prefix / "share/modulefiles/greenbench").iterdir())

    def test_the_module_file_finds_its_prefix(self):
        if shutil.which("tclsh") is None:
            self.skipTest("tclsh is not installed")
        link = self.folder / "a-link"
        link.symlink_to(self.module_file())
        for file in (self.module_file(), link):
            for known in ("", f"set ModulesCurrentModulefile {{{file}}}\n"):
                said = call("tclsh", input=f"{MODULE_COMMANDS}{known}"
                                           f"source {{{file}}}\n")
                self.assertEqual(said.splitlines(), [
                    f"PATH={self.prefix}/bin",
                    f"CMAKE_PREFIX_PATH={self.prefix}",
                    f"PKG_CONFIG_PATH={self.prefix}/share/pkgconfig"])

    def test_module_programs_load_it(self):
        tools = [t for t in MODULE_TOOLS if os.path.exists(t[-1])]
        if not tools:
            self.skipTest("neither Environment Modules nor Lmod is installed")
        for tool in tools:
            said = call(*tool, "bash", "load", "greenbench", env=gb.environment(
                {"MODULEPATH": str(self.prefix / "share/modulefiles")}))
            self.assertEqual(
                call("bash", "-c", f"{said}\ncommand -v greenbench").strip(),
                str(self.program), said)


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
