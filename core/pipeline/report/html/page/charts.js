/* SPDX-License-Identifier: Apache-2.0 */
/* The charts of a run but for power over time. */

const benches = () => result.benchmarks || [];

/* [[key, [things]], ..] in the order in which the keys come. */
function groupBy(things, keyOf) {
  const groups = new Map();
  for (const one of things) {
    const key = keyOf(one);
    if (!groups.has(key))
      groups.set(key, []);
    groups.get(key).push(one);
  }
  return [...groups];
}

/* --- performance per watt ------------------------------------------------- */

/* A unit of work each, because no axis fits two. */
const efficiencyGroups = () => groupBy(
  benches().filter((bench) => bench.efficiency !== null),
  (bench) => bench.work_unit);
const ROW = 26, GROUP = 64;

charts.efficiency = {
  height: () => efficiencyGroups().reduce(
    (sum, [, group]) => sum + group.length * ROW + GROUP, 20),
  option() {
    const groups = efficiencyGroups();
    const option = {grid: [], xAxis: [], yAxis: [], series: [], title: [],
      tooltip: {trigger: "item", formatter: ({data}) => data.told}};
    let top = 0;
    if (groups.length === 0)
      return null;
    groups.forEach(([unit, group], at) => {
      const full = unit + "/s/W";
      option.title.push({text: quantity(1, full).slice(2), top, left: 0,
        textStyle: {fontSize: 13, color: ink().text}});
      option.grid.push({left: namesWidth(), right: 24, top: top + 22,
        height: group.length * ROW});
      option.xAxis.push(axis({type: "value", gridIndex: at, min: 0,
        axisLabel: {formatter: (value) => quantity(value, "")}}));
      option.yAxis.push(names(group.map((bench) => bench.label),
        {gridIndex: at}));
      option.series.push({type: "bar", xAxisIndex: at, yAxisIndex: at,
        barMaxWidth: 16, itemStyle: {color: colour(at)},
        data: group.map((bench) => ({value: bench.efficiency,
          told: `${bench.label}\n${quantity(bench.efficiency, full)}` +
            (bench.efficiency_ci95 ? ` (${quantity(bench.efficiency_ci95[0],
              full)} … ${quantity(bench.efficiency_ci95[1], full)})` : "") +
            `\n${say("quality_" + bench.quality)}`}))});
      option.series.push(intervals(group.map((bench, row) =>
        bench.efficiency_ci95 && [bench.efficiency, ...bench.efficiency_ci95,
          row]).filter(Boolean), {xAxisIndex: at, yAxisIndex: at}));
      top += group.length * ROW + GROUP;
    });
    return option;
  },
};

/* --- performance and power ------------------------------------------------ */

const scatterGroups = () => groupBy(
  benches().filter((bench) => bench.performance !== null &&
    bench.power_w !== null), (bench) => bench.work_unit);
let scatterUnit = null;

/* Wider than this, a linear axis would push points together at its low end. */
const NARROW = 8;
const ratio = (values) => Math.max(...values) / Math.min(...values);
const decades = (values) => [
  10 ** Math.floor(Math.log10(Math.min(...values) / 1.5)),
  10 ** Math.ceil(Math.log10(Math.max(...values) * 1.5))];

function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * [1, 1.5, 2, 3, 4, 5, 6, 8, 10].find(
    (digit) => digit * power >= value);
}

/* 1, 2 and 5 times powers of ten from low to high; at most about eight. */
function roundValues(low, high) {
  const values = [];
  for (let power = Math.floor(Math.log10(low));
    power <= Math.ceil(Math.log10(high)); power++)
    for (const digit of [1, 2, 5])
      values.push(digit * 10 ** power);
  const inside = values.filter((value) => value >= low && value <= high);
  return inside.length > 8
    ? inside.filter((value) => /^1e/.test(value.toExponential())) : inside;
}

