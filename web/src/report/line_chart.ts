/** Lines over one axis, with a readout at the pointer or, by the arrow keys, at the keyboard. */

import { type ScaleLinear, type ScaleLogarithmic, scaleLinear, scaleLog } from "d3-scale";
import { area, line } from "d3-shape";
import { html, svg } from "./make";
import type { ShownSystems } from "./shown_systems";
import { shown } from "./words";

export interface Series {
  name: string;
  /** What it is besides the system's name. */
  of?: string;
  x: number[];
  y: (number | null)[];
  /** Ends of the interval of each value. */
  low?: (number | null)[];
  high?: (number | null)[];
  style: "line" | "area" | "faint";
}

export interface LinePlot {
  title: string;
  xTitle: string;
  series: Series[];
  /** Where real values lie. */
  band?: [number, number] | undefined;
  /** A line on which values would be perfect. */
  ideal?: [number, number][];
  /** Whether the axis starts at zero, and has no numbers: heights of densities mean little. */
  isDensity?: boolean;
  isLog?: boolean;
}

const HEIGHT = 210;
const [LEFT, RIGHT, TOP, BOTTOM] = [46, 12, 10, 30];
/** Of the values on the axis; what a few points have beyond is cut. */
const OUTERMOST = 0.98;

type Scale = ScaleLinear<number, number>;
type AnyScale = Scale | ScaleLogarithmic<number, number>;

export class LineChart {
  readonly element: HTMLElement;
  private readonly place = html("div", { class: "plot" });
  private readonly readout = html("output", { class: "readout", hidden: true });
  private x: AnyScale = scaleLinear();
  private cursor: SVGLineElement | null = null;
  private index = -1;

  constructor(
    private plot: LinePlot,
    private readonly systems: ShownSystems,
  ) {
    const name = `${plot.title}. The left and right arrow keys read it out.`;
    this.place.tabIndex = 0;
    this.place.setAttribute("role", "img");
    this.place.setAttribute("aria-label", name);
    this.element = html("div", { class: "line-chart" }, this.place, this.readout);
    new ResizeObserver(() => this.draw()).observe(this.place);
    this.systems.watch(() => this.draw());
    this.place.addEventListener("pointermove", (event) => this.point(event));
    this.place.addEventListener("pointerdown", (event) => this.point(event));
    this.place.addEventListener("pointerleave", () => this.read(-1));
    this.place.addEventListener("blur", () => this.read(-1));
    this.place.addEventListener("keydown", (event) => this.step(event));
  }

  show(plot: LinePlot): void {
    this.plot = plot;
    this.read(-1);
    this.draw();
  }

  private get series(): Series[] {
    return this.plot.series.filter((one) => this.systems.isShown(one.name));
  }

