"use strict";
// Sorting and filters. Without this script the page has all of its content.
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0], rows = [...body.rows];
  if (rows.length < 2) continue;
  const heads = [...table.tHead.rows[0].cells], region = table.parentElement;
  const name = region.getAttribute("aria-label");
  const key = (row, column) => {
    const text = row.cells[column].textContent.trim();
    const number = Number(text.split(" ")[0].replace(/,/g, "").replace("−", "-"));
    return heads[column].classList.contains("n") ? (isNaN(number) ? -Infinity : number) : text;
  };
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      // the order of the page, then ascending, then descending; numbers the other way round
      const [first, second] = head.classList.contains("n") ? ["descending", "ascending"] : ["ascending", "descending"];
      const now = head.getAttribute("aria-sort");
      const next = now === null ? first : now === first ? second : null;
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      const sorted = [...rows];
      if (next) {
        head.setAttribute("aria-sort", next);
        const sign = next === "ascending" ? 1 : -1;
        const keys = new Map(rows.map((row) => [row, key(row, column)]));
        sorted.sort((a, b) => {
          const [x, y] = [keys.get(a), keys.get(b)];
          return sign * (x < y ? -1 : x > y ? 1 : 0);
        });
      }
      body.append(...sorted);
    });
  });
  if (rows.length < 10) continue;
  const label = document.createElement("label"), input = document.createElement("input");
  const status = document.createElement("span");
  label.className = "filter";
  input.type = "search";
  input.autocomplete = "off";
  status.setAttribute("role", "status");
  label.append("Filter ", input, status);
  input.setAttribute("aria-label", "Filter: " + name);
  region.before(label);
  const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/);
    let shown = 0;
    for (const row of rows) {
      row.hidden = !words.every((word) => texts.get(row).includes(word));
      shown += row.hidden ? 0 : 1;
    }
    status.textContent = input.value ? ` ${shown} of ${rows.length} rows` : "";
  });
}