charts.scatter = {
  height: () => 420,
  option() {
    const groups = scatterGroups();
    if (groups.length === 0)
      return null;
    const [unit, group] = groups.find(([key]) => key === scatterUnit) ||
      groups[0];
    const x = group.map((bench) => bench.power_w);
    const y = group.map((bench) => bench.performance);
    const wide = Math.max(ratio(x), ratio(y)) > NARROW;
    const xs = wide ? decades(x) : [0, roundUp(1.15 * Math.max(...x))];
    const ys = wide ? decades(y) : [0, roundUp(1.15 * Math.max(...y))];
    const each = y.map((value, at) => value / x[at]);
    const iso = roundValues(Math.min(...each) / 4, Math.max(...each) * 4);
    const type = wide ? "log" : "value";
    return {
      grid: {left: 110, right: 112, top: 24, bottom: 50},
      tooltip: {trigger: "item", formatter: ({data}) => data.told || ""},
      xAxis: axis({type, name: say("power") + " (W)", nameGap: 28,
        min: xs[0], max: xs[1],
        axisLabel: {formatter: (value) => quantity(value, "W", 3)}}),
      yAxis: axis({type, name: say("performance"), nameGap: 90,
        min: ys[0], max: ys[1],
        axisLabel: {formatter: (value) => quantity(value, unit + "/s", 3)}}),
      series: [
        ...iso.map((value) => {
          const first = Math.max(xs[0], ys[0] / value);
          const last = Math.min(xs[1], ys[1] / value);
          return {type: "line", silent: true, symbol: "none",
            lineStyle: {type: "dashed", width: 1, color: ink().dim},
            data: [[first, first * value], [last, last * value]],
            endLabel: {show: true, color: ink().dim, fontSize: 11,
              formatter: () => quantity(value, unit + "/s/W", 3)}};
        }),
        ...group.map((bench, at) => ({type: "scatter", symbolSize: 12,
          symbol: SYMBOLS[at % SYMBOLS.length], itemStyle: {color: colour(at)},
          name: bench.label,
          data: [{value: [bench.power_w, bench.performance],
            told: `${bench.label}\n${quantity(bench.performance, unit + "/s")}` +
              `, ${quantity(bench.power_w, "W")}\n` +
              quantity(bench.efficiency, unit + "/s/W")}],
          label: {show: group.length <= 12 && !isNarrow(), position: "right",
            formatter: () => bench.label.length > 34
              ? bench.label.slice(0, 33) + "…" : bench.label,
            color: ink().text, fontSize: 11},
          labelLayout: {hideOverlap: true, moveOverlap: "shiftY"}})),
      ],
    };
  },
  controls(box, redraw) {
    const groups = scatterGroups();
    if (groups.length > 1)
      addSelect(box, "unit", groups.map(([unit]) => [unit, unit + "/s"]),
        groups[0][0], (unit) => { scatterUnit = unit; redraw(); });
  },
};

/* --- nodes ---------------------------------------------------------------- */

const QUANTITIES = ["performance", "power", "per_watt"];
let nodeQuantity = 1;

const nodeBenches = () => benches().filter(
  (bench) => bench.nodes !== null && bench.nodes.boxes[nodeQuantity] !== null);
const percentOf = (value, median) => 100 * (value / median - 1);

charts.nodes = {
  height: () => Math.max(nodeBenches().length, 1) * 34 + 70,
  option() {
    const shown = nodeBenches();
    const outliers = [];
    shown.forEach((bench, row) => {
      const median = bench.nodes.boxes[nodeQuantity][2];
      for (const one of bench.nodes.outliers)
        if (one.quantity === nodeQuantity)
          outliers.push({value: [percentOf(one.value, median), row],
            told: `${one.node}\n${percentOf(one.value, median).toFixed(1)} %`});
    });
    return {
      grid: {left: namesWidth(), right: 24, top: 10, bottom: 50},
      tooltip: {trigger: "item", formatter: ({data}) => data.told || ""},
      xAxis: axis({type: "value", scale: true, nameGap: 28,
        name: `${say(QUANTITIES[nodeQuantity])}, ${say("off_median")} (%)`}),
      yAxis: names(shown.map((bench) => bench.label)),
      series: [
        {type: "boxplot", boxWidth: [8, 18],
          itemStyle: {color: "transparent", borderColor: colour(0),
            borderWidth: 2},
          data: shown.map((bench) => {
            const box = bench.nodes.boxes[nodeQuantity];
            return {value: box.map((value) => percentOf(value, box[2])),
              told: bench.label};
          })},
        {type: "scatter", symbol: "diamond", symbolSize: 11,
          itemStyle: {color: colour(5)}, data: outliers},
      ],
    };
  },
  controls(box, redraw) {
    addSelect(box, "quantity", QUANTITIES.map((key, at) => [at, "", key]), 1,
      (at) => { nodeQuantity = Number(at); redraw(); });
  },
};