  private draw(): void {
    const width = this.place.clientWidth;
    if (width === 0) return;
    const { series, plot } = this;
    const xs = series.flatMap((one) => one.x);
    this.x = (plot.isLog ? scaleLog : scaleLinear)(extent(xs), [plot.isDensity ? RIGHT : LEFT, width - RIGHT]);
    const y = scaleLinear(heights(series, plot), [HEIGHT - BOTTOM, TOP]).nice(5);
    const picture = svg("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, width, height: HEIGHT, "aria-hidden": "true" });
    const clip = `clip-${Math.random().toString(36).slice(2)}`;
    const start = plot.isDensity ? RIGHT : LEFT;
    const inside = svg("rect", { x: start, y: 0, width: width - RIGHT - start + 4, height: HEIGHT - BOTTOM + 1 });
    picture.append(svg("clipPath", { id: clip }, inside), this.axes(y, width));
    const marks = svg("g", { "clip-path": `url(#${clip})` });
    if (plot.ideal?.length) marks.append(svg("path", { class: "ideal", d: this.pathOf(plot.ideal, y) }));
    if (plot.band) marks.append(bandOf(plot.band, y, width));
    for (const one of [...series].sort((a, b) => order(a) - order(b))) marks.append(this.mark(one, y));
    this.cursor = svg("line", { class: "cursor", y1: TOP, y2: HEIGHT - BOTTOM, visibility: "hidden" });
    picture.append(marks, this.cursor);
    this.place.replaceChildren(picture);
  }

  private mark(one: Series, y: Scale): SVGElement {
    const points = one.x.map((x, index): [number, number | null] => [x, one.y[index] ?? null]);
    const attributes = { "data-hue": this.systems.hue(one.name) };
    const path = svg("path", { ...attributes, class: `curve ${one.style}`, d: this.pathOf(points, y) });
    if (one.low && one.high)
      return svg("g", {}, svg("path", { ...attributes, class: "fill", d: this.ribbon(one, y) }), path);
    if (one.style !== "area") return path;
    const filled = area<[number, number | null]>(
      ([x]) => this.x(x),
      y(0),
      ([, value]) => y(value ?? 0),
    );
    return svg("g", {}, svg("path", { ...attributes, class: "fill", d: filled(points) ?? "" }), path);
  }

  private pathOf(points: [number, number | null][], y: Scale): string {
    const path = line<[number, number | null]>(
      ([x]) => this.x(x),
      ([, value]) => y(value ?? 0),
    ).defined(([, value]) => value !== null);
    return path(points) ?? "";
  }

  private ribbon({ x, low, high }: Series, y: Scale): string {
    const path = area<number>(
      (index) => this.x(x[index]!),
      (index) => y(low?.[index] ?? 0),
      (index) => y(high?.[index] ?? 0),
    ).defined((index) => low?.[index] !== null && high?.[index] !== null);
    return path([...x.keys()]) ?? "";
  }

  private axes(y: Scale, width: number): SVGElement {
    const axes = svg("g", { class: "axes" });
    if (this.plot.isDensity) axes.append(svg("line", { x1: RIGHT, x2: width - RIGHT, y1: y(0), y2: y(0) }));
    for (const tick of this.plot.isDensity ? [] : y.ticks(5)) {
      axes.append(svg("line", { x1: LEFT, x2: width - RIGHT, y1: y(tick), y2: y(tick) }));
      axes.append(svg("text", { x: LEFT - 8, y: y(tick) + 4, "text-anchor": "end" }, y.tickFormat(5)(tick)));
    }
    const count = Math.max(2, Math.floor(width / 80));
    for (const tick of this.x.ticks(count)) {
      const text = this.plot.isLog ? powerOfTen(tick) : this.x.tickFormat(count)(tick);
      if (!text) continue;
      axes.append(svg("text", { x: this.x(tick), y: HEIGHT - BOTTOM + 15, "text-anchor": "middle" }, text));
    }
    axes.append(
      svg("text", { class: "axis-title", x: width - RIGHT, y: HEIGHT - 2, "text-anchor": "end" }, this.plot.xTitle),
    );
    return axes;
  }

  private point(event: PointerEvent): void {
    const at = this.x.invert(event.clientX - this.place.getBoundingClientRect().left);
    this.read(nearest(this.longest(), at));
  }

  private step(event: KeyboardEvent): void {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    this.read(Math.min(Math.max(this.index + by, 0), this.longest().length - 1));
  }

  private longest(): number[] {
    return this.series.reduce<number[]>((found, one) => (one.x.length > found.length ? one.x : found), []);
  }

  /** Say the values at a place of the longest series; -1 for none. */
  private read(index: number): void {
    this.index = index;
    const at = this.longest()[index];
    this.readout.hidden = at === undefined;
    this.cursor?.setAttribute("visibility", at === undefined ? "hidden" : "visible");
    if (at === undefined) return;
    for (const end of ["x1", "x2"]) this.cursor?.setAttribute(end, String(this.x(at)));
    const rows = this.series.map((one) => {
      const dot = html("span", { class: "dot", "data-hue": this.systems.hue(one.name) });
      const name = one.of ? `${one.name}, ${one.of}` : one.name;
      return html("span", { class: "read" }, dot, `${name} `, html("b", {}, shown(one.y[nearest(one.x, at)])));
    });
    this.readout.replaceChildren(
      html("span", {}, `${this.plot.xTitle} ${Number.isInteger(at) ? at : shown(at)}`),
      ...rows,
    );
    this.readout.classList.toggle("left", this.x(at) > this.place.clientWidth / 2);
  }
}

function order(series: Series): number {
  return { area: 0, faint: 1, line: 2 }[series.style];
}

function bandOf([low, high]: [number, number], y: Scale, width: number): SVGElement {
  const height = Math.max(1, y(low) - y(high));
  return svg("rect", { class: "band", x: LEFT, y: y(high), width: width - LEFT - RIGHT, height });
}

/** The axis of the values. */
export function heights(
  series: Series[],
  { band, ideal, isDensity }: Pick<LinePlot, "band" | "ideal" | "isDensity">,
): [number, number] {
  const values = series
    .flatMap((one) => one.y)
    .filter((value) => value !== null)
    .sort((a, b) => a - b);
  const last = values.length - 1;
  const [low, high] = isDensity
    ? [0, values[last] ?? 1]
    : [values[Math.floor((1 - OUTERMOST) * last)] ?? 0, values[Math.ceil(OUTERMOST * last)] ?? 1];
  const found = extent([low, high, ...(band ?? []), ...(ideal ?? []).map(([, value]) => value)]);
  return found[0] === found[1] ? [found[0] - 0.5, found[1] + 0.5] : found;
}

/** `0.1`, `10`; empty for ticks between. */
function powerOfTen(tick: number): string {
  return Number.isInteger(Math.round(Math.log10(tick) * 1e6) / 1e6) ? String(Number(tick.toPrecision(1))) : "";
}

export function nearest(x: number[], at: number): number {
  let best = 0;
  for (let index = 1; index < x.length; index++) if (Math.abs(x[index]! - at) < Math.abs(x[best]! - at)) best = index;
  return best;
}

function extent(values: number[]): [number, number] {
  return values.length ? [Math.min(...values), Math.max(...values)] : [0, 1];
}
