# SPDX-License-Identifier: Apache-2.0
"""Packages of this build: what is in them, what they depend on, lintian's word,
and greenbench run from where they were unpacked. GB_BUILD, GB_SOURCE,
GB_VERSION."""
import json
import os
import pathlib
import shutil
import tempfile
import unittest

import gb
from installed import call

BUILD = pathlib.Path(os.environ["GB_BUILD"])
VERSION = os.environ["GB_VERSION"]
MAN = pathlib.Path(os.environ["GB_SOURCE"]) / "docs" / "man"
ARCHITECTURES = {"greenbench": "native", "greenbench-dev": "native",
                 "greenbench-doc": "all"}


def pack(generator, folder):
    call("cpack", "--config", BUILD / "CPackConfig.cmake", "-G", generator,
         "-B", folder, env=gb.environment({
             "DEBFULLNAME": "greenbench maintainers",
             "DEBEMAIL": "greenbench@lists.debian.org"}))


def files_below(folder):
    return {str(f.relative_to(folder)) for f in pathlib.Path(folder).rglob("*")
            if f.is_file() or f.is_symlink()}


class Folder(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="gb-packages-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)

    def works_from(self, prefix):
        """The program at its new place has its benchmarks and its machines."""
        program = prefix / "bin" / "greenbench"
        listed = json.loads(call(program, "list", "--json",
                                 env=gb.environment()))["benchmarks"]
        self.assertIn("memory.triad", [b["id"] for b in listed])
        for benchmark in listed:
            self.assertIn(str(prefix / "lib/greenbench/plugins"),
                          benchmark["path"])
        tried = call(program, "selftest", env=gb.environment())
        self.assertRegex(tried, r"selftest: (\d+) of \1 machines right")


@unittest.skipIf(shutil.which("dpkg-deb") is None, "this is no Debian")
class Debian(Folder):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if shutil.which("doxygen") is None:
            raise unittest.SkipTest("the doc package needs doxygen")
        call("cmake", "--build", BUILD, "--target", "docs")
        pack("DEB", cls.folder / "made")
        native = call("dpkg", "--print-architecture").strip()
        cls.debs = {
            name: cls.folder / "made" / f"{name}_{VERSION}-1_"
            f"{native if kind == 'native' else kind}.deb"
            for name, kind in ARCHITECTURES.items()}
        cls.root = cls.folder / "root"
        for deb in cls.debs.values():
            call("dpkg-deb", "--extract", deb, cls.root)

    def field(self, package, name):
        return call("dpkg-deb", "--field", self.debs[package], name).strip()

    def test_lintian_finds_nothing_that_has_no_reason(self):
        if shutil.which("lintian") is None:
            self.skipTest("lintian is not installed")
        # Another compiler, or a build without charts, may need fewer overrides.
        call("lintian", "--no-cfg", "--display-info", "--pedantic",
             "--suppress-tags", "unused-override", "--allow-root", "--fail-on",
             "error,warning,info,pedantic", *self.debs.values())

    def test_dependencies(self):
        depends = self.field("greenbench", "Depends")
        # The last is loaded by name, which dpkg-shlibdeps does not see.
        for library in ("libc6", "libhwloc", "libjansson4", "libyaml-0-2",
                        "libssl"):
            self.assertIn(library, depends)
        self.assertIn("libsqlite3", self.field("greenbench", "Recommends"))
        self.assertIn(f"greenbench (= {VERSION}-1)",
                      self.field("greenbench-dev", "Depends"))
        self.assertEqual(self.field("greenbench-doc", "Depends"), "")
        for package, section in (("greenbench", "utils"),
                                 ("greenbench-dev", "devel"),
                                 ("greenbench-doc", "doc")):
            self.assertEqual(self.field(package, "Section"), section)

    def test_what_is_compressed_and_what_is_told(self):
        for package in ARCHITECTURES:
            told = self.root / "usr/share/doc" / package
            self.assertTrue((told / "copyright").is_file(), package)
            self.assertTrue((told / "changelog.Debian.gz").is_file(), package)
            control = call("dpkg-deb", "--info", self.debs[package], "md5sums")
            self.assertIn(f"usr/share/doc/{package}/copyright", control)
        pages = self.root / "usr/share/man/man1"
        self.assertTrue((pages / "greenbench-run.1.gz").is_file())
        self.assertEqual({f.name for f in pages.iterdir()},
                         {f"{f.name}.gz" for f in MAN.glob("*.1")})
        # Neither time nor name in it: the same page gives the same bytes.
        header = (pages / "greenbench.1.gz").read_bytes()[:10]
        self.assertEqual((header[3], header[4:8]), (0, b"\0\0\0\0"))

    def test_nothing_is_active_that_opens_counters(self):
        found = [f for f in files_below(self.root) if f.endswith(".rules")]
        self.assertEqual(found, [
            "usr/share/greenbench/60-greenbench-powercap.rules"])
        for package in ARCHITECTURES:
            said = call("dpkg-deb", "--info", self.debs[package])
            for script in ("postinst", "preinst", "conffiles"):
                self.assertNotIn(script, said)

    def test_all_that_is_installed_is_in_one_package(self):
        call("cmake", "--install", BUILD, "--prefix", self.folder / "all")
        whole = {f.replace(".1", ".1.gz") if "/man1/" in f else f
                 for f in files_below(self.folder / "all")}
        packed = files_below(self.root / "usr")
        self.assertEqual(whole - packed, {"share/doc/greenbench/LICENSE"})
        told = {f for f in packed - whole if not f.startswith((
            "share/doc/", "share/lintian/", "share/doc-base/"))}
        self.assertEqual(told, set())

    def test_they_install_together(self):
        if os.geteuid() != 0:
            self.skipTest("dpkg installs as root only")
        root = self.folder / "system"
        (root / "var/lib/dpkg/updates").mkdir(parents=True)
        (root / "var/lib/dpkg/info").mkdir()
        (root / "var/lib/dpkg/status").touch()
        call("dpkg", f"--root={root}", "--force-depends", "--force-unsafe-io",
             "--install", *self.debs.values())
        said = call("dpkg", f"--root={root}", "--verify")
        self.assertEqual(said, "")

    def test_they_work_where_they_are_unpacked(self):
        self.works_from(self.root / "usr")

    @gb.needs_mpi
    def test_ranks_run_a_suite(self):
        out = self.folder / "results"
        call(gb.MPIEXEC, "-n", "2", self.root / "usr/bin/greenbench",
             "--suite", "quick", "--repeats", "2", "--min-time", "5ms",
             "--idle", "0", "-p", "memory.triad.array_bytes=16MiB", "-o", out,
             env=gb.environment())
        result = gb.summary(gb.only_run_dir(out))
        self.assertEqual(result["run"]["ranks"], 2)
        self.assertGreater(len(result["benchmarks"]), 3)
        for benchmark in result["benchmarks"]:
            self.assertTrue(benchmark["valid"], benchmark["reason"])

    def test_a_plugin_is_built_with_the_dev_package(self):
        program = self.root / "usr/bin/greenbench"
        project = self.folder / "project"
        env = gb.environment({"CMAKE_PREFIX_PATH": str(self.root / "usr")})
        call(program, "plugin", "new", "acme.spmv", project, env=env)
        call("cmake", "-S", project, "-B", project / "build", env=env)
        call("cmake", "--build", project / "build", env=env)
        said = call(program, "plugin", "check",
                    project / "build/plugins/acme.spmv.so", env=env)
        self.assertIn("acme.spmv", said)


class Archive(Folder):
    def test_it_works_where_it_is_unpacked(self):
        pack("TGZ", self.folder / "made")
        found = list((self.folder / "made").glob("greenbench-*.tar.gz"))
        self.assertEqual(len(found), 1, found)
        call("tar", "-xzf", found[0], "-C", self.folder)
        self.works_from(self.folder / found[0].name[:-len(".tar.gz")])


if __name__ == "__main__":
    gb.main()
