/** What the timeline draws, as numbers. */

import type { DancerData } from "./data";

/** The greatest level of each of `count` equal stretches. */
export function peaksOf(levels: Uint8Array, count: number): number[] {
  return Array.from({ length: count }, (_, index) => {
    const from = Math.floor((index * levels.length) / count);
    const to = Math.max(from + 1, Math.floor(((index + 1) * levels.length) / count));
    let most = 0;
    for (let at = from; at < Math.min(to, levels.length); at++) most = Math.max(most, levels[at]!);
    return most;
  });
}

/** The beat next to a moment; `beats` ascend. */
export function nearestBeat(beats: number[], seconds: number): number | null {
  let best: number | null = null;
  for (const beat of beats) if (best === null || Math.abs(beat - seconds) < Math.abs(best - seconds)) best = beat;
  return best;
}

/** Seconds around a pixel over which the likelihood is averaged: single frames would be a grey band. */
const SMOOTHED = 0.25;

/** Mean likelihood around each pixel, 0 to 1 over the range of these means; null where there is none. */
export function likelihoodCurve(dancer: DancerData, seconds: number, pixels: number): (number | null)[] | null {
  const values = dancer.logLikelihood;
  if (!values) return null;
  const means = Array.from({ length: pixels }, (_, pixel) => {
    const middle = ((pixel + 0.5) / pixels) * seconds;
    const half = Math.max(SMOOTHED, seconds / pixels) / 2;
    const from = Math.max(0, Math.round((middle - half) * dancer.fps));
    return meanOf(values.slice(from, Math.max(from + 1, Math.round((middle + half) * dancer.fps))));
  });
  const sorted = means.filter((value): value is number => value !== null).sort((a, b) => a - b);
  if (sorted.length === 0) return null;
  // Single outliers would press the rest into a straight line.
  const least = sorted[Math.floor(0.02 * (sorted.length - 1))]!;
  const most = sorted[Math.ceil(0.98 * (sorted.length - 1))]!;
  return means.map((mean) =>
    mean === null ? null : Math.min(Math.max((mean - least) / Math.max(most - least, 1e-9), 0), 1),
  );
}

function meanOf(values: (number | null)[]): number | null {
  const known = values.filter((value): value is number => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}
