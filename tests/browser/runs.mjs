/* SPDX-License-Identifier: Apache-2.0 */
/* Runs for the pages to show. The program's own writer makes them; what they
 * did is changed here, so that there is something to see. Nothing in them was
 * measured. */
import {execFileSync} from "node:child_process";
import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";

const {GB_BIN, GB_MAKE_LARGE} = process.env;

export function greenbench(...args) {
  return execFileSync(GB_BIN, args, {encoding: "utf8", maxBuffer: 1 << 28,
    stdio: ["ignore", "pipe", "pipe"]});
}

export function make(folder, name, nodes, cases, repetitions, ...more) {
  return execFileSync(GB_MAKE_LARGE, [folder, name, String(nodes),
    String(cases), String(repetitions), ...more], {encoding: "utf8"}).trim();
}

const sha256 = (bytes) =>
  crypto.createHash("sha256").update(bytes).digest("hex");

/* All digests made anew, as docs/results-format.md tells it. */
function seal(run) {
  const file = path.join(run, "manifest.json");
  const manifest = JSON.parse(fs.readFileSync(file));
  for (const entry of manifest.files.filter((one) => one.role === "result")) {
    const bytes = fs.readFileSync(path.join(run, entry.path));
    Object.assign(entry, {size_bytes: bytes.length, sha256: sha256(bytes)});
  }
  const none = "0".repeat(64);
  manifest.manifest_sha256 = none;
  const text = JSON.stringify(manifest, null, 1) + "\n";
  fs.writeFileSync(file, text.replace(none, sha256(text)));
}

/** A run that fixed the text of some claims before it began, and took `factor`
 *  of its time, with noise. */
export function claimed(folder, name, claims, factor = 1) {
  const run = make(folder, name, 1, 3, 10, "whole");
  const noise = chance(name.length);
  const file = path.join(run, "records.jsonl");
  const lines = fs.readFileSync(file, "utf8").trimEnd().split("\n")
    .map((line) => {
      const record = JSON.parse(line);
      if (record.record === "repetition")
        record.ranks.work = record.ranks.work.map(
          (one) => one / (factor * (1 + 0.01 * noise())));
      return JSON.stringify(record);
    });
  fs.writeFileSync(file, lines.join("\n") + "\n");
  const planFile = path.join(run, "plan.json");
  const plan = JSON.parse(fs.readFileSync(planFile));
  plan.claims_sha256 = sha256(claims);
  fs.writeFileSync(planFile, JSON.stringify(plan));
  seal(run);
  return run;
}

const size = (text, value) => [{name: "message_bytes", text, kind: "bytes",
  value, is_default: false}];
const level = (value) => [{name: "level", text: String(value), kind: "real",
  value, is_default: false}];

/* [id, unit of work, parameters, power of 1, counts of a unit of work] */
export const CASES = [
  ["compute.fma", "flop", [], 1.0, {flops: 1}],
  ["memory.triad", "byte", [], 0.8, {flops: 1 / 12, memory_bytes: 1}],
  ["compute.dgemm", "flop", [], 0.95, {flops: 1, memory_bytes: 0.05}],
  ["network.pingpong", "message", size("8", 8), 0.5,
    {messages: 1, network_bytes: 8}],
  ["network.pingpong", "message", size("1KiB", 1024), 0.5,
    {messages: 1, network_bytes: 1024}],
  ["network.pingpong", "message", size("64KiB", 65536), 0.55,
    {messages: 1, network_bytes: 65536}],
  ["network.pingpong", "message", size("1MiB", 1048576), 0.6,
    {messages: 1, network_bytes: 1048576}],
  ["load", "operation", level(100), 1.0, {}],
  ["load", "operation", level(50), 0.7, {}],
  ["load", "operation", level(10), 0.5, {}],
];
const IDLE = 0.4;

