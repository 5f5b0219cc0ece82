/** By how much systems differ from one of them on the same recordings. */

import { differenceOf, verdict } from "./best";
import type { ColumnData, ReportData } from "./data";
import { html } from "./make";
import type { ShownSystems } from "./shown_systems";
import { headCell, numbersTable, rowHead } from "./tables";
import { explained, shownInterval, signed } from "./words";

/** Null where fewer than two systems can be compared. */
export function differencesTable(data: ReportData, systems: ShownSystems): HTMLElement | null {
  const names = [
    ...new Set(Object.entries(data.differences).flatMap(([one, others]) => [one, ...Object.keys(others)])),
  ];
  const compared = data.systems.filter(({ name }) => names.includes(name));
  const isPaired = (column: ColumnData) =>
    compared.some((one) => compared.some((other) => differenceOf(data, one.name, other.name, column.key)));
  const columns = data.columns.filter(isPaired);
  if (compared.length < 2 || columns.length === 0) return null;
  const place = html("div");
  const choice = html("select", {}, ...compared.map(({ name }) => html("option", { value: name }, name)));
  const show = () => {
    const others = compared.filter(({ name }) => name !== choice.value);
    const head = html("tr", {}, html("td"), ...others.map(({ name, kind }) => headCell(name, kind, systems)));
    const row = (column: ColumnData) => [
      rowHead(data, column),
      ...others.map(({ name }) => cell(data, column, name, choice.value)),
    ];
    place.replaceChildren(numbersTable(data, columns, { name: `Differences from ${choice.value}`, head, row }));
  };
  choice.addEventListener("change", show);
  show();
  const label = html("label", { class: "choice" }, "Difference from ", choice);
  const about =
    "Paired over recordings: what is hard for both counts for neither, so that these intervals tell apart what those above may not. " +
    "Better and worse are said where all of the interval is.";
  return html("div", {}, html("h3", {}, label), html("p", { class: "about" }, about), place);
}

function cell(data: ReportData, column: ColumnData, name: string, reference: string): HTMLElement {
  const found = differenceOf(data, name, reference, column.key);
  const said = verdict(data, column, name, reference);
  const interval = found && html("small", {}, shownInterval(found));
  const word = said && html("small", { class: said }, said);
  return html("td", { title: found ? explained(found) : "" }, html("b", {}, signed(found?.[0])), interval, word);
}
