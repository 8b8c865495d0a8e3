/* SPDX-License-Identifier: Apache-2.0 */
/* Power over time. */

const timelines = () => (result.timelines || []).filter(
  (one) => one.buckets > 0);
let launch = 0, view = null;

const timelineNodes = (line) => [...new Set(
  line.series.map((series) => series.node_index))];

function views(line) {
  const all = line.all === undefined ? []
    : [["spread", "", "view_spread"], ["total", "", "view_total"]];
  return all.concat(timelineNodes(line).map((node) => [String(node),
    line.series.find((series) => series.node_index === node).node]));
}

function points(line, values) {
  const width = line.span_s / line.buckets;
  return values.map((value, at) => [(at + 0.5) * width, value]);
}

/* Between two lines, one area for each stretch in which both are known. */
function band(line, name, low, high, fill, opacity) {
  const width = line.span_s / line.buckets;
  const stretches = [];
  let open = null;
  low.forEach((value, at) => {
    if (value === null || high[at] === null) {
      open = null;
      return;
    }
    if (open === null)
      stretches.push(open = []);
    open.push([(at + 0.5) * width, value, high[at]]);
  });
  return {
    type: "custom", name, silent: true, z: 1, clip: true,
    itemStyle: {color: fill, opacity}, encode: {x: [0, 1], y: [2, 3]},
    data: stretches.map((points) => [points[0][0], points.at(-1)[0],
      Math.min(...points.map((one) => one[1])),
      Math.max(...points.map((one) => one[2]))]),
    renderItem(params, api) {
      const points = stretches[params.dataIndex];
      return {type: "polygon", style: {fill, opacity}, shape: {points: [
        ...points.map(([x, , y]) => api.coord([x, y])),
        ...points.map(([x, y]) => api.coord([x, y])).reverse()]}};
    },
  };
}

function plain(line, name, values, at, more) {
  return {type: "line", symbol: "none", name, data: points(line, values), z: 3,
    itemStyle: {color: colour(at)},
    lineStyle: {width: 1.5, type: LINES[at % LINES.length]}, ...more};
}

function nodeSeries(line, node) {
  const mine = line.series.filter((one) => one.node_index === node);
  const domains = mine.filter((one) => one.domain !== undefined);
  const series = [];
  /* The sum of one domain is that domain. */
  const alone = domains.filter((one) => one.summed).length === 1;
  const first = alone ? 0 : 1;
  mine.filter((one) => one.domain === undefined && !alone).forEach((one) =>
    series.push(plain(line, say("node_sum"), one.mean_w, 0,
      {lineStyle: {width: 2.5}})));
  domains.forEach((one, at) => {
    const name = `${one.source} ${one.domain}` +
      (one.summed ? "" : ` (${say("not_summed")})`);
    series.push(plain(line, name, one.mean_w, at + first));
    if (domains.length <= 4)
      series.push(band(line, `${name}, ${say("least_to_most")}`,
        one.least_w, one.most_w, colour(at + first), 0.25));
  });
  return series;
}

function timelineSeries(line) {
  const all = line.all;
  if (view === "total")
    return [plain(line, say("sum_of_nodes"), all.total_w, 0)];
  if (view !== "spread")
    return nodeSeries(line, Number(view));
  return [
    plain(line, say("median"), all.median_w, 0, {lineStyle: {width: 2}}),
    band(line, say("quartiles"), all.q1_w, all.q3_w, colour(0), 0.35),
    band(line, say("least_to_most"), all.least_w, all.most_w, colour(0),
      0.15),
  ];
}

function phaseAreas(line) {
  const seen = new Set();
  return line.phases.map((phase) => {
    const idle = phase.case < 0;
    const first = !idle && !seen.has(phase.case);
    seen.add(phase.case);
    return [{xAxis: phase.begin_s,
      itemStyle: {color: idle ? ink().dim : colour(phase.case),
        opacity: idle ? 0.12 : 0.16},
      label: {show: first, position: "insideTop", color: ink().text,
        fontSize: 11, formatter: String(phase.case + 1)}},
    {xAxis: phase.end_s}];
  });
}

function phaseAt(line, at) {
  const phase = line.phases.find(
    (one) => one.begin_s <= at && at <= one.end_s);
  if (phase === undefined)
    return "";
  return phase.case < 0 ? say("idle")
    : `${phase.case + 1}. ${result.cases[phase.case] || ""}`;
}

function timelineTold(line, items) {
  if (items.length === 0)
    return "";
  const at = items[0].value[0];
  const known = items.filter((item) => item.seriesType === "line" &&
    item.value[1] !== null);
  return [`${at.toFixed(2)} s  ${phaseAt(line, at)}`,
    ...known.map((item) => `${item.seriesName}: ${quantity(item.value[1],
      "W")}`)].join("\n");
}

function zoomBy(chart, inward, shift) {
  const zoom = chart.getOption().dataZoom[0];
  const middle = (zoom.start + zoom.end) / 2;
  const half = Math.min(50, Math.max(0.25, (zoom.end - zoom.start) / 2 *
    inward));
  const centre = Math.min(100 - half, Math.max(half, middle + shift * half));
  chart.dispatchAction({type: "dataZoom", start: centre - half,
    end: centre + half});
}

charts.timeline = {
  height: () => 440,
  option() {
    const line = timelines()[launch];
    if (line === undefined)
      return null;
    if (view === null || !views(line).some(([value]) => value === view))
      view = views(line)[0][0];
    const series = timelineSeries(line);
    return {
      legend: {data: series.map((one) => one.name)},
      grid: {left: 66, right: 20, top: 44, bottom: 92},
      tooltip: {trigger: "axis",
        formatter: (items) => timelineTold(line, items)},
      xAxis: axis({type: "value", min: 0, max: line.span_s, nameGap: 26,
        name: say("seconds"), axisLabel: {showMaxLabel: false, formatter: (value) =>
          String(Number(value.toPrecision(6)))}}),
      yAxis: axis({type: "value", min: 0, name: say("power"), nameGap: 48,
        axisLabel: {formatter: (value) => quantity(value, "W", 3)}}),
      dataZoom: [{type: "slider", filterMode: "none", bottom: 12, height: 26,
        textStyle: {color: ink().dim}, labelFormatter: (value) =>
          `${Number(value).toFixed(1)} s`},
      {type: "inside", filterMode: "none", zoomOnMouseWheel: "ctrl",
        moveOnMouseWheel: false, moveOnMouseMove: "shift",
        preventDefaultMouseMove: false}],
      series: [...series, {type: "line", name: "phases", data: [],
        silent: true, markArea: {silent: true, data: phaseAreas(line)}}],
    };
  },
  controls(box, redraw, chart) {
    const line = timelines()[launch];
    if (timelines().length > 1)
      addSelect(box, "launch", timelines().map((one, at) =>
        [at, String(one.launch)]), 0,
      (at) => { launch = Number(at); redraw(); });
    if (views(line).length > 1)
      addSelect(box, "view", views(line), view,
        (chosen) => { view = chosen; redraw(); });
    addButton(box, "zoom_in", () => zoomBy(chart(), 0.5, 0));
    addButton(box, "zoom_out", () => zoomBy(chart(), 2, 0));
    addButton(box, "earlier", () => zoomBy(chart(), 1, -1));
    addButton(box, "later", () => zoomBy(chart(), 1, 1));
    addButton(box, "whole_run", () => chart().dispatchAction(
      {type: "dataZoom", start: 0, end: 100}));
  },
};
