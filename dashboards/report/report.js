// Comfort only: everything that must be read stands in the page without it.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const root = document.documentElement;
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];

  // Light or dark: as the system says, until the reader says otherwise.
  const button = document.getElementById("theme");
  const system = matchMedia("(prefers-color-scheme: dark)");
  const dark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
  const name = () => { button.textContent = dark() ? "Light" : "Dark"; };
  button.hidden = false;
  button.addEventListener("click", () => { root.dataset.theme = dark() ? "light" : "dark"; name(); });
  system.addEventListener("change", name);
  name();

  // The figures of a day, under the pointer.
  const tip = document.getElementById("tip");
  const hide = (svg) => { tip.hidden = true; svg.querySelector(".hair").classList.remove("on"); };
  for (const svg of all("svg.lines")) {
    const { left, right } = svg.dataset;
    svg.addEventListener("pointermove", (event) => {
      const box = svg.getBoundingClientRect();
      const x = (event.clientX - box.left) * svg.viewBox.baseVal.width / box.width;
      const day = Math.floor((x - left) / (right - left) * data.days.length);
      if (day < 0 || day >= data.days.length || event.target.closest("a")) { hide(svg); return; }
      const rows = data.lines.filter((line) => line.values[day] !== null);
      tip.textContent = [data.days[day], ...rows.map((line) => `${line.values[day].toFixed(4)}  ${line.name}`)].join("\n");
      tip.hidden = false;
      tip.style.top = `${Math.max(event.clientY - tip.offsetHeight - 12, 4)}px`;
      tip.style.left = `${Math.min(Math.max(event.clientX + 14, 4), innerWidth - tip.offsetWidth - 8)}px`;
      const hair = svg.querySelector(".hair");
      hair.setAttribute("x1", x); hair.setAttribute("x2", x); hair.classList.add("on");
    });
    svg.addEventListener("pointerleave", () => hide(svg));
  }

  // A cell of the heat map leads to the distributions of its window.
  const HEIGHT = 150, TOP = 8;
  const percent = (share) => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
  function draw(svg, field, counts) {
    const total = counts.reduce((sum, each) => sum + each, 0) || 1;
    const shares = counts.map((each) => each / total);
    const most = Math.max(...field.reference, ...shares, 0.01);
    const y = (share) => HEIGHT - share / (most * 1.05) * (HEIGHT - TOP);
    const put = (rect, share) => { rect.setAttribute("y", y(share)); rect.setAttribute("height", HEIGHT - y(share)); };
    all("rect.was", svg).forEach((rect, i) => put(rect, field.reference[i]));
    all("rect.now", svg).forEach((rect, i) => put(rect, shares[i]));
    all("rect.hit title", svg).forEach((title, i) => {
      title.textContent = `${field.names[i]}: reference ${percent(field.reference[i])}, window ${percent(shares[i])}`;
    });
    const lines = all("line.grid", svg), words = all("text.share", svg);
    lines.forEach((line, i) => {
      const share = most * i / Math.max(lines.length - 1, 1);
      line.setAttribute("y1", y(share)); line.setAttribute("y2", y(share));
      words[i].setAttribute("y", y(share) + 4); words[i].textContent = percent(share);
    });
  }
  for (const svg of all("svg.heat")) {
    svg.addEventListener("click", (event) => {
      const cell = event.target.closest("rect[data-j]");
      if (!cell) return;
      const place = Number(cell.dataset.i), column = Number(cell.dataset.j), field = data.fields[place];
      const figure = document.getElementById(`field-${place}`);
      all("rect.picked").forEach((each) => each.classList.remove("picked"));
      cell.classList.add("picked");
      const chart = figure.querySelector("svg.pair");
      if (chart && field.columns[column].length) {
        draw(chart, field, field.columns[column]);
        figure.querySelector(".when").textContent = field.captions[column];
      }
      location.hash = `field-${place}`;
    });
  }
})();
