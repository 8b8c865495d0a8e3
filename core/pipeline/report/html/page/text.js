/* SPDX-License-Identifier: Apache-2.0 */
/* The page's texts and numbers. Whatever comes from a result is set as text,
 * never as markup. */
"use strict";

const strings = JSON.parse(document.getElementById("strings").textContent);
const result = JSON.parse(document.getElementById("document").textContent);
let language = document.documentElement.lang.startsWith("zh") ? "zh" : "en";

function say(key, ...values) {
  return strings[language][key].replace(/\{([0-3])\}/g,
    (whole, at) => values[at] === undefined ? whole : values[at]);
}

function showLanguage() {
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  for (const element of document.querySelectorAll("[data-t]")) {
    const at = element.dataset;
    element.textContent = say(at.t, at.a0, at.a1, at.a2, at.a3);
  }
  for (const element of document.querySelectorAll("[data-en]"))
    element.textContent = element.dataset[language];
  for (const element of document.querySelectorAll("[data-aria]"))
    element.setAttribute("aria-label", say(element.dataset.aria));
  document.getElementById("language").lang = language === "zh" ? "en" : "zh-CN";
}

const PREFIXES = [[1e18, "E"], [1e15, "P"], [1e12, "T"], [1e9, "G"], [1e6, "M"],
  [1e3, "k"], [1, ""], [1e-3, "m"], [1e-6, "µ"], [1e-9, "n"], [1e-12, "p"]];

/* 1234567890, "flop/s" -> "1.235 Gflop/s"; "byte" is written "B". */
function quantity(value, unit, digits = 4) {
  if (value === null || value === undefined || !Number.isFinite(value))
    return "-";
  const short = unit.replace(/^byte/, "B").replace(/^message/, "msg")
    .replace(/^operation/, "op");
  if (value === 0)
    return ("0 " + short).trim();
  const [scale, prefix] = PREFIXES.find(
    ([least]) => Math.abs(value) >= least * 0.99995) ||
    PREFIXES[PREFIXES.length - 1];
  return (Number((value / scale).toPrecision(digits)) + " " + prefix + short)
    .trim();
}

function bytes(value) {
  const names = ["B", "KiB", "MiB", "GiB", "TiB"];
  let at = 0;
  while (value >= 1024 && at + 1 < names.length) {
    value /= 1024;
    at++;
  }
  return Number(value.toPrecision(3)) + " " + names[at];
}

function make(tag, text) {
  const element = document.createElement(tag);
  if (text !== undefined)
    element.textContent = text;
  return element;
}