export const CLAIMS = `name: of two runs that were made up
decision: {rule: guarded, coverage_factor: 2}
claims:
- {id: efficient, text: more than 4 Gflop for each joule, metric: efficiency,
   benchmark: compute.fma, relation: above, limit: 4 Gflop/s/W,
   evidence: simulated, run: new}
- {id: near, text: at least 4.8 Gflop for each joule, metric: efficiency,
   benchmark: compute.fma, relation: at_least, limit: 4.8 Gflop/s/W,
   evidence: simulated, run: new}
- {id: saves, text: 能耗节省 40 % 以上, metric: energy, as: saving,
   benchmark: compute.fma, relation: at_least, limit: 40%, pue_after: 1.10,
   evidence: simulated, run: new, baseline: base}
- {id: first, text: "<b>industry-leading</b>", metric: ranking}
- {id: wall, text: below 500 W at the wall, metric: power,
   benchmark: compute.fma, relation: below, limit: 500 W, boundary: node-ac,
   evidence: simulated, run: new}
`;
/* Work per second of each, as in life. */
const RATES = [1, 0.2, 0.9, 3e-6, 2.4e-6, 4e-7, 3e-8, 1e-3, 5e-4, 1e-4];

/* A generator of our own, so that each run is the same. */
function chance(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
}

function dressRep(record, noise, slow) {
  const [, , , , counts] = CASES[record.case];
  const factor = (1 + 0.01 * noise()) * slow;
  record.elapsed_s *= factor;
  record.ranks.elapsed_s = record.ranks.elapsed_s.map((one) => one * factor);
  record.ranks.work = record.ranks.work.map(
    (one) => one * RATES[record.case]);
  for (const [name, each] of Object.entries(counts))
    record.ranks[name] = record.ranks.work.map((one) => one * each);
  return record.windows_ns[0][0];
}

/* Power that follows what ran: the increments of each counter are scaled. */
function dressSamples(text, factorAt) {
  const last = new Map();
  const [head, ...rows] = text.trimEnd().split("\n");
  return [head, ...rows.map((row) => {
    const cells = row.split(",");
    const key = cells[0] + "," + cells[1];
    const ticks = Number(cells[4]);
    const before = last.get(key) || {ticks, told: ticks};
    const moved = (ticks - before.ticks + 2 ** 32) % 2 ** 32;
    const told = before.told + moved * factorAt(Number(cells[2]));
    last.set(key, {ticks, told});
    cells[4] = String(Math.round(told) % 2 ** 32);
    return cells.join(",");
  })].join("\n") + "\n";
}

/** A run of all CASES. change(record) may spoil a record. */
export function dressed(folder, name, nodes, {seed = 1, slow = () => 1,
  change = () => {}} = {}) {
  const run = make(folder, name, nodes, CASES.length, 8);
  const plan = JSON.parse(fs.readFileSync(path.join(run, "plan.json")));
  CASES.forEach(([id, unit, params], at) =>
    Object.assign(plan.cases[at], {id, work_unit: unit, params}));
  fs.writeFileSync(path.join(run, "plan.json"), JSON.stringify(plan));
  const noise = chance(seed), begins = [];
  const lines = fs.readFileSync(path.join(run, "records.jsonl"), "utf8")
    .trimEnd().split("\n").map((line) => {
      const record = JSON.parse(line);
      if (record.record === "repetition")
        begins.push([dressRep(record, noise, slow(record.case)), record.case]);
      change(record);
      return JSON.stringify(record);
    });
  fs.writeFileSync(path.join(run, "records.jsonl"), lines.join("\n") + "\n");
  const factorAt = (ns) => {
    const now = begins.filter(([begin]) => begin <= ns).pop();
    return now !== undefined && ns - now[0] <= 1.01e9
      ? CASES[now[1]][3] * (1 + 0.02 * noise()) : IDLE;
  };
  const samples = path.join(run, "samples");
  fs.writeFileSync(samples,
    dressSamples(fs.readFileSync(samples, "utf8"), factorAt));
  return run;
}
