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
const SMOOTHED = 0.2;

/** Below what is typical, in nats per dimension: what the scale shows at least, and at most. */
const CALM = 2;
const DEEPEST = 1e4;
/** Above what is typical, that the scale shows at least. */
const ABOVE = 0.75;

export interface LikelihoodCurve {
  /** Around each pixel, 0 to 1; null where there is none. */
  heights: (number | null)[];
  /** Those of what is typical, where that is known. */
  typical: [(number | null)[], (number | null)[]] | null;
}

/** Mean likelihood around each pixel. */
export function likelihoodCurve(dancer: DancerData, seconds: number, pixels: number): LikelihoodCurve | null {
  if (!dancer.logLikelihood) return null;
  const around = (values: (number | null)[]) => meansOf(values, dancer.fps, seconds, pixels);
  const means = around(dancer.logLikelihood);
  const known = means.filter((value) => value !== null).sort((a, b) => a - b);
  if (known.length === 0) return null;
  const [low, high] = (dancer.typical ?? []).map(around);
  const scale = low && high ? scaleAround(middleOf(low, high), known) : scaleOf(known);
  const scaled = (values: (number | null)[]) => values.map((value) => (value === null ? null : scale(value)));
  return { heights: scaled(means), typical: low && high ? [scaled(low), scaled(high)] : null };
}

/** The range of values; single outliers would press the rest into a straight line. */
function scaleOf(ascending: number[]): (value: number) => number {
  const last = ascending.length - 1;
  return between(ascending[Math.floor(0.02 * last)]!, ascending[Math.ceil(0.98 * last)]!);
}

/** Linear near what is typical, and logarithmic far from it: a broken frame may lie thousands below. */
function scaleAround(middle: number, ascending: number[]): (value: number) => number {
  const depth = Math.min(Math.max(middle - ascending[0]!, CALM), DEEPEST);
  const above = Math.max(ABOVE, ascending[ascending.length - 1]! - middle);
  const unit = between(Math.asinh(-depth), Math.asinh(above));
  return (value) => unit(Math.asinh(value - middle));
}

function between(least: number, most: number): (value: number) => number {
  return (value) => Math.min(Math.max((value - least) / Math.max(most - least, 1e-9), 0), 1);
}

function middleOf(low: (number | null)[], high: (number | null)[]): number {
  const middles = low.map((value, index) => ((value ?? Number.NaN) + (high[index] ?? Number.NaN)) / 2);
  const known = middles.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  return known[known.length >> 1] ?? 0;
}

function meansOf(values: (number | null)[], fps: number, seconds: number, pixels: number): (number | null)[] {
  return Array.from({ length: pixels }, (_, pixel) => {
    const middle = ((pixel + 0.5) / pixels) * seconds;
    const half = Math.max(SMOOTHED, seconds / pixels) / 2;
    const from = Math.max(0, Math.round((middle - half) * fps));
    return meanOf(values.slice(from, Math.max(from + 1, Math.round((middle + half) * fps))));
  });
}

function meanOf(values: (number | null)[]): number | null {
  const known = values.filter((value): value is number => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}
