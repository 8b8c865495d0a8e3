# SPDX-License-Identifier: Apache-2.0
"""`validate` on a stored run that the program's own writer made: it is valid;
one byte changed anywhere is found; a changed number is found even where all
digests were made anew; hostile files neither crash it nor lead it out of the
directory; signatures."""
import copy
import hashlib
import json
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import tempfile
import unittest

import gb
import made_run
import run_schemas

SEED = int(os.environ.get("GB_SEED", random.SystemRandom().randrange(1 << 32)))
FLIPS = 8  # of each file; of the manifest more
MUTATIONS = 40


def setUpModule():
    print(f"GB_SEED={SEED}")


def make(folder, *more):
    """A run of the program that is tested, as far as its records tell."""
    run_dir = make_other(folder, *more)
    done = gb.run(["--version"])
    version, git = re.match(r"greenbench (\S+)(?: \((.*)\))?\n",
                            done.out).groups()
    path = run_dir / "records.jsonl"
    first, rest = path.read_text().split("\n", 1)
    session = json.loads(first)
    session["tool"].update(version=version, git=git)
    path.write_text(json.dumps(session) + "\n" + rest)
    for name, flag in (("summary.json", "--json"),
                       ("report.md", "--markdown=-")):
        done = gb.run(["report", str(run_dir), flag])
        assert done.code == 0, done
        (run_dir / name).write_text(done.out)
    gb.seal(run_dir)
    return run_dir


def make_other(folder, *more):
    return made_run.make(folder, "plain", 2, 2, 6, "whole", *more)


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.plain = make(cls.scratch.name)

    @classmethod
    def tearDownClass(cls):
        cls.scratch.cleanup()

    def setUp(self):
        self.run_dir = pathlib.Path(self.scratch.name) / self._testMethodName
        shutil.copytree(self.plain, self.run_dir)

    def validate(self, *args, code, env=None):
        done = gb.run(["validate", str(self.run_dir), *args], env=env,
                      timeout=30)
        self.assertEqual(done.code, code, str(done))
        return done

    def document(self, code):
        document = json.loads(self.validate("--json", code=code).out)
        run_schemas.check(document, "validate")
        self.assertEqual(document["valid"], code == 0)
        return document

    def errors(self, code=1):
        """(code, file, where) of each violation that makes it invalid."""
        return [(v["code"], v["file"], v["where"])
                for v in self.document(code)["violations"]
                if v["severity"] == "error"]

    def edit(self, name, change):
        """Change a document, and make the digests anew."""
        path = self.run_dir / name
        document = json.loads(path.read_text())
        change(document)
        path.write_text(json.dumps(document, indent=1) + "\n")
        gb.seal(self.run_dir)

    def manifest(self):
        return json.loads((self.run_dir / "manifest.json").read_text())


