"use strict";

// Everything works without this file; it shows figures beside the map, sends a choice made by pointer at once, and waits for
// reasons that are being worked out.
(function () {
  const facts = document.getElementById("facts");
  if (facts) {
    const outline = document.querySelectorAll(".map .halo, .map .ring");
    const show = (event) => {
      const from = event.target.closest("[data-facts]");
      if (from) facts.textContent = from.dataset.facts;
      // What is drawn last is covered by no neighbour.
      const place = event.target.closest(".map a") || document.activeElement.closest(".map a");
      const shapes = place ? [...place.querySelectorAll("path, circle")] : [];
      for (const part of outline) part.replaceChildren(...shapes.map((shape) => shape.cloneNode()));
    };
    document.addEventListener("mouseover", show);
    document.addEventListener("focusin", show);
  }

  for (const chosen of document.querySelectorAll("[data-submit]")) {
    // The arrow keys walk through a list: what they pass on the way is not chosen yet.
    let pointed = false;
    chosen.addEventListener("pointerdown", () => { pointed = true; });
    chosen.addEventListener("keydown", () => { pointed = false; });
    chosen.addEventListener("change", () => { if (pointed) chosen.form.submit(); });
  }

  const reasons = document.getElementById("reasons");
  const waiting = () => reasons && reasons.querySelector("[data-state=waiting]");
  // The server says itself when it gives up; a minute without any answer says that it is gone.
  const ask = async (missed) => {
    if (!waiting()) return;
    if (missed === 30) {
      reasons.textContent = reasons.dataset.failed;
      return;
    }
    let answered = false;
    try {
      const answer = await fetch(reasons.dataset.url, { headers: { Accept: "text/html" } });
      if (answer.ok) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        reasons.replaceChildren(...page.body.childNodes);
        answered = true;
      }
    } catch (error) {
      // The server may have been stopped; the next try will tell.
    }
    setTimeout(ask, 2000, answered ? 0 : missed + 1);
  };
  ask(0);

  const slider = document.getElementById("month-slider");
  if (slider) {
    const labels = JSON.parse(slider.dataset.months);
    const shown = document.getElementById("month-shown");
    if (window.location.hash === `#${slider.id}`) slider.focus();
    slider.addEventListener("input", () => {
      shown.textContent = labels[slider.value];
      slider.setAttribute("aria-valuetext", labels[slider.value]);
    });
    slider.addEventListener("change", () => {
      const url = new URL(window.location.href);
      url.searchParams.set("month", labels[slider.value]);
      url.hash = slider.id;
      window.location.assign(url);
    });
  }
})();
