/** Which systems have the best value of a number. */

import type { ColumnData, ReportData } from "./data";

/** Names of the evaluated systems with the best value; none where no value is better, or there is nothing to compare. */
export function bestOf(data: ReportData, column: ColumnData): Set<string> {
  const real = data.values[data.real]?.[column.key]?.[0];
  const compared = data.systems
    .filter((system) => system.kind !== "data")
    .map((system) => ({ name: system.name, value: data.values[system.name]?.[column.key]?.[0] ?? null }))
    .filter((one): one is { name: string; value: number } => one.value !== null);
  if (compared.length < 2 || !column.better) return new Set();
  if (column.better === "like real" && (real === null || real === undefined)) return new Set();
  const cost = (value: number) =>
    column.better === "lower" ? value : column.better === "higher" ? -value : Math.abs(value - real!);
  const least = Math.min(...compared.map((one) => cost(one.value)));
  return new Set(compared.filter((one) => cost(one.value) === least).map((one) => one.name));
}

/** The first number with a direction of each metric. */
export function headlines(data: ReportData): Set<string> {
  const seen = new Set<string>();
  const found = data.columns.filter((column) => {
    if (!column.better || seen.has(column.metric)) return false;
    seen.add(column.metric);
    return true;
  });
  return new Set(found.map((column) => column.key));
}