class Valid(Case):
    def test_a_run_as_it_was_written_is_valid(self):
        document = self.document(0)
        self.assertEqual(document["violations"], [])
        done = {c["check"]: c["done"] for c in document["checks"]}
        self.assertEqual(done, {"manifest": True, "files": True, "schema": True,
                                "identities": True, "recomputed": True,
                                "signature": False})
        out = self.validate(code=0).out
        self.assertRegex(out, r"(?m)^recomputed +ok +\d{3,} values of summary")
        self.assertIn("not checked", out)
        for line in out.splitlines():
            self.assertLessEqual(len(line), 80, line)

    def test_digests_can_be_made_by_others(self):
        """The manifest's own digest is what the page says it is."""
        before = (self.run_dir / "manifest.json").read_text()
        gb.seal(self.run_dir)
        self.assertEqual((self.run_dir / "manifest.json").read_text(), before)

    def test_what_others_put_there_is_told_and_no_error(self):
        (self.run_dir / "notes.txt").write_text("mine\n")
        found = self.document(0)["violations"]
        self.assertEqual([(v["severity"], v["code"], v["file"])
                          for v in found],
                         [("warning", "files.unlisted", "notes.txt")])

    def test_a_member_of_a_later_version_is_a_note(self):
        self.edit("plan.json", lambda d: d.update(later=1))
        found = self.document(0)["violations"]
        self.assertEqual([(v["severity"], v["code"], v["where"])
                          for v in found],
                         [("note", "schema.unknown", "later")])

    def test_another_build_may_compute_otherwise(self):
        self.run_dir = make_other(self.scratch.name + "/other")
        self.assertEqual(self.document(0)["violations"], [])

        def change(d):
            d["benchmarks"][1]["efficiency"]["u"] *= 0.9
            d["warnings"][0]["what"] += "!"
            del d["run"]["job"]
        self.edit("summary.json", change)
        document = self.document(0)
        self.assertEqual(document["measured_by"], "synthetic")
        self.assertEqual(sorted((v["severity"], v["code"])
                                for v in document["violations"]),
                         [("note", "recomputed.missing"),
                          ("note", "recomputed.words"),
                          ("warning", "recomputed.value")])
        self.assertRegex(self.validate(code=0).out, r"(?m)^recomputed +noted")

    def test_usage(self):
        done = gb.run(["validate"])
        self.assertEqual(done.code, 2)
        self.assertIn("expected a run directory", done.err)
        done = gb.run(["validate", str(self.run_dir / "none")])
        self.assertEqual(done.code, 2)
        self.assertIn("No such file or directory", done.err)


class Flipped(Case):
    def flip(self, name, times):
        chance = random.Random(f"{SEED} {name}")
        path = self.run_dir / name
        whole = path.read_bytes()
        for _ in range(times):
            at, bits = chance.randrange(len(whole)), chance.randrange(1, 256)
            spoilt = bytearray(whole)
            spoilt[at] ^= bits
            path.write_bytes(spoilt)
            with self.subTest(file=name, at=at, bits=bits):
                self.validate(code=1)
        path.write_bytes(whole)

    def test_one_byte_changed_in_any_file_is_found(self):
        names = sorted(p.name for p in self.run_dir.iterdir())
        self.assertEqual(names, ["manifest.json", "plan.json", "records.jsonl",
                                 "report.md", "samples", "summary.json"])
        for name in names:
            self.flip(name, FLIPS * (3 if name == "manifest.json" else 1))
        self.validate(code=0)


