# SPDX-License-Identifier: Apache-2.0
"""Results for other programs: what `report` writes is read by Python's csv and
json, promtool, pandas, R, and the patterns of scripts/integrations. Runs itself
again with the system's Python where the one it was started with has no pandas.
GB_SOURCE is the source tree."""
import ast
import csv
import io
import json
import os
import pathlib
import re
import resource
import shutil
import signal
import stat
import subprocess
import sys
import unittest
import xml.etree.ElementTree

import gb
import made_run

try:
    import pandas
except ImportError:
    pandas = None

SOURCE = pathlib.Path(os.environ["GB_SOURCE"])
INTEGRATIONS = SOURCE / "scripts/integrations"
REPETITIONS = 10
BENCHES = ["compute.fma", "memory.triad", "compute.dgemm"]
# What JUBE puts in place of its names (its documentation, "pattern").
JUBE = {"$jube_pat_fp": r"([+-]?\d*\.?\d+(?:[eE][-+]?\d+)?)",
        "$jube_pat_int": r"([+-]?\d+)"}


class Exports(made_run.Case):
    MADE = ("plain", 1, len(BENCHES), REPETITIONS)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.run_dir = str(cls.plain)
        cls.summary = json.loads(gb.run(["report", cls.run_dir, "--json"]).out)

    def export(self, *args, code=0, **more):
        done = gb.run(["report", self.run_dir, *map(str, args)], **more)
        self.assertEqual(done.code, code, str(done))
        return done

    def metrics(self):
        return self.export("--openmetrics", "-").out

    # --- CSV ---------------------------------------------------------------

    def test_csv_has_what_the_summary_has(self):
        path = self.folder / "run.csv"
        done = self.export("--csv", path)
        self.assertIn("compute.fma", done.out)
        raw = path.read_bytes()
        self.assertEqual(raw.count(b"\n"), raw.count(b"\r\n"))
        rows = list(csv.DictReader(io.StringIO(raw.decode(), newline=""),
                                   strict=True))
        self.assertEqual(len(rows), len(BENCHES) * REPETITIONS)
        for at, bench in enumerate(self.summary["benchmarks"]):
            mine = rows[at * REPETITIONS:(at + 1) * REPETITIONS]
            self.assertEqual({row["benchmark"] for row in mine}, {bench["id"]})
            for key, raw_values in (
                    ("time_s", bench["time_s"]["raw"]),
                    ("performance_per_s", bench["performance"]["raw"]),
                    ("energy_j", bench["energy"]["raw"])):
                self.assertEqual([float(row[key]) for row in mine], raw_values)
            for row in mine:
                self.assertEqual(row["quality"], "simulated")
                self.assertEqual(row["coverage"], "2 packages + DRAM of 1")
                self.assertEqual(row["leaves_out"],
                                 "DRAM of other packages, GPUs, fans, "
                                 "PSU loss, NIC, disks")
                self.assertGreater(float(row["energy_u95_j"]),
                                   float(row["energy_u_j"]))
                self.assertAlmostEqual(float(row["efficiency_per_j"]),
                                       float(row["work"]) /
                                       float(row["energy_j"]), delta=1e-3)

    def test_a_hostile_message_is_one_cell_and_no_formula(self):
        hostile = '=HYPERLINK("http://x","y"),\n"z'
        copy = self.folder / "hostile"
        shutil.copytree(self.run_dir, copy)
        records = copy / "records.jsonl"
        lines = [json.loads(line) for line in records.read_text().splitlines()]
        for record in lines:
            if record["record"] == "repetition" and record["case"] == 1:
                record.update(status="ERR_VERIFY", rank=0, what=hostile)
        records.write_text("".join(json.dumps(one) + "\n" for one in lines))
        done = subprocess.run([gb.BIN, "report", str(copy), "--csv", "-"],
                              check=True, stdout=subprocess.PIPE,
                              env=gb.environment())
        rows = list(csv.DictReader(
            io.StringIO(done.stdout.decode(), newline=""), strict=True))
        self.assertEqual(len(rows), len(BENCHES) * REPETITIONS)
        failed = [row for row in rows if row["benchmark"] == BENCHES[1]]
        for row in failed:
            self.assertEqual((row["valid"], row["status"]),
                             ("false", "ERR_VERIFY"))
            self.assertIn('HYPERLINK("http://x","y")', row["reason"])
            self.assertNotIn(row["reason"][0], "=+-@\t\r")
            self.assertEqual(row["performance_per_s"], "")

    def test_samples_are_those_of_the_file(self):
        text = self.export("--samples-csv", "-").out
        rows = list(csv.DictReader(io.StringIO(text), strict=True))
        samples = (pathlib.Path(self.run_dir) / "samples").read_text()
        raw = list(csv.DictReader(io.StringIO(samples)))
        self.assertEqual(len(rows), len(raw))
        tick_j = 6.103515625e-05
        for row, told in zip(rows, raw):
            self.assertEqual(row["time_ns"], told["time_ns"])
            self.assertEqual((row["unit"], row["ok"], row["summed"]),
                             ("J", "true", "true"))
            self.assertEqual(float(row["value"]), int(told["ticks"]) * tick_j)
            self.assertEqual(float(row["wrap"]), 2**32 * tick_j)
            self.assertEqual(row["window_edge"] == "true", told["mark"] == "1")
        self.assertEqual({row["domain"] for row in rows},
                         {"package-0", "package-1", "package-0/dram"})

    # --- OpenMetrics --------------------------------------------------------

    def test_openmetrics_has_families_and_ends(self):
        text = self.metrics()
        self.assertTrue(text.endswith("\n# EOF\n"))
        seen, name, told = set(), None, {}
        for line in text.splitlines()[:-1]:
            if line.startswith("# HELP "):
                name = line.split()[2]
                self.assertNotIn(name, seen)
                seen.add(name)
            elif line.startswith("# TYPE "):
                self.assertEqual(line, f"# TYPE {name} gauge")
            elif line.startswith("# UNIT "):
                unit = line.split()[3]
                self.assertEqual(line, f"# UNIT {name} {unit}")
                self.assertTrue(name.endswith("_" + unit))
            else:
                sample = re.fullmatch(
                    r'(\w+)\{((?:\w+="(?:[^"\\\n]|\\[\\"n])*",?)*)\} (\S+)', line)
                self.assertTrue(sample, line)
                self.assertEqual(sample[1], name)
                self.assertNotIn(sample.group(1, 2), told)
                told[sample.group(1, 2)] = float(sample[3])
        for bench in self.summary["benchmarks"]:
            unit = bench["work"]["unit"] + "s"
            for family, value in (
                    (f"performance_{unit}_per_second",
                     bench["performance"]["value"]),
                    (f"efficiency_{unit}_per_joule",
                     bench["efficiency"]["value"]),
                    ("energy_joules", bench["energy"]["value_j"]),
                    ("power_watts", bench["power_w"]["value"])):
                found = [v for (n, labels), v in told.items()
                         if n == "greenbench_" + family and
                         f'benchmark="{bench["id"]}"' in labels]
                self.assertEqual(found, [value], family)
        energies = [labels for n, labels in told if n.endswith("energy_joules")]
        for labels in energies:
            self.assertIn('quality="simulated"', labels)

    @unittest.skipUnless(shutil.which("promtool"),
                         "no promtool (Debian: prometheus)")
    def test_promtool_has_nothing_to_say(self):
        done = subprocess.run(["promtool", "check", "metrics"], text=True,
                              input=self.metrics(), stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False)
        self.assertEqual((done.returncode, done.stdout), (0, ""))

    # --- github-action-benchmark --------------------------------------------

    def test_github_has_figures_of_one_direction(self):
        bigger = json.loads(self.export("--github", "-").out)
        smaller = json.loads(self.export("--github-smaller", "-").out)
        self.assertEqual(len(bigger), 2 * len(BENCHES))
        self.assertEqual(len(smaller), 2 * len(BENCHES))
        names = [entry["name"] for entry in bigger + smaller]
        self.assertEqual(len(names), len(set(names)))
        for entry in bigger + smaller:
            self.assertLessEqual({"name", "unit", "value", "extra"}, set(entry))
            self.assertIsInstance(entry["value"], float)
            self.assertIn("energy: simulated\nscope: 2 packages + DRAM",
                          entry["extra"])
            self.assertRegex(entry.get("range", "± 1"), r"^± [\d.e+-]+$")
        fma = self.summary["benchmarks"][0]
        self.assertEqual(bigger[0]["name"], "compute.fma: performance")
        self.assertEqual(bigger[0]["value"], fma["performance"]["value"])
        self.assertEqual(bigger[1]["value"], fma["efficiency"]["value"])
        self.assertEqual(smaller[0]["value"], fma["power_w"]["value"])

    # --- where it goes ------------------------------------------------------

    def test_one_document_goes_to_standard_output(self):
        for args in (["--csv", "-", "--openmetrics", "-"],
                     ["--json", "--csv", "-"], ["--markdown", "-", "--json"]):
            done = self.export(*args, code=2)
            self.assertIn("expected one document for standard output, got 2",
                          done.err)
            self.assertEqual(done.out, "")
        path = self.folder / "beside.prom"
        done = self.export("--openmetrics", path, "--csv", "-")
        self.assertTrue(done.out.startswith("run_id,"))
        self.assertTrue(path.read_text().endswith("# EOF\n"))

    def test_a_device_stays_a_device_and_a_full_one_is_told(self):
        done = self.export("--csv", "/dev/full", code=5)
        self.assertIn("cannot write '/dev/full'", done.err)
        self.assertIn("No space left", done.err)
        self.assertTrue(stat.S_ISCHR(os.stat("/dev/full").st_mode))
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = subprocess.run(
                [gb.BIN, "report", self.run_dir, "--samples-csv", "-"],
                stdout=full, stderr=subprocess.PIPE, text=True, check=False,
                env=gb.environment())
        self.assertEqual(done.returncode, 5)
        self.assertIn("standard output", done.stderr)

    def test_a_pipe_is_written_to(self):
        path = self.folder / "pipe"
        os.mkfifo(path)
        with subprocess.Popen(["cat", str(path)], text=True,
                              stdout=subprocess.PIPE) as reader:
            self.export("--csv", path)
            self.assertTrue(reader.stdout.read().startswith("run_id,"))
        self.assertTrue(stat.S_ISFIFO(os.stat(path).st_mode))

    def test_what_was_there_stays_if_there_is_no_room(self):
        path = self.folder / "room" / "samples.csv"
        path.parent.mkdir()
        path.write_text("before")

        def little_room():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        done = self.export("--samples-csv", path, code=5,
                           preexec_fn=little_room)
        self.assertIn(f"cannot write '{path}'", done.err)
        self.assertEqual(path.read_text(), "before")
        self.assertEqual([p.name for p in path.parent.iterdir()],
                         ["samples.csv"])

    # --- readers ------------------------------------------------------------

    def check_block(self, language, command):
        text = (SOURCE / "docs/exports.md").read_text()
        block = re.search(rf"```{language}\n(.*?)```", text, re.S)[1]
        self.assertEqual(len(block.splitlines()), 3)
        self.export("--csv", self.folder / "run.csv")
        done = subprocess.run(command, input=block, text=True, cwd=self.folder,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=100, check=False)
        self.assertEqual(done.returncode, 0, done.stdout)
        for bench in BENCHES:
            self.assertRegex(done.stdout, rf"{re.escape(bench)}\b.*\d")

    @unittest.skipUnless(pandas, "no pandas (Debian: python3-pandas)")
    def test_pandas_reads_it_in_three_lines(self):
        self.check_block("python", [sys.executable, "-"])

    @unittest.skipUnless(shutil.which("Rscript"),
                         "no Rscript (Debian: r-base-core)")
    def test_r_reads_it_in_three_lines(self):
        self.check_block("r", ["Rscript", "--vanilla", "-"])

    # --- other harnesses ----------------------------------------------------

    def constants(self, name):
        """The literals of a snippet, and what is put together from them."""
        found = {}
        for node in ast.parse((INTEGRATIONS / name).read_text()).body:
            if isinstance(node, ast.Assign):
                found[node.targets[0].id] = ast.literal_eval(node.value)
        return found

    def test_reframe_finds_every_figure(self):
        snippet, text = self.constants("reframe_greenbench.py"), self.metrics()
        self.assertRegex(text, re.compile(snippet["COMPLETE"], re.M))
        self.assertNotRegex(text, re.compile(snippet["FAILED"], re.M))
        self.assertRegex(
            text.replace('params=""} 1\n', 'params=""} 0\n'),
            re.compile(snippet["FAILED"], re.M))
        found = {(m["benchmark"], m["figure"]): float(m["value"])
                 for m in re.finditer(snippet["FIGURE"], text, re.M)}
        self.assertEqual(len(found), 3 * len(BENCHES))
        triad = self.summary["benchmarks"][1]
        self.assertEqual(
            found["memory.triad", "performance_bytes_per_second"],
            triad["performance"]["value"])
        self.assertEqual(found["memory.triad", "power_watts"],
                         triad["power_w"]["value"])

    def test_ramble_finds_every_figure_in_its_context(self):
        snippet, text = self.constants("ramble_greenbench.py"), self.metrics()
        self.assertRegex(text, re.compile(snippet["COMPLETE"], re.M))
        found = {}
        for line in text.splitlines():
            context = re.search(r"^greenbench_\w+\{" + snippet["CASE"], line)
            for title, (metric, _) in snippet["FIGURES"].items():
                match = re.match("^" + metric + snippet["VALUE"], line)
                if match:
                    found[context["benchmark"], title] = float(match["value"])
        # Of flops and bytes each benchmark has one.
        self.assertEqual(len(found), len(BENCHES) * 5)
        fma = self.summary["benchmarks"][0]
        self.assertEqual(found["compute.fma", "flops per joule"],
                         fma["efficiency"]["value"])
        self.assertEqual(found["compute.fma", "energy"],
                         fma["energy"]["value_j"])

    def test_jube_finds_every_column(self):
        root = xml.etree.ElementTree.parse(
            INTEGRATIONS / "jube_greenbench.xml").getroot()
        text, found = self.metrics(), {}
        for pattern in root.iter("pattern"):
            regex = pattern.text
            for name, meant in JUBE.items():
                regex = regex.replace(name, meant)
            values = re.findall(regex, text)
            self.assertEqual(len(values), 1, pattern.text)
            found[pattern.get("name")] = float(values[0])
        self.assertEqual({c.text for c in root.iter("column")} - {"ranks"},
                         set(found))
        triad = self.summary["benchmarks"][1]
        self.assertEqual(found["triad"], triad["performance"]["value"])
        self.assertEqual(found["triad_power"], triad["power_w"]["value"])


if __name__ == "__main__":
    gb.main()
