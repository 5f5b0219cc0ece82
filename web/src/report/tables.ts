/** Tables: that of all numbers, and those below the figures. */

import { bestOf, headlines } from "./best";
import type { ColumnData, ReportData } from "./data";
import { html } from "./make";
import type { ShownSystems } from "./shown_systems";
import { arrow, capitalised, direction, shown, shownInterval } from "./words";

/** Numbers by systems: the first one of each metric, and the others on demand. */
export function numbersTable(data: ReportData, systems: ShownSystems): HTMLElement {
  const first = headlines(data);
  const head = html("tr", {}, html("td"), ...data.systems.map(({ name, kind }) => headCell(name, kind, systems)));
  const body = html("tbody");
  let group = "";
  for (const column of data.columns) {
    const found = data.metrics[column.metric]?.group ?? "";
    if (found !== group) {
      group = found;
      const isExtra = !data.columns.some((one) => first.has(one.key) && data.metrics[one.metric]?.group === group);
      const cell = html("th", { scope: "rowgroup", colspan: data.systems.length + 1 }, capitalised(group));
      body.append(html("tr", { class: isExtra ? "group extra" : "group" }, cell));
    }
    body.append(row(data, column, !first.has(column.key)));
  }
  const table = html("table", { class: "numbers" }, html("thead", {}, head), body);
  const button = html("button", { type: "button", class: "text", "aria-expanded": "false" });
  const update = () => {
    const isWhole = table.classList.contains("whole");
    button.textContent = isWhole ? "Show the main numbers" : `Show all ${data.columns.length} numbers`;
    button.setAttribute("aria-expanded", String(isWhole));
  };
  button.addEventListener("click", () => {
    table.classList.toggle("whole");
    update();
  });
  update();
  return html("div", {}, scrolled("All numbers", table), first.size < data.columns.length && button);
}

function headCell(name: string, kind: string, systems: ShownSystems): HTMLElement {
  const dot = html("span", { class: "dot", "data-hue": systems.hue(name) });
  return html("th", { scope: "col", class: kind === "data" ? "is-data" : "" }, dot, name);
}

function row(data: ReportData, column: ColumnData, isExtra: boolean): HTMLElement {
  const best = bestOf(data, column);
  const sign = html("span", { class: "sign", title: direction(column.better), "aria-hidden": "true" });
  sign.textContent = arrow(column.better);
  const said = html("span", { class: "unseen" }, direction(column.better));
  const cells = data.systems.map(({ name, kind }) => {
    const found = data.values[name]?.[column.key];
    const value = html("b", {}, shown(found?.[0]));
    const interval = found && shownInterval(found);
    const classes = [kind === "data" ? "is-data" : "", best.has(name) ? "best" : ""].join(" ").trim();
    return html("td", { class: classes }, value, interval && html("small", {}, interval));
  });
  const title = html("th", { scope: "row" }, column.title, " ", sign, said);
  return html("tr", { class: isExtra ? "extra" : "" }, title, ...cells);
}

/** What a figure shows, folded away. */
export function figureTable(caption: string, head: string[], rows: (string | number | null)[][]): HTMLElement {
  const cell = (value: string | number | null) => (typeof value === "string" ? value : shown(value));
  const lines = rows.map(([first, ...others]) =>
    html(
      "tr",
      {},
      html("th", { scope: "row" }, cell(first ?? null)),
      ...others.map((one) => html("td", {}, cell(one))),
    ),
  );
  const names = html("tr", {}, ...head.map((name) => html("th", { scope: "col" }, name)));
  const table = html("table", {}, html("thead", {}, names), html("tbody", {}, ...lines));
  return html("details", { class: "data" }, html("summary", {}, "As a table"), scrolled(caption, table));
}

function scrolled(name: string, table: HTMLTableElement): HTMLElement {
  return html("div", { class: "scrolled", tabindex: 0, role: "region", "aria-label": name }, table);
}