class Changed(Case):
    """The digests fit: only the content can tell."""

    def test_report_21_a_figure_that_the_records_do_not_give(self):
        def less_uncertain(d):
            d["benchmarks"][1]["efficiency"]["u"] *= 0.9
        was = json.loads((self.run_dir / "summary.json").read_text())
        self.edit("summary.json", less_uncertain)
        violations = self.document(1)["violations"]
        self.assertEqual([(v["code"], v["where"]) for v in violations],
                         [("recomputed.value", "benchmarks[1].efficiency.u")])
        u = was["benchmarks"][1]["efficiency"]["u"]
        self.assertEqual(float(violations[0]["expected"]), u)
        self.assertEqual(float(violations[0]["found"]), 0.9 * u)

    def test_figures_that_contradict_each_other(self):
        for path, rule in [("energy.value_j", "sum of energy.raw"),
                           ("efficiency.value", "work.value / energy.value_j"),
                           ("performance.mean", "mean of raw"),
                           ("performance.n", "length of raw"),
                           ("time_s.stddev", "standard deviation"),
                           ("power_w.value", "energy.window_s"),
                           ("energy.u_j", "budget_j"),
                           ("edp_js", "time_s.mean"),
                           ("work.value", "performance.raw x time_s.raw")]:
            def double(d, path=path):
                *above, last = path.split(".")
                part = d["benchmarks"][0]
                for key in above:
                    part = part[key]
                part[last] *= 2
            shutil.rmtree(self.run_dir)
            shutil.copytree(self.plain, self.run_dir)
            self.edit("summary.json", double)
            found = [v for v in self.document(1)["violations"]
                     if v["code"] == "identities.value"]
            self.assertTrue(any(v["where"] == f"benchmarks[0].{path}" and
                                rule in v["expected"] for v in found),
                            (path, found))

    def test_words_that_the_records_do_not_give(self):
        self.edit("summary.json",
                  lambda d: d["system"]["nodes"][0].update(cpu="Fast CPU"))
        self.assertEqual(self.errors(), [("recomputed.words", "summary.json",
                                          "system.nodes[0].cpu")])
        self.edit("summary.json", lambda d: d["benchmarks"].pop())
        self.assertIn(("recomputed.value", "summary.json", "benchmarks"),
                      self.errors())
        path = self.run_dir / "report.md"
        path.write_text(path.read_text().replace("compute.fma", "compute.fmb"))
        gb.seal(self.run_dir)
        self.assertIn("recomputed.report", [code for code, _, _
                                            in self.errors()])

    def test_a_unit_that_does_not_fit(self):
        self.edit("summary.json", lambda d: d["benchmarks"][0]["efficiency"]
                  .update(unit="flop/s"))
        self.assertIn(("identities.value", "summary.json",
                       "benchmarks[0].efficiency.unit"), self.errors())

    def test_a_record_that_says_something_else(self):
        path = self.run_dir / "records.jsonl"
        lines = path.read_text().splitlines()
        at = next(i for i, line in enumerate(lines) if '"repetition"' in line)
        record = json.loads(lines[at])
        record["ranks"]["work"][0] *= 1.5
        lines[at] = json.dumps(record)
        path.write_text("\n".join(lines) + "\n")
        gb.seal(self.run_dir)
        self.assertIn(("recomputed.value", "summary.json",
                       "benchmarks[0].work.value"), self.errors())

    def test_a_sample_that_says_something_else(self):
        path = self.run_dir / "samples"
        head, *rows = path.read_text().splitlines()
        cells = [row.split(",") for row in rows]
        for row in cells[len(cells) // 2:]:
            row[4] = str(int(row[4]) + 100000)
        path.write_text("\n".join([head, *map(",".join, cells)]) + "\n")
        gb.seal(self.run_dir)
        self.assertTrue(any(code == "recomputed.value"
                            for code, _, _ in self.errors()))

    def test_another_run_of_the_same_name(self):
        self.edit("manifest.json", lambda d: d.update(run_id="other"))
        self.assertIn(("identities.run_id", "summary.json", "run.id"),
                      self.errors())

    def test_files_that_are_missing_or_not_listed(self):
        (self.run_dir / "report.md").unlink()
        self.assertIn(("files.missing", "report.md", None), self.errors())
        shutil.copytree(self.plain, self.run_dir, dirs_exist_ok=True)
        (self.run_dir / "launch-2").mkdir()
        (self.run_dir / "launch-2" / "samples").write_text("")
        self.assertIn(("files.unlisted", "launch-2/samples", None),
                      self.errors())

    def test_without_a_manifest_nothing_is_sure(self):
        (self.run_dir / "manifest.json").unlink()
        self.assertEqual(self.errors(), [("manifest.missing", "manifest.json",
                                          None)])


class Hostile(Case):
    def test_names_that_lead_out_of_the_directory_are_not_followed(self):
        secret = pathlib.Path(self.scratch.name) / "secret"
        secret.write_text("secret\n")
        digest = hashlib.sha256(secret.read_bytes()).hexdigest()
        for name in ("../secret", str(secret), "launch-2/../../secret", "",
                     "./samples", "samples/", "a//b", ".."):
            manifest = self.manifest()
            manifest["files"][0].update(path=name, sha256=digest, size_bytes=7)
            (self.run_dir / "manifest.json").write_text(json.dumps(manifest))
            gb.seal(self.run_dir)
            self.assertIn(("manifest.path", "manifest.json", "files[0]"),
                          self.errors(), name)

    def test_links_are_not_followed(self):
        for name in ("samples", "plan.json", "manifest.json"):
            path = self.run_dir / name
            outside = pathlib.Path(self.scratch.name) / f"outside-{name}"
            path.rename(outside)
            path.symlink_to(outside)
            self.assertIn(("files.kind", name, None), self.errors())
            path.unlink()
            outside.rename(path)
        (self.run_dir / "launch-2").symlink_to("/etc")
        self.assertIn(("files.kind", "launch-2", None), self.errors())

    def test_a_pipe_holds_nobody_up(self):
        for name in ("samples", "manifest.json", "report.md"):
            path = self.run_dir / name
            whole = path.read_bytes()
            path.unlink()
            os.mkfifo(path)
            self.assertIn(("files.kind", name, None), self.errors())
            path.unlink()
            path.write_bytes(whole)
        (self.run_dir / "samples").unlink()
        os.mkfifo(self.run_dir / "samples")
        done = gb.run(["report", str(self.run_dir)], timeout=30)
        self.assertEqual(done.code, 2, str(done))
        self.assertIn("regular file", done.err)

    def test_documents_that_are_no_json(self):
        deep = "[" * 100000 + "]" * 100000
        for text in ('{"schema": NaN}', '{"schema": 1, "schema": 2}', deep,
                     '{"a": ' + deep + "}", "", "null", "[]", "{}",
                     '{"schema": "\x00"}', '{"files": {}}', "\xff\xfe",
                     '{"schema": "greenbench.manifest/1", "run_id": "x", '
                     '"files": [{}]}', '{"x": "' + "y" * 5000000 + '"}',
                     '{"schema": 1e999}', '{"schema": 99999999999999999999}'):
            for name in ("manifest.json", "summary.json", "plan.json",
                         "records.jsonl"):
                path = self.run_dir / name
                whole = path.read_bytes()
                path.write_text(text)
                with self.subTest(text=text[:40], name=name):
                    done = self.validate(code=1)
                    self.assertNotIn("\x1b", done.out)
                path.write_bytes(whole)

    def test_words_of_others_cannot_move_the_cursor(self):
        def spoil(d):
            d["benchmarks"][0]["\x1b[2Jkey\n"] = "\x1b[31m<script>"
            d["run"]["status"] = "\x1b[2J"
        self.edit("summary.json", spoil)
        for args in ((), ("--json",)):
            out = self.validate(*args, code=1).out
            self.assertNotIn("\x1b", out)
            self.assertIn("u001B", out)


@unittest.skipIf(run_schemas.jsonschema is None, "needs python3-jsonschema")
class Schemas(Case):
    """The program's own check, beside an independent validator."""

    def test_both_refuse_the_same_documents(self):
        chance = random.Random(SEED)
        verdicts = set()
        validators = {name: run_schemas.validator(name)
                      for name in ("summary", "plan", "manifest")}
        for _ in range(MUTATIONS):
            name = chance.choice(sorted(validators))
            path = self.run_dir / f"{name}.json"
            whole = path.read_text()
            document = json.loads(whole)
            told = mutate(document, chance)
            path.write_text(json.dumps(document))
            # Manifests of early builds have no digest of themselves.
            early = name == "manifest" and "manifest_sha256" not in document
            ours = [v for v in self.document(0 if early else 1)["violations"]
                    if v["code"] == "schema.wrong" and
                    v["file"] == path.name]
            theirs = list(validators[name].iter_errors(document))
            self.assertEqual(bool(ours), bool(theirs), (told, ours, theirs))
            verdicts.add(bool(ours))
            path.write_text(whole)
        self.assertEqual(verdicts, {False, True}, "one kind only was tried")


def places(part, found):
    """(container, key) of everything within."""
    items = (part.items() if isinstance(part, dict) else enumerate(part)
             if isinstance(part, list) else ())
    for key, inner in list(items):
        found.append((part, key))
        places(inner, found)
    return found


def mutate(document, chance):
    """Change one place; what was done, in words."""
    part, key = chance.choice(places(document, []))
    new = chance.choice([None, True, -1, 0.5, 7, 2.0, "text", "", "measured",
                         [], {}, [1, 2], {"a": None}, "delete", "double"])
    if new == "delete":
        del part[key]
    elif new == "double" and isinstance(part, list):
        part.append(copy.deepcopy(part[key]))
    else:
        part[key] = new
    return f"{key!r}: {new!r}"


@unittest.skipIf(shutil.which("ssh-keygen") is None, "needs ssh-keygen")
class Signatures(Case):
    def key(self, name):
        path = pathlib.Path(self.scratch.name) / f"{self._testMethodName}-{name}"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C",
                        name, "-f", path], check=True)
        return path

    def signers(self, *keys, options=""):
        path = pathlib.Path(self.scratch.name) / f"{self._testMethodName}.allowed"
        path.write_text("".join(
            f"{key.name}@example.org {options} {key.with_name(key.name + '.pub').read_text()}"
            for key in keys))
        return str(path)

    def signature(self, signers, code):
        document = json.loads(self.validate("--signers", signers, "--json",
                                            code=code).out)
        check = document["checks"][-1]
        return check["what"], [v["code"] for v in document["violations"]]

    def test_a_signed_manifest_tells_who(self):
        key = self.key("anna")
        self.validate("--sign", str(key), code=0)
        self.validate(code=0)
        what, codes = self.signature(self.signers(self.key("other"), key), 0)
        self.assertIn("anna@example.org", what)
        self.assertEqual(codes, [])
        # What ssh-keygen says of it, by the page's own words.
        done = subprocess.run(
            ["ssh-keygen", "-Y", "check-novalidate", "-n",
             "greenbench-manifest", "-s", self.run_dir / "manifest.json.sig"],
            input=(self.run_dir / "manifest.json").read_text(),
            capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_another_key_another_manifest_another_purpose(self):
        key = self.key("anna")
        self.assertEqual(self.signature(self.signers(key), 1)[1],
                         ["signature.missing"])
        self.validate("--sign", str(key), code=0)
        self.assertEqual(self.signature(self.signers(self.key("eve")), 1)[1],
                         ["signature.signer"])
        file = self.signers(key, options='namespaces="git"')
        self.assertIn(self.signature(file, 1)[1],
                      (["signature.signer"], ["signature.bad"]))
        self.edit("plan.json", lambda d: d.update(later=1))
        self.assertIn("signature.bad",
                      self.signature(self.signers(key), 1)[1])

    def test_whoever_ignores_ended_children_hears_of_a_wrong_key_as_well(self):
        """`trap '' CHLD` is inherited: no exit code of ssh-keygen is kept."""
        self.validate("--sign", str(self.key("anna")), code=0)
        signers = self.signers(self.key("eve"))
        done = gb.run(["validate", str(self.run_dir), "--signers", signers],
                      preexec_fn=lambda: signal.signal(signal.SIGCHLD,
                                                       signal.SIG_IGN))
        self.assertEqual(done.code, 1, str(done))
        self.assertIn("a key that the file of signers names", done.out)

    def test_what_cannot_be_signed(self):
        done = self.validate("--sign", "/nowhere/key", code=2)
        self.assertIn("/nowhere/key", done.err)
        key = self.key("anna")
        (self.run_dir / "samples").write_text("")
        done = self.validate("--sign", str(key), code=1)
        self.assertIn("it is not signed", done.err)
        self.assertFalse((self.run_dir / "manifest.json.sig").exists())

    def test_without_ssh_keygen_it_says_what_to_install(self):
        key = self.key("anna")
        self.validate("--sign", str(key), code=0)
        signers = self.signers(key)
        for args in (["--sign", str(key)], ["--signers", signers]):
            done = self.validate(*args, code=2, env={"PATH": "/nowhere"})
            self.assertIn("openssh-client", done.err)
        done = self.validate("--signers", "/nowhere/list", code=2)
        self.assertIn("/nowhere/list", done.err)


if __name__ == "__main__":
    gb.main()
