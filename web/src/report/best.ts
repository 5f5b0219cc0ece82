/** Which systems have the best value of a number. */

import type { ColumnData, Interval, ReportData } from "./data";

/**
 * Names of the evaluated systems with the best value, and of those whose intervals overlap that of the best: they are not
 * surely worse. None where no value is better, or where all would be named.
 */
export function bestOf(data: ReportData, column: ColumnData): Set<string> {
  const real = data.values[data.real]?.[column.key]?.[0];
  const compared = data.systems
    .filter((system) => system.kind !== "data")
    .map((system) => ({ name: system.name, found: data.values[system.name]?.[column.key] }))
    .filter((one): one is { name: string; found: Interval } => typeof one.found?.[0] === "number");
  if (compared.length < 2 || !column.better) return new Set();
  if (column.better === "like real" && (real === null || real === undefined)) return new Set();
  const cost = ({ found: [value] }: { found: Interval }) =>
    column.better === "lower" ? value! : column.better === "higher" ? -value! : Math.abs(value! - real!);
  const best = compared.reduce((one, other) => (cost(other) < cost(one) ? other : one));
  const named = compared.filter((one) => cost(one) === cost(best) || overlap(one.found, best.found));
  return new Set(named.length < compared.length ? named.map((one) => one.name) : []);
}

function overlap([value, low, high]: Interval, [otherValue, otherLow, otherHigh]: Interval): boolean {
  return (low ?? value!) <= (otherHigh ?? otherValue!) && (otherLow ?? otherValue!) <= (high ?? value!);
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