/* --- messages ------------------------------------------------------------- */

const messageKey = (bench) => bench.label
  .replace(/ ?\bmessage_bytes=\S+/, "");

charts.messages = {
  height: () => 720,
  option() {
    const groups = groupBy(benches().filter(
      (bench) => bench.message_bytes !== undefined), messageKey);
    if (groups.length === 0)
      return null;
    const parts = [["message_time", "message_s", "s"],
      ["bandwidth", "message_byte_per_s", "byte/s"],
      ["byte_energy", "byte_j", "J"]];
    return {
      legend: {},
      grid: parts.map((_, at) => ({left: 92, right: 24, top: 44 + 220 * at,
        height: 160})),
      tooltip: {trigger: "item", formatter: ({data, seriesName}) =>
        `${seriesName}\n${data.told}`},
      xAxis: parts.map((_, at) => axis({type: "log", logBase: 2,
        gridIndex: at, nameGap: 26,
        name: at === 2 ? say("message_size") : "",
        axisLabel: {formatter: bytes}})),
      yAxis: parts.map(([key, , unit], at) => axis({type: "log",
        gridIndex: at, name: say(key), nameGap: 72,
        axisLabel: {formatter: (value) => quantity(value, unit, 3)}})),
      series: groups.flatMap(([name, group], line) =>
        parts.map(([, field, unit], at) => ({type: "line", name,
          xAxisIndex: at, yAxisIndex: at, symbolSize: 8,
          symbol: SYMBOLS[line % SYMBOLS.length],
          lineStyle: {type: LINES[line % LINES.length]},
          itemStyle: {color: colour(line)},
          data: group.filter((bench) => bench[field] > 0)
            .sort((a, b) => a.message_bytes - b.message_bytes)
            .map((bench) => ({value: [bench.message_bytes, bench[field]],
              told: `${bytes(bench.message_bytes)}: ` +
                quantity(bench[field], unit)}))}))),
    };
  },
};

/* --- load ----------------------------------------------------------------- */

charts.load = {
  height: () => 340,
  option() {
    const levels = result.load.levels.filter((one) => one.power_w !== null)
      .map((one) => [100 * one.level, one.power_w]);
    if (levels.length === 0)
      return null;
    if (result.load.idle_w !== null)
      levels.push([0, result.load.idle_w]);
    levels.sort((a, b) => a[0] - b[0]);
    const last = levels[levels.length - 1];
    return {
      legend: {},
      grid: {left: 70, right: 24, top: 40, bottom: 48},
      tooltip: {trigger: "item", formatter: ({value}) =>
        `${value[0].toFixed(0)} %: ${quantity(value[1], "W")}`},
      xAxis: axis({type: "value", min: 0, max: 100, nameGap: 28,
        name: say("load_level") + " (%)"}),
      yAxis: axis({type: "value", min: 0, name: say("power"), nameGap: 50,
        axisLabel: {formatter: (value) => quantity(value, "W", 3)}}),
      series: [
        {type: "line", name: say("power"), data: levels, symbol: "circle",
          symbolSize: 9, itemStyle: {color: colour(0)}},
        {type: "line", name: say("proportional"), symbol: "none",
          data: [[0, 0], last], itemStyle: {color: colour(6)},
          lineStyle: {type: "dashed"}},
      ],
    };
  },
};

