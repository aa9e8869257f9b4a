"use strict";
// The table and the graph light up together, and a tangent's point can be moved. Without this script nothing is missing.
(() => {
  const pairs = new Map();
  for (const element of document.querySelectorAll("[data-quantity]")) {
    const key = element.dataset.quantity;
    pairs.set(key, [...(pairs.get(key) || []), element]);
  }
  const light = (key) => {
    for (const [other, elements] of pairs) {
      for (const element of elements) element.classList.toggle("lit", other === key);
    }
  };
  for (const [key, elements] of pairs) {
    for (const element of elements) {
      element.addEventListener("mouseenter", () => light(key));
      element.addEventListener("focusin", () => light(key));
      element.addEventListener("mouseleave", () => light(null));
    }
  }
  const rows = [...document.querySelectorAll(".trace tbody tr")];
  for (const [place, row] of rows.entries()) {
    row.tabIndex = 0;
    row.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step === undefined || event.target !== row) return;
      const next = rows[place + step];
      if (next) { next.focus(); event.preventDefault(); }
    });
  }
  const opened = () => {
    const target = location.hash && document.getElementById(location.hash.slice(1));
    if (target && target.tagName === "DETAILS") target.open = true;
  };
  addEventListener("hashchange", opened);
  opened();

  const short = (value) => Number(value.toPrecision(5)).toString();
  for (const figure of document.querySelectorAll(".tangent")) {
    const samples = figure.dataset.samples.split(" ").map((pair) => pair.split(",").map(Number));
    const svg = figure.querySelector("svg");
    const frame = svg.querySelector(".frame");
    const width = Number(frame.getAttribute("width"));
    const height = Number(frame.getAttribute("height"));
    const moved = svg.querySelector(".moved");
    const readout = figure.querySelector(".readout");
    const xs = samples.map((one) => one[0]);
    const ys = samples.map((one) => one[1]);
    const margin = 0.12 * (Math.max(...ys) - Math.min(...ys)) || Math.max(Math.abs(Math.max(...ys)), 1) * 0.5;
    const [left, right] = [xs[0], xs[xs.length - 1]];
    const [low, high] = [Math.min(...ys) - margin, Math.max(...ys) + margin];
    const at = (x, y) => [((x - left) / (right - left)) * width, ((high - y) / (high - low)) * height];
    const nearest = (x) => xs.reduce((best, one, k) => (Math.abs(one - x) < Math.abs(xs[best] - x) ? k : best), 0);
    let place = nearest(Number(figure.dataset.x));
    const show = () => {
      const before = samples[Math.max(place - 1, 0)];
      const after = samples[Math.min(place + 1, samples.length - 1)];
      const [x, y] = samples[place];
      const slope = (after[1] - before[1]) / (after[0] - before[0]);
      const reach = (right - left) / 8;
      const [x0, y0] = at(x - reach, y - slope * reach);
      const [x1, y1] = at(x + reach, y + slope * reach);
      const [cx, cy] = at(x, y);
      moved.setAttribute("visibility", "visible");
      moved.querySelector("path").setAttribute("d", `M${x0},${y0}L${x1},${y1}`);
      moved.querySelector("circle").setAttribute("cx", cx);
      moved.querySelector("circle").setAttribute("cy", cy);
      readout.hidden = false;
      readout.textContent =
        `${figure.dataset.by} = ${short(x)}: ${figure.dataset.of} = ${short(y)}, slope ${short(slope)}`;
    };
    const drag = (event) => {
      const box = svg.getBoundingClientRect();
      const view = svg.viewBox.baseVal;
      const inside = ((event.clientX - box.left) / box.width) * view.width + view.x;
      place = nearest(left + (inside / width) * (right - left));
      show();
    };
    svg.addEventListener("pointerdown", (event) => { svg.setPointerCapture(event.pointerId); drag(event); });
    svg.addEventListener("pointermove", (event) => { if (event.buttons) drag(event); });
    svg.setAttribute("tabindex", "0");
    svg.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 2, ArrowLeft: -2 }[event.key];
      if (step === undefined) return;
      place = Math.min(Math.max(place + step, 0), samples.length - 1);
      show();
      event.preventDefault();
    });
  }
})();
