/* SPDX-License-Identifier: Apache-2.0 */
/* Ratios of two runs, each with its interval and its verdict. */

const METRICS = ["performance", "time", "power", "energy", "efficiency", "edp"];
const VERDICTS = {
  worse: {at: 5, symbol: "triangle", turn: 180},
  better: {at: 2, symbol: "triangle", turn: 0},
  equivalent: {at: 0, symbol: "circle", turn: 0},
  undecided: {at: 1, symbol: "emptyRect", turn: 0},
  refused: {at: 6, symbol: "pin", turn: 0},
};
const ROWS_SHOWN = 40;

charts.ratios = (pair) => {
  const all = result.pairs[pair].filter((row) => row.ratio !== null);
  const metrics = METRICS.filter(
    (metric) => all.some((row) => row.metric === metric));
  /* The worst verdicts come first: what should be seen at once. */
  const told = all.length > 0 && all[0].verdict === "worse";
  let chosen = told ? all[0].metric
    : metrics.includes("efficiency") ? "efficiency" : metrics[0];
  const shown = () => all.filter((row) => row.metric === chosen);

  /* As far to both sides of 1. */
  function extent(rows) {
    const far = Math.max(1.5 * result.margin, ...rows.flatMap(
      (row) => row.ci95 || [row.ratio]).map((value) => Math.abs(value - 1)));
    const half = roundUp(1.02 * far);
    return [Math.max(0, 1 - half), 1 + half];
  }

  return {
    height: () => Math.min(shown().length, ROWS_SHOWN) * 24 + 110,
    option() {
      const rows = shown();
      if (rows.length === 0)
        return null;
      const [min, max] = extent(rows);
      const tell = (row) => `${row.label}\n${say("verdict_" + row.verdict)}: ` +
        row.ratio.toFixed(4) + (row.ci95
        ? ` (${row.ci95[0].toFixed(4)} … ${row.ci95[1].toFixed(4)})` : "");
      return {
        legend: {data: Object.entries(VERDICTS).map(([verdict, look]) =>
          ({name: say("verdict_" + verdict), symbolRotate: look.turn}))},
        grid: {left: namesWidth(), right: rows.length > ROWS_SHOWN ? 50 : 24,
          top: 44, bottom: 50},
        tooltip: {trigger: "item", formatter: ({data}) => data.told || ""},
        xAxis: axis({type: "value", min, max, nameGap: 28, name: say("ratio"),
          axisLabel: {formatter: (value) =>
            String(Number(value.toPrecision(4)))}}),
        yAxis: names(rows.map((row) => row.label)),
        dataZoom: rows.length > ROWS_SHOWN ? [{type: "slider", yAxisIndex: 0,
          startValue: 0, endValue: ROWS_SHOWN - 1, right: 4, width: 18,
          showDetail: false}] : [],
        series: [
          ...Object.entries(VERDICTS).map(([verdict, look]) => ({
            type: "scatter", name: say("verdict_" + verdict), z: 6,
            symbol: look.symbol, symbolRotate: look.turn, symbolSize: 12,
            itemStyle: {color: colour(look.at)},
            data: rows.map((row, at) => row.verdict === verdict &&
              {value: [row.ratio, at], told: tell(row)}).filter(Boolean)})),
          intervals(rows.map((row, at) => row.ci95 && [row.ratio, ...row.ci95,
            at]).filter(Boolean), {
            markArea: {silent: true, data: [[{xAxis: 1 - result.margin,
              itemStyle: {color: colour(0), opacity: 0.12}},
            {xAxis: 1 + result.margin}]]},
            markLine: {silent: true, symbol: "none",
              label: {show: false}, data: [{xAxis: 1}],
              lineStyle: {color: ink().text, type: "solid"}}}),
        ],
      };
    },
    controls(box, redraw) {
      if (metrics.length > 0)
        addSelect(box, "metric", metrics.map((metric) =>
          [metric, "", "metric_" + metric]), chosen,
        (metric) => { chosen = metric; redraw(); });
    },
  };
};