/* --- energy roofline ------------------------------------------------------ */

const least = (values) => {
  const known = values.filter((value) => value > 0);
  return known.length > 0 ? Math.min(...known) : null;
};

function archLine(flopJ, byteJ, low, high) {
  const points = [];
  for (let at = 0; at <= 60; at++) {
    const intensity = low * (high / low) ** (at / 60);
    points.push([intensity, 1 / (flopJ + byteJ / intensity)]);
  }
  return points;
}

charts.roofline = {
  height: () => 420,
  option() {
    const points = benches().filter((bench) => bench.flop_per_byte > 0 &&
      bench.flop_j > 0);
    const flopJ = least(benches().map((bench) => bench.flop_j));
    const byteJ = least(benches().map((bench) => bench.memory_byte_j));
    if (points.length === 0 && (flopJ === null || byteJ === null))
      return null;
    const all = points.map((bench) => bench.flop_per_byte);
    if (flopJ !== null && byteJ !== null)
      all.push(byteJ / flopJ);
    const [low, high] = decades(all);
    const option = {
      legend: {},
      grid: {left: 92, right: 24, top: 44, bottom: 50},
      tooltip: {trigger: "item", formatter: ({data}) => data.told || ""},
      xAxis: axis({type: "log", name: say("intensity"), nameGap: 28, min: low,
        max: high, axisLabel: {formatter: (value) =>
          String(Number(value.toPrecision(3)))}}),
      yAxis: axis({type: "log", name: say("flop_per_joule"), nameGap: 68,
        axisLabel: {formatter: (value) => quantity(value, "flop/J", 3)}}),
      series: points.map((bench, at) => ({type: "scatter", name: bench.label,
        symbolSize: 12, symbol: SYMBOLS[at % SYMBOLS.length],
        itemStyle: {color: colour(at + 1)},
        data: [{value: [bench.flop_per_byte, 1 / bench.flop_j],
          told: `${bench.label}\n${quantity(1 / bench.flop_j, "flop/J")}, ` +
            quantity(bench.flop_per_byte, "flop/B")}]})),
    };
    if (flopJ !== null && byteJ !== null)
      option.series.push({type: "line", name: say("arch_line"),
        symbol: "none", silent: true, itemStyle: {color: colour(0)},
        data: archLine(flopJ, byteJ, low, high)});
    return option;
  },
};

/* --- uncertainty ---------------------------------------------------------- */

const TERMS = [["quantisation_j", "quantisation"], ["phase_j", "phase_error"],
  ["latency_j", "latency"], ["unsampled_j", "unsampled"],
  ["calibration_j", "calibration"]];

charts.budget = {
  height: () => benches().filter((bench) => bench.budget_j !== null)
    .length * 26 + 100,
  option() {
    const shown = benches().filter((bench) => bench.budget_j !== null);
    if (shown.length === 0)
      return null;
    const variance = (bench) => TERMS.reduce(
      (sum, [term]) => sum + (bench.budget_j[term] || 0) ** 2, 0);
    return {
      legend: {},
      aria: {decal: {show: true}},
      grid: {left: namesWidth(), right: 24, top: 40, bottom: 50},
      tooltip: {trigger: "item", formatter: ({name, seriesName, value}) =>
        `${name}\n${seriesName}: ${value.toFixed(2)} %`},
      xAxis: axis({type: "value", min: 0, max: 100, nameGap: 28,
        name: say("variance_share") + " (%)"}),
      yAxis: names(shown.map((bench) => bench.label)),
      series: TERMS.map(([term, key], at) => ({type: "bar", stack: "all",
        name: say(key), barMaxWidth: 16, itemStyle: {color: colour(at)},
        data: shown.map((bench) => variance(bench) > 0
          ? 100 * (bench.budget_j[term] || 0) ** 2 / variance(bench) : 0)})),
    };
  },
};
