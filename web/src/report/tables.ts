/** Tables: that of all numbers, and those below the figures. */

import { bestOf, headlines } from "./best";
import type { ColumnData, ReportData } from "./data";
import { html } from "./make";
import type { ShownSystems } from "./shown_systems";
import { anchor, arrow, capitalised, direction, explained, firstSentence, shown, shownInterval } from "./words";

/** What a table of numbers shows. */
interface NumbersTable {
  name: string;
  head: HTMLElement;
  /** The cells of a number. */
  row: (column: ColumnData) => HTMLElement[];
}

/** Numbers by systems. */
export function valuesTable(data: ReportData, systems: ShownSystems): HTMLElement {
  const head = html("tr", {}, html("td"), ...data.systems.map(({ name, kind }) => headCell(name, kind, systems)));
  const row = (column: ColumnData) => [rowHead(data, column), ...valueCells(data, column)];
  return numbersTable(data, data.columns, { name: "All numbers", head, row });
}

/** Section by section: the first number of each metric, and the others on demand. */
export function numbersTable(data: ReportData, columns: ColumnData[], { name, head, row }: NumbersTable): HTMLElement {
  const first = headlines(data);
  const groupOf = (column: ColumnData) => data.metrics[column.metric]?.group ?? "";
  const body = html("tbody");
  let group = "";
  for (const column of columns) {
    if (groupOf(column) !== group) {
      group = groupOf(column);
      const isExtra = !columns.some((one) => first.has(one.key) && groupOf(one) === group);
      const cell = html("th", { scope: "rowgroup", colspan: head.childElementCount }, capitalised(group));
      body.append(html("tr", { class: isExtra ? "group extra" : "group" }, cell));
    }
    body.append(html("tr", { class: first.has(column.key) ? "" : "extra" }, ...row(column)));
  }
  const table = html("table", { class: "numbers" }, html("thead", {}, head), body);
  const button = html("button", { type: "button", class: "text", "aria-expanded": "false" });
  const update = () => {
    const isWhole = table.classList.contains("whole");
    button.textContent = isWhole ? "Show the main numbers" : `Show all ${columns.length} numbers`;
    button.setAttribute("aria-expanded", String(isWhole));
  };
  button.addEventListener("click", () => {
    table.classList.toggle("whole");
    update();
  });
  update();
  return html("div", {}, scrolled(name, table), columns.some((column) => !first.has(column.key)) && button);
}

export function headCell(name: string, kind: string, systems: ShownSystems): HTMLElement {
  const dot = html("span", { class: "dot", "data-hue": systems.hue(name) });
  return html("th", { scope: "col", class: kind === "data" ? "is-data" : "" }, dot, name);
}

/** The title of a number, which leads to its definition. */
export function rowHead(data: ReportData, column: ColumnData): HTMLElement {
  const said = direction(column.better);
  const sign = html("span", { class: "sign", title: said, "aria-hidden": "true" }, arrow(column.better));
  const about = firstSentence(data.metrics[column.metric]?.text ?? "").first.replaceAll("`", "");
  const link = html("a", { href: `#${anchor(column.metric)}`, title: about }, column.title);
  return html("th", { scope: "row" }, link, " ", sign, html("span", { class: "unseen" }, said));
}

function valueCells(data: ReportData, column: ColumnData): HTMLElement[] {
  const best = bestOf(data, column);
  return data.systems.map(({ name, kind }) => {
    const found = data.values[name]?.[column.key];
    const value = html("b", {}, shown(found?.[0]));
    const interval = found && html("small", {}, shownInterval(found));
    const classes = [kind === "data" ? "is-data" : "", best.has(name) ? "best" : ""].join(" ").trim();
    return html("td", { class: classes, title: found ? explained(found) : "" }, value, interval);
  });
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
