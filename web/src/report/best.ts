/** Which systems have the best value of a number, and which are surely better or worse than another. */

import type { ColumnData, Interval, ReportData } from "./data";

/**
 * Names of the evaluated systems with the best value, and of those that are not surely worse. None where no value is better,
 * or where all would be named.
 */
export function bestOf(data: ReportData, column: ColumnData): Set<string> {
  const cost = costOf(data, column);
  const compared = data.systems
    .filter((system) => system.kind !== "data")
    .map((system) => ({ name: system.name, found: data.values[system.name]?.[column.key] }))
    .filter((one): one is { name: string; found: Interval } => typeof one.found?.[0] === "number");
  if (compared.length < 2 || !cost) return new Set();
  const best = compared.reduce((one, other) => (cost(other.found[0]!) < cost(one.found[0]!) ? other : one));
  const named = compared.filter(({ name, found }) => {
    if (cost(found[0]!) === cost(best.found[0]!)) return true;
    const difference = differenceOf(data, name, best.name, column.key);
    return isKnown(difference) ? verdict(data, column, name, best.name) !== "worse" : overlap(found, best.found);
  });
  return new Set(named.length < compared.length ? named.map((one) => one.name) : []);
}

/** By how much a system has more of a number than another on the same recordings. */
export function differenceOf(data: ReportData, name: string, reference: string, key: string): Interval | null {
  const found = data.differences[reference]?.[name]?.[key];
  if (found) return found;
  const back = data.differences[name]?.[reference]?.[key];
  if (!back) return null;
  const [value, low, high, recordings] = back;
  return [minus(value), minus(high), minus(low), recordings];
}

/** Whether a system is surely better or worse than another: all of the interval of their difference says so. */
export function verdict(
  data: ReportData,
  column: ColumnData,
  name: string,
  reference: string,
): "better" | "worse" | "" {
  const difference = differenceOf(data, name, reference, column.key);
  const from = data.values[reference]?.[column.key]?.[0];
  const cost = costOf(data, column);
  if (!isKnown(difference) || typeof from !== "number" || !cost) return "";
  const [, low, high] = difference;
  const ends = [cost(from + low), cost(from + high)];
  const real = column.better === "like real" ? data.values[data.real]![column.key]![0]! : Number.NaN;
  const least = from + low <= real && real <= from + high ? 0 : Math.min(...ends);
  if (Math.max(...ends) < cost(from)) return "better";
  return least > cost(from) ? "worse" : "";
}

function isKnown(interval: Interval | null): interval is [number, number, number, number] {
  return Boolean(interval?.every((one) => one !== null));
}

/** Less is better; null where no value is. */
function costOf(data: ReportData, column: ColumnData): ((value: number) => number) | null {
  const real = data.values[data.real]?.[column.key]?.[0];
  if (column.better === "lower") return (value) => value;
  if (column.better === "higher") return (value) => -value;
  if (column.better === "like real" && typeof real === "number") return (value) => Math.abs(value - real);
  return null;
}

function minus(value: number | null): number | null {
  return value === null ? null : -value;
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
