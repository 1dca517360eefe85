"use strict";
// A chart is read point by point, by arrow keys, mouse or finger. The numbers are those of the table in its section.
(() => {
  const fill = (text, cells) => text.replace(/\{(\d)\}/g, (_, at) => cells[at]);

  function sentence(row, heads, says) {
    const cells = [...row.cells].map((cell) => cell.textContent.trim());
    const silent = row.cells[1].colSpan > 1;
    const own = fill(silent ? says.none : /^[1၁]$/.test(cells[4]) ? says.one : says.many, cells);
    const beside = cells.slice(silent ? 2 : 5).map((price, at) => `${heads[5 + at].textContent} ${price}`);
    return [own, ...beside].join(" · ");
  }

  // choose: from the number of points and the one that the cursor is at, to the one that it goes to.
  function move(event, choose) {
    const chart = event.target.closest?.("svg.chart");
    const section = chart?.closest("section");
    const rows = section ? [...section.querySelectorAll("tbody tr")].reverse() : [];
    if (!rows.length) return;
    const last = rows.length - 1;
    const { oldest, newest, at = last } = chart.dataset;
    const next = Math.max(0, Math.min(last, choose(last, +at, +oldest, newest - oldest)));
    const line = chart.querySelector(".cursor");
    const x = `${+oldest + (next / (last || 1)) * (newest - oldest)}%`;
    line.setAttribute("x1", x);
    line.setAttribute("x2", x);
    line.setAttribute("visibility", "visible");
    chart.dataset.at = next;
    const says = section.querySelector(".readout");
    const text = sentence(rows[next], section.querySelectorAll("thead th"), says.dataset);
    if (says.textContent !== text) says.textContent = text;
  }

  function point(event) {
    move(event, (last, at, oldest, width) => {
      const box = event.target.closest("svg.chart").getBoundingClientRect();
      return Math.round((((event.clientX - box.left) / box.width) * 100 - oldest) / (width || 1) * last);
    });
  }

  const KEYS = { ArrowLeft: (_, at) => at - 1, ArrowRight: (_, at) => at + 1, Home: () => 0, End: (last) => last };
  document.addEventListener("keydown", (event) => {
    if (!KEYS[event.key] || event.altKey || event.ctrlKey || event.metaKey || !event.target.matches("svg.chart")) return;
    event.preventDefault();
    move(event, KEYS[event.key]);
  });
  document.addEventListener("pointermove", point);
  document.addEventListener("pointerdown", point);
})();
