"use strict";

// Draws the figures that a page carries with the library named beside them, once the page itself is to be
// seen. Colours are written in a figure as properties of the style sheet: their values are put in here, those
// of the theme on the screen and the light ones on paper.
(function () {
  const boxes = [...document.querySelectorAll("[data-figure]")];
  const root = document.documentElement;
  const source = document.querySelector("script[data-library]").dataset.library;
  // Width and height on paper, by kind: the style sheet scales them to the column they stand in.
  const PAPER = { history: [690, 290], timeline: [690, 190], forest: [300, 240], square: [240, 240], low: [190, 140] };
  const SETTINGS = { displayModeBar: false, responsive: true, doubleClick: false, showTips: false, scrollZoom: false };

  const coloured = (part, style) => {
    if (typeof part === "string") {
      const named = /^var\((--[a-z0-9-]+)\)$/.exec(part);
      return named ? style.getPropertyValue(named[1]).trim() : part;
    }
    if (Array.isArray(part)) return part.map((one) => coloured(one, style));
    if (part === null || typeof part !== "object") return part;
    return Object.fromEntries(Object.entries(part).map(([name, one]) => [name, coloured(one, style)]));
  };

  const draw = (box, size) => {
    const figure = coloured(JSON.parse(box.dataset.figure), getComputedStyle(root));
    figure.layout.font.family = getComputedStyle(document.body).fontFamily;
    figure.layout.autosize = true;
    if (size) [figure.layout.width, figure.layout.height] = size;
    window.Plotly.react(box, figure.data, figure.layout, SETTINGS);
    for (const svg of box.querySelectorAll("svg.main-svg")) {
      svg.setAttribute("viewBox", `0 0 ${svg.getAttribute("width")} ${svg.getAttribute("height")}`);
    }
    if (box.dataset.links && box.dataset.state !== "drawn") {
      const links = document.querySelectorAll(`#${box.dataset.links} tbody a`);
      box.on("plotly_click", (event) => location.assign(links[event.points[0].x].href));
    }
    box.dataset.state = "drawn";
  };

  const done = () => { root.dataset.charts = "drawn"; };
  const next = (left) => {
    if (left.length === 0) return done();
    if (left[0].dataset.state !== "drawn") draw(left[0]);
    return requestIdleCallback(() => next(left.slice(1)), { timeout: 200 });
  };
  const all = (paper) => boxes.forEach((box) => draw(box, paper && PAPER[box.dataset.kind]));

  const begin = () => {
    const library = document.createElement("script");
    library.src = source;
    library.addEventListener("load", () => {
      next(boxes);
      matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => all());
      window.addEventListener("beforeprint", () => {
        const chosen = root.dataset.theme;
        root.dataset.theme = "light";
        all(true);
        root.dataset.theme = chosen;
      });
      window.addEventListener("afterprint", () => all());
    });
    library.addEventListener("error", () => {
      for (const box of boxes) box.textContent = box.dataset.failed;
      done();
    });
    document.head.append(library);
  };
  const soon = () => requestAnimationFrame(() => setTimeout(begin, 0));
  if (document.readyState === "complete") soon();
  else window.addEventListener("load", soon);
})();
