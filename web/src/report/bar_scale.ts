/** The common axis of the bars of one number. */

import { scaleLinear } from "d3-scale";
import type { Interval } from "./data";

export interface BarScale {
  /** Percent of the width at which a value stands, 0 to 100. */
  at: (value: number) => number;
  /** Whether bars start at zero; else only points are shown. */
  hasZero: boolean;
  /** The end of the axis; values beyond it are cut. */
  end: number;
  /** Round values on the axis, with how they are written. */
  ticks: { value: number; text: string }[];
}

/** Values so many times as large as the next one are cut, if they are few, so that the others can be told apart. */
const MOST = 5;
/** About so many values are written below the bars. */
const TICKS = 3;
const THOUSANDS = 5000;

/** The axis of some intervals; room is left at the right, and at the left where it does not start at zero. */
export function barScale(intervals: Interval[]): BarScale {
  const ends = intervals.flatMap((interval) => interval.slice(0, 3)).filter((one) => one !== null);
  const hasZero = intervals.every(([value]) => (value ?? 0) >= 0);
  const lowest = hasZero ? 0 : Math.min(...ends);
  const tops = intervals.map(([value, , high]) => Math.max(value ?? 0, high ?? value ?? 0)).sort((a, b) => b - a);
  let highest = Math.max(...ends, hasZero ? 0 : Number.NEGATIVE_INFINITY);
  const kept = hasZero
    ? tops.find((top, index) => top > 0 && isFew(index, tops) && tops[index - 1]! > MOST * top)
    : undefined;
  if (kept !== undefined) highest = kept * 1.35;
  const size = highest - lowest || Math.abs(highest) || 1;
  const [start, end] = hasZero ? [0, highest + 0.04 * size || 1] : [lowest - 0.06 * size, highest + 0.06 * size];
  const axis = scaleLinear([start, end], [0, 100]).clamp(true);
  // Thousands as such would be wider than their place.
  const text = axis.tickFormat(TICKS, size > THOUSANDS ? "~s" : undefined);
  return { at: axis, hasZero, end, ticks: axis.ticks(TICKS).map((value) => ({ value, text: text(value) })) };
}

function isFew(count: number, of: number[]): boolean {
  return count > 0 && count <= of.length / 3;
}
