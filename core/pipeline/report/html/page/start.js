/* SPDX-License-Identifier: Apache-2.0 */
/* Put the page together: contents, language, charts, print. */

function addContents() {
  const list = make("ul");
  for (const section of document.querySelectorAll("main > section")) {
    const title = section.querySelector("h2");
    const link = make("a", title.textContent);
    link.href = "#" + section.id;
    Object.assign(link.dataset, title.dataset);
    const item = make("li");
    item.append(link);
    list.append(item);
  }
  document.getElementById("nav").append(list);
}

function addLanguage() {
  const button = document.getElementById("language");
  button.hidden = false;
  button.addEventListener("click", () => {
    language = language === "en" ? "zh" : "en";
    showLanguage();
    drawn().forEach(draw);
  });
}

function addPrint() {
  const folds = [...document.querySelectorAll("details")];
  let open = [];
  window.addEventListener("beforeprint", () => {
    open = folds.map((fold) => fold.open);
    folds.forEach((fold) => { fold.open = true; });
    printing = true;
    drawn().forEach(draw);
  });
  window.addEventListener("afterprint", () => {
    folds.forEach((fold, at) => { fold.open = open[at]; });
    printing = false;
    drawn().forEach(draw);
  });
}

/* One chart at a time, so that the page answers in between. */
function drawAll(names) {
  if (names.length === 0) {
    performance.mark("greenbench-drawn");
    return;
  }
  draw(names[0]);
  setTimeout(() => drawAll(names.slice(1)), 0);
}

addContents();
addLanguage();
showLanguage();
addPrint();
performance.mark("greenbench-usable");
if (typeof echarts !== "undefined") {
  const all = [...document.querySelectorAll("[data-chart]")]
    .map((element) => element.dataset.chart);
  setTimeout(() => drawAll(all), 0);
  let width = window.innerWidth;
  window.addEventListener("resize", () => {
    if (window.innerWidth === width)
      return;
    width = window.innerWidth;
    drawn().forEach(draw);
  });
  window.matchMedia("(prefers-color-scheme: dark)")
    .addEventListener("change", () => drawn().forEach(draw));
}
