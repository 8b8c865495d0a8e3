# SPDX-License-Identifier: Apache-2.0
"""`bundle`: what verdicts rest on in one file, which `validate` and `claim` take
elsewhere. Runs are made by claim_test's way, without MPI."""
import hashlib
import json
import os
import pathlib
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import claim_test
import gb
import made_run
import run_schemas

sys.path.insert(0, os.environ["GB_SUPPORT"])
import hostile_bundles  # noqa: E402

SEED = int(os.environ.get("GB_SEED", random.SystemRandom().randrange(1 << 32)))
FLIPS = 20
TAIL = 100  # B, see docs/bundle.md

CLAIMS = claim_test.CLAIMS + """\
- id: low
  text: below 1.1 while it ran
  metric: iPUE
  relation: below
  limit: 1.1
  category: 3
  run: new
"""


def setUpModule():
    print(f"GB_SEED={SEED}")


class Case(made_run.Case):
    """Runs, claims and meters in a folder, and a bundle of them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        maker = claim_test.Claim()
        maker.plain = cls.plain
        maker.work = cls.folder / "origin"
        maker.work.mkdir()
        cls.runs = [maker.run_of("base", CLAIMS, 1),
                    maker.run_of("new", CLAIMS, 2)]
        cls.claims = maker.file_of(CLAIMS)
        cls.hall = maker.hall()
        cls.sources = [*cls.runs, "--claims", cls.claims, "--facility",
                       cls.hall]
        cls.bundle = cls.folder / "evidence.tar.zst"
        done = gb.run(["bundle", *cls.sources, "-o", str(cls.bundle)])
        assert done.code == 0, done
        cls.told = done.out

    def setUp(self):
        self.work = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        self.room = self.work / "room"  # what is unpacked goes here
        self.room.mkdir()

    def run_ok(self, *args, code=0, env=None, **more):
        done = gb.run([str(a) for a in args],
                      env={"TMPDIR": str(self.room), **(env or {})}, **more)
        self.assertEqual(done.code, code, str(done))
        self.assertEqual(list(self.room.iterdir()), [], "scratch is left")
        return done

    def make(self, *more, code=0, output=None, env=None):
        output = output or self.work / "made.tar.zst"
        done = self.run_ok("bundle", *self.sources, *more, "-o", output,
                           code=code, env=env)
        return output, done

    def violations(self, bundle):
        done = self.run_ok("validate", bundle, "--json", code=1)
        return [(v["code"], v["file"]) for v in
                json.loads(done.out)["violations"] if v["severity"] == "error"]

    def unpack(self, bundle):
        folder = pathlib.Path(tempfile.mkdtemp(dir=self.work))
        subprocess.run(["tar", "--zstd", "-xf", str(bundle), "-C",
                        str(folder)], check=True, stderr=subprocess.DEVNULL)
        return folder


class Whole(Case):
    def test_the_same_verdicts_elsewhere(self):
        """Other folder, zone and locale, and what it was made of is gone."""
        before = self.run_ok("claim", self.claims, *self.runs, "--facility",
                             self.hall, "--json", code=1).out
        elsewhere = self.work / "a b" / "x.tar.zst"
        elsewhere.parent.mkdir()
        shutil.copy(self.bundle, elsewhere)
        hidden = self.folder / "gone"
        os.rename(self.folder / "origin", hidden)
        try:
            for env in ({"TZ": "Asia/Shanghai", "LC_ALL": "de_DE.UTF-8"},
                        {"TZ": "UTC", "LC_ALL": "C"}):
                done = self.run_ok("claim", elsewhere, "--json", code=1,
                                   env=env)
                self.assertEqual(done.out, before)
                self.run_ok("validate", elsewhere, env=env)
        finally:
            os.rename(hidden, self.folder / "origin")
        self.assertIn("iPUE", before)
        stored = self.unpack(self.bundle) / "verdicts.json"
        self.assertEqual(stored.read_text(), before)

    def test_the_same_files_give_the_same_bytes(self):
        moved = self.work / "moved"
        shutil.copytree(self.folder / "origin", moved)
        again = self.work / "again.tar.zst"
        self.run_ok("bundle", moved / "base", f"{moved}/new/", "--claims",
                    moved / "claims.yaml", "--facility", moved / "hall.yaml",
                    "-o", again, env={"TZ": "Asia/Tokyo"})
        self.assertEqual(again.read_bytes(), self.bundle.read_bytes())

    def test_what_it_says_of_itself(self):
        folder = self.unpack(self.bundle)
        manifest = json.loads((folder / "manifest.json").read_text())
        run_schemas.check(manifest, "bundle")
        listed = {f["path"]: f for f in manifest["files"]}
        there = {str(p.relative_to(folder)) for p in folder.rglob("*")
                 if p.is_file()}
        self.assertEqual(there, {*listed, "manifest.json"})
        for name, entry in listed.items():
            held = (folder / name).read_bytes()
            self.assertEqual(hashlib.sha256(held).hexdigest(),
                             entry["sha256"])
        self.assertEqual([r["path"] for r in manifest["runs"]],
                         ["runs/base", "runs/new"])
        self.assertEqual((folder / "claims/claims.yaml").read_text(), CLAIMS)
        self.assertEqual(listed["facility/hall.csv"]["role"], "named")
        for line in self.told.splitlines():
            self.assertLessEqual(len(line), 80 + len(str(self.folder)), line)
        self.assertIn("2 SUPPORTED, 1 REFUTED, 1 NOT_TESTABLE", self.told)

    def test_the_archive_has_the_digest_of_itself(self):
        held = self.bundle.read_bytes()
        self.assertEqual(held[-65:-1].decode(),
                         hashlib.sha256(held[:-TAIL]).hexdigest())

    def test_nothing_of_this_machine_is_written(self):
        folder = self.unpack(self.bundle)
        for name in ("manifest.json", "verdicts.json",
                     "ro-crate-metadata.json"):
            text = (folder / name).read_text()
            self.assertNotIn(str(self.folder), text)
            self.assertIsNone(re.search(r'"/', text), name)

    def test_a_crate_for_catalogues(self):
        output, _ = self.make("--author", "安娜 <https://orcid.org/0000-1>",
                              "--license", "CC-BY-4.0")
        crate = json.loads((self.unpack(output) / "ro-crate-metadata.json")
                           .read_text())
        entities = {e["@id"]: e for e in crate["@graph"]}
        self.assertEqual(len(entities), len(crate["@graph"]))
        itself = entities["ro-crate-metadata.json"]
        self.assertEqual(itself["about"], {"@id": "./"})
        self.assertEqual(itself["conformsTo"],
                         {"@id": "https://w3id.org/ro/crate/1.1"})
        root = entities["./"]
        for key in ("name", "description", "datePublished"):
            self.assertTrue(root[key])
        self.assertEqual(entities[root["author"]["@id"]]["name"], "安娜")
        self.assertEqual(root["license"]["@id"],
                         "https://spdx.org/licenses/CC-BY-4.0")
        # Every file is a part of something, and what is named is there.
        parts = [p["@id"] for e in entities.values()
                 for p in e.get("hasPart", [])]
        files = {i for i, e in entities.items() if e["@type"] == "File"}
        self.assertLessEqual(files, set(parts))
        self.assertEqual(len(parts), len(set(parts)))
        action = entities["#verdicts"]
        self.assertEqual(action["@type"], "CreateAction")
        self.assertIn(action["instrument"]["@id"], entities)
        for named in [*parts, *(o["@id"] for o in action["object"]),
                      action["result"]["@id"]]:
            self.assertIn(named, entities)
        for name in files - {"manifest.json"}:
            self.assertIn("/", entities[name]["encodingFormat"])
            self.assertRegex(entities[name]["contentSize"], r"^\d+$")

    def test_meters_above_the_facility_file(self):
        """They keep their place to each other, however deep."""
        tree = self.work / "名 tree"
        (tree / "conf").mkdir(parents=True)
        (tree / "csv").mkdir()
        shutil.copy(self.folder / "origin" / "hall.csv", tree / "csv/a.csv")
        text = pathlib.Path(self.hall).read_text()
        hall = tree / "conf" / "厅.yaml"
        hall.write_text(text.replace("hall.csv", "./../csv/a.csv"))
        output = self.work / "up.tar.zst"
        self.run_ok("bundle", *self.runs, "--claims", self.claims,
                    "--facility", hall, "-o", output)
        done = self.run_ok("claim", output, "--json", code=1,
                           env={"LC_ALL": "C"})
        low = json.loads(done.out)["claims"][-1]
        self.assertEqual(low["verdict"], "SUPPORTED")
        folder = self.unpack(output)
        self.assertTrue((folder / "facility/csv/a.csv").is_file())
        self.assertTrue((folder / "facility/in/厅.yaml").is_file())

    def test_runs_of_one_name(self):
        other = self.work / "new"
        shutil.copytree(self.runs[1], other)
        output = self.work / "twice.tar.zst"
        self.run_ok("bundle", *self.runs, other, "--claims", self.claims,
                    "-o", output)
        manifest = json.loads((self.unpack(output) / "manifest.json")
                              .read_text())
        self.assertEqual([r["path"] for r in manifest["runs"]],
                         ["runs/base", "runs/new", "runs-2/new"])
        self.run_ok("validate", output)

    @unittest.skipIf(shutil.which("ssh-keygen") is None, "no ssh-keygen")
    def test_a_signature(self):
        key = self.work / "key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f",
                        str(key)], check=True)
        signers = self.work / "signers"
        signers.write_text("anna@example.org " +
                           key.with_suffix(".pub").read_text())
        output, _ = self.make("--sign", key)
        done = self.run_ok("validate", output, "--signers", signers)
        self.assertIn("anna@example.org", done.out)
        self.run_ok("validate", self.bundle, "--signers", signers, code=1)
        done = self.run_ok("validate", self.bundle, "--sign", key, code=2)
        self.assertIn("greenbench bundle --sign KEY", done.err)


class Refused(Case):
    def test_usage(self):
        for words, said in [
                (["bundle", "--claims", self.claims, "-o", "x"],
                 "expected run directories"),
                (["bundle", self.runs[0], "-o", "x"], "expected --claims"),
                (["bundle", self.runs[0], "--claims", self.claims],
                 "expected --output FILE"),
                (["bundle", *self.sources, "--license", "a b", "-o", "x"],
                 "--license"),
                (["bundle", *self.sources, "-o", self.work], "directory"),
                (["claim", self.bundle, self.runs[0]], "a bundle alone"),
                (["claim", self.bundle, "--facility", self.hall],
                 "a bundle alone")]:
            self.assertIn(said, self.run_ok(*words, code=2).err)
        self.assertFalse(pathlib.Path("x").exists())

    def test_what_is_there_is_not_overwritten(self):
        output = self.work / "there.tar.zst"
        output.write_text("mine")
        _, done = self.make(code=2, output=output)
        self.assertIn("expected no file", done.err)
        self.assertEqual(output.read_text(), "mine")

    def test_missing_files(self):
        run = self.work / "cut"
        shutil.copytree(self.runs[0], run)
        (run / "records.jsonl").unlink()
        output = self.work / "none.tar.zst"
        for words in ([run, "--claims", self.claims],
                      [self.work / "no", "--claims", self.claims],
                      [self.runs[0], "--claims", self.work / "no.yaml"],
                      [*self.runs, "--claims", self.claims, "--facility",
                       self.work / "no.yaml"]):
            done = self.run_ok("bundle", *words, "-o", output, code=2)
            self.assertRegex(done.err, "cannot (read|open)")
        done = self.run_ok("bundle", *self.sources, "-o",
                           self.work / "no/x.tar.zst", code=5)
        self.assertIn("cannot write", done.err)
        self.assertEqual(sorted(p.name for p in self.work.iterdir()),
                         ["cut", "room"])

    def test_a_full_disk_leaves_nothing(self):
        def little_room():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        output = self.work / "full.tar.zst"
        done = self.run_ok("bundle", *self.sources, "-o", output, code=5,
                           preexec_fn=little_room)
        self.assertIn("cannot write", done.err)
        self.assertEqual([p.name for p in self.work.iterdir()], ["room"])

    def test_absolute_names_and_links(self):
        text = pathlib.Path(self.hall).read_text()
        hall = self.work / "hall.yaml"
        csv = self.folder / "origin" / "hall.csv"
        hall.write_text(text.replace("hall.csv", str(csv)))
        words = [*self.runs, "--claims", self.claims, "-o",
                 self.work / "none.tar.zst"]
        done = self.run_ok("bundle", *words, "--facility", hall, code=2)
        self.assertIn("named relative to it", done.err)
        run = self.work / "linked"
        shutil.copytree(self.runs[0], run)
        (run / "notes").symlink_to("/etc/passwd")
        done = self.run_ok("bundle", run, *words, code=2)
        self.assertIn("a link", done.err)


class Changed(Case):
    def test_one_flipped_byte_is_found(self):
        held = self.bundle.read_bytes()
        chance = random.Random(SEED)
        places = {0, 3, 4, 5, len(held) - 1, len(held) - TAIL,
                  len(held) - TAIL + 4, len(held) - 65,
                  *chance.sample(range(len(held)), FLIPS)}
        path = self.work / "flipped.tar.zst"
        for at in sorted(places):
            changed = bytearray(held)
            changed[at] ^= 1 << chance.randrange(8)
            path.write_bytes(changed)
            with self.subTest(at=at):
                # Without its first bytes it is no bundle, but a bad directory.
                code = 2 if at < 4 else 1
                self.run_ok("validate", path, code=code)
        self.run_ok("claim", path, code=2)

    def test_cut_short(self):
        held = self.bundle.read_bytes()
        path = self.work / "cut.tar.zst"
        for length in (4, TAIL - 1, TAIL, TAIL + 20, len(held) // 2,
                       len(held) - TAIL, len(held) - 1):
            path.write_bytes(held[:length])
            self.assertNotEqual(self.violations(path), [])

    def test_a_signal_leaves_nothing(self):
        """Stopped while it is looked at."""
        process = subprocess.Popen(
            gb.command(["validate", str(self.bundle)]),
            env=gb.environment({"TMPDIR": str(self.room)}),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 10
        while not list(self.room.iterdir()) and process.poll() is None and \
                time.monotonic() < end:
            pass
        process.terminate()
        self.assertIn(process.wait(timeout=10), (-signal.SIGTERM, 0))
        self.assertEqual(list(self.room.iterdir()), [])


class Hostile(Case):
    def test_what_anybody_may_send(self):
        for name, (tar, code) in hostile_bundles.cases().items():
            path = self.work / f"{name}.tar.zst"
            path.write_bytes(hostile_bundles.bundle_of(tar))
            with self.subTest(name=name):
                done = self.run_ok("validate", path, "--json", code=1)
                found = json.loads(done.out)["violations"]
                if code is None:  # but for the run, of which there is no more
                    self.assertEqual(
                        [v for v in found if v["file"] != "verdicts.json" and
                         not v["file"].startswith("runs/a/")], [])
                    continue
                self.assertEqual([v["code"] for v in found], [code])
                self.assertTrue(found[0]["expected"] and found[0]["found"])
                if name in ("path_up", "symlink", "content"):
                    done = self.run_ok("claim", path, code=2)
                    self.assertIn(code, done.err)
        self.assertFalse((self.room.parent / "evil").exists())
        self.assertFalse(pathlib.Path("/tmp/greenbench-evil").exists())

    def test_other_archives(self):
        """Of the right name, and something else."""
        for at, held in enumerate((b"\x28\xb5\x2f\xfd",
                                   hostile_bundles.frame(b"x" * 200000))):
            path = self.work / f"{at}.tar.zst"
            path.write_bytes(held + hostile_bundles.tail_of(held))
            self.assertIn(self.violations(path)[0][0],
                          ("bundle.format", "manifest.missing"))

    def test_no_room(self):
        """A folder that cannot be written."""
        done = gb.run(["validate", str(self.bundle)],
                      env={"TMPDIR": str(self.work / "none")})
        self.assertEqual(done.code, 5, str(done))
        self.assertIn("TMPDIR", done.err)


if __name__ == "__main__":
    gb.main()
