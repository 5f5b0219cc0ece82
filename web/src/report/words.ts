/** Numbers and names of a report as people read them. */

import type { Better, Interval } from "./data";

/** Numbers below are written with a power of ten. */
const SMALL = 1e-4;

/** Three digits that count, of this number or of a larger one beside it; with a true minus. */
export function shown(value: number | null | undefined, beside = 0): string {
  if (value === null || value === undefined) return "–";
  const size = Math.max(Math.abs(value), Math.abs(beside));
  if (size === 0) return "0";
  if (size < SMALL) return value.toExponential(2).replaceAll("-", "−");
  const decimals = Math.max(2 - Math.floor(Math.log10(size)), 0);
  const text = value.toFixed(decimals);
  return (Number(text) === 0 ? text.replace("-", "") : text).replace("-", "−");
}

/** `10.9 to 13.4`, with as many decimals as the largest of them and the value; empty where there is no interval. */
export function shownInterval([value, low, high]: Interval): string {
  if (low === null || high === null) return "";
  const beside = Math.max(Math.abs(value ?? 0), Math.abs(low), Math.abs(high));
  return `${shown(low, beside)} to ${shown(high, beside)}`;
}

export function direction(better: Better): string {
  return { lower: "lower is better", higher: "higher is better", "like real": "best near real", "": "" }[better];
}

export function arrow(better: Better): string {
  return { lower: "↓", higher: "↑", "like real": "≈", "": "" }[better];
}

export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The first sentence of a definition, and what follows. */
export function firstSentence(text: string): { first: string; paragraphs: string[] } {
  const [head = "", ...others] = text.split(/\n\s*\n/).map((one) => one.replace(/\s+/g, " ").trim());
  const end = head.search(/\.\s+[A-Z`]/);
  const [first, rest] = end < 0 ? [head, ""] : [head.slice(0, end + 1), head.slice(end + 1).trim()];
  return { first, paragraphs: [rest, ...others].filter(Boolean) };
}

/** The parts of a text, of which every second one is code: what stands between double or single backticks. */
export function codeParts(text: string): string[] {
  return text.split(/``([^`]+)``|`([^`]+)`/).filter((part) => part !== undefined);
}

/** What an interval is, for the pointer that rests on it. */
export function explained([, low, , recordings]: Interval): string {
  const count = `${recordings} ${recordings === 1 ? "recording" : "recordings"}`;
  return low === null ? `Measured on ${count}; too few for an interval` : `95 % interval, by a bootstrap over ${count}`;
}

/** With its sign, for differences. */
export function signed(value: number | null | undefined): string {
  const text = shown(value);
  return typeof value === "number" && value > 0 && text !== "0" ? `+${text}` : text;
}

/** Where a metric is on the page. */
export function anchor(metric: string): string {
  return `metric-${metric.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}`;
}
