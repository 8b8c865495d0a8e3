/* SPDX-License-Identifier: Apache-2.0 */
/* What all charts share. charts[name] = {height(), option(), controls(box)?};
 * an option of null means that there is nothing to draw. */

const charts = {};
const instances = {};
let printing = false;

const isDark = () => !printing &&
  window.matchMedia("(prefers-color-scheme: dark)").matches;

/* Okabe and Ito: told apart with any colour vision; each has a symbol and a
 * kind of line of its own besides. */
const COLOURS = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9",
  "#D55E00", "#8C8C8C", "#B8A800"];
const DARK_COLOURS = ["#4BA3DB", "#E69F00", "#1EC296", "#DD94BC", "#8FD0F5",
  "#F0803C", "#A8A8A8", "#F0E442"];
const SYMBOLS = ["circle", "rect", "triangle", "diamond", "roundRect", "pin",
  "arrow"];
const LINES = ["solid", "dashed", "dotted", [8, 3, 2, 3]];

const colour = (at) =>
  (isDark() ? DARK_COLOURS : COLOURS)[at % COLOURS.length];
const ink = () => isDark()
  ? {text: "#e6edf3", dim: "#9aa7b4", line: "#36414d", ground: "#11161c"}
  : {text: "#1b1f23", dim: "#57606a", line: "#d0d7de", ground: "#ffffff"};

const isNarrow = () => document.documentElement.clientWidth < 600;

/* Tooltips are drawn, not made of markup: the page forbids inline styles, and
 * a host name cannot become an element. */
function common(option) {
  const {text, dim, line, ground} = ink();
  return {
    animation: false,
    textStyle: {color: text, fontFamily: getComputedStyle(document.body)
      .fontFamily},
    color: Array.from(COLOURS, (_, at) => colour(at)),
    tooltip: {renderMode: "richText", confine: true, backgroundColor: ground,
      borderColor: line, textStyle: {color: text, fontSize: 12},
      ...option.tooltip},
    aria: {enabled: true, label: {enabled: false}, ...option.aria},
    ...Object.fromEntries(Object.entries(option).filter(
      ([key]) => key !== "tooltip" && key !== "aria")),
    legend: option.legend && {textStyle: {color: text}, type: "scroll", top: 0,
      pageTextStyle: {color: dim}, pageIconColor: dim, ...option.legend},
  };
}

function axis(more) {
  const {text, dim, line} = ink();
  return {
    nameTextStyle: {color: dim}, nameLocation: "middle",
    axisLine: {lineStyle: {color: dim}}, axisTick: {lineStyle: {color: dim}},
    splitLine: {lineStyle: {color: line}},
    ...more,
    axisLabel: {color: text, hideOverlap: true, ...more.axisLabel},
  };
}

/* The names of benchmarks, from top to bottom; what is too long for its place
 * loses its middle, because parameters stand at the end. */
function names(labels, more) {
  const most = isNarrow() ? 36 : 44;
  const formatter = (label) => label.length <= most ? label
    : label.slice(0, most / 2 - 1) + "…" + label.slice(1 - most / 2);
  return axis({type: "category", data: labels, inverse: true,
    axisTick: {show: false}, ...more,
    axisLabel: isNarrow()
      ? {formatter, width: 112, overflow: "break", fontSize: 10,
        lineHeight: 11, interval: 0, hideOverlap: false}
      : {formatter, width: 262, overflow: "truncate", interval: 0,
        hideOverlap: false}});
}
const namesWidth = () => isNarrow() ? 120 : 275;

/* An interval as a line with caps; data: [middle, low, high, row]. */
function intervals(data, more) {
  return {
    type: "custom", silent: true, z: 5, data,
    encode: {x: [1, 2], y: 3},
    renderItem(_, api) {
      const low = api.coord([api.value(1), api.value(3)]);
      const high = api.coord([api.value(2), api.value(3)]);
      const style = {stroke: ink().text, lineWidth: 1.5, fill: null};
      const line = (x1, y1, x2, y2) =>
        ({type: "line", shape: {x1, y1, x2, y2}, style});
      return {type: "group", children: [
        line(low[0], low[1], high[0], high[1]),
        line(low[0], low[1] - 4, low[0], low[1] + 4),
        line(high[0], high[1] - 4, high[0], high[1] + 4)]};
    },
    ...more,
  };
}

/* --- controls ------------------------------------------------------------- */

function addSelect(box, key, options, chosen, changed) {
  const label = make("label");
  const name = make("span", say(key));
  name.dataset.t = key;
  const select = make("select");
  options.forEach(([value, text, textKey]) => {
    const option = make("option", textKey ? say(textKey) : text);
    option.value = value;
    if (textKey)
      option.dataset.t = textKey;
    select.append(option);
  });
  select.value = chosen;
  select.addEventListener("change", () => changed(select.value));
  label.append(name, select);
  box.append(label);
}

function addButton(box, key, pressed) {
  const button = make("button", say(key));
  button.type = "button";
  button.dataset.t = key;
  button.addEventListener("click", pressed);
  box.append(button);
}

/* --- drawing -------------------------------------------------------------- */

function definitionOf(name) {
  const [kind, at] = name.split("-");
  return at === undefined ? charts[kind] : charts[kind](Number(at));
}

const definitions = {};

function draw(name) {
  const element = document.getElementById("chart-" + name);
  const chart = definitions[name] || (definitions[name] = definitionOf(name));
  const wasHidden = element.hidden;
  element.hidden = false;
  const option = chart.option();
  if (option === null) {
    element.hidden = true;
    return;
  }
  element.style.height = chart.height() + "px";
  if (!instances[name])
    instances[name] = echarts.init(element, null, {renderer: "canvas"});
  else
    instances[name].resize();
  instances[name].setOption(common(option), {notMerge: true});
  if (wasHidden) {
    const table = element.parentElement.querySelector("details");
    if (table)
      table.open = false;
    const box = document.querySelector(`[data-controls="${name}"]`);
    if (chart.controls && box.childElementCount === 0)
      chart.controls(box, () => draw(name), () => instances[name]);
  }
}

const drawn = () => Object.keys(instances);
