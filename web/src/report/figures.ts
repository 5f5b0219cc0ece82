/** The figures of a report, each with its table. */

import type { CalibrationPanel, DensityData, DriftData, LearningPanel } from "./data";
import { LineChart, type LinePlot } from "./line_chart";
import { html } from "./make";
import type { ShownSystems } from "./shown_systems";
import { figureTable } from "./tables";
import { capitalised, direction } from "./words";

/** Rows of a table of curves: more are not read. */
const ROWS = 24;

export function learningFigures(panels: LearningPanel[], systems: ShownSystems): HTMLElement {
  const plots = panels.map((panel) => (over: "steps" | "minutes") => learningPlot(panel, over));
  const charts = plots.map((plot) => new LineChart(plot("steps"), systems));
  const choose = (over: "steps" | "minutes") => {
    for (const [index, chart] of charts.entries()) chart.show(plots[index]!(over));
  };
  const choices = (["steps", "minutes"] as const).map((over) => {
    const input = html("input", { type: "radio", name: "over", value: over, checked: over === "steps" });
    input.addEventListener("change", () => choose(over));
    return html("label", {}, input, html("span", {}, capitalised(over)));
  });
  const cards = panels.map((panel, index) => {
    const better = panel.better && html("span", { class: "better" }, direction(panel.better));
    const title = html("figcaption", {}, html("span", {}, capitalised(panel.title)), better);
    return html("figure", { class: "card" }, title, charts[index]!.element, curvesTable(plots[index]!("steps")));
  });
  const group = html("div", { class: "segments", role: "radiogroup", "aria-label": "Over" }, ...choices);
  return html("div", {}, group, html("div", { class: "charts" }, ...cards));
}

function learningPlot(panel: LearningPanel, over: "steps" | "minutes"): LinePlot {
  const series = panel.curves.map((curve) => {
    const known = curve[over].map((x, index) => [x, curve.values[index]!] as const).filter(([x]) => x !== null);
    const style = curve.of ? ("faint" as const) : ("line" as const);
    return { name: curve.name, of: curve.of, x: known.map(([x]) => x!), y: known.map(([, y]) => y), style };
  });
  return { title: capitalised(panel.title), xTitle: over === "steps" ? "step" : "minute", series };
}

export function densityFigures(densities: DensityData[], systems: ShownSystems): HTMLElement {
  const cards = densities.map((one) => {
    const [, title = one.title, unit = ""] = /^(.*?)(?: \((.*)\))?$/.exec(one.title) ?? [];
    const series = Object.entries(one.curves).map(([name, y]) => {
      const style = name === systems.data.real ? ("area" as const) : ("line" as const);
      return { name, x: one.x, y, style };
    });
    return lineCard(
      { title: capitalised(title), xTitle: unit, series, isDensity: true, isLog: one.axis === "log" },
      systems,
    );
  });
  return html("div", { class: "charts" }, ...cards);
}

export function driftFigures(drift: DriftData, systems: ShownSystems): HTMLElement {
  const cards = drift.panels.map(({ title, curves, low, high }) => {
    const series = Object.entries(curves).map(([name, y]) => {
      const x = y.map((_, index) => ((index + 0.5) * drift.seconds) / 60);
      return { name, x, y, style: "line" as const };
    });
    const band: [number, number] | undefined = low === null || high === null ? undefined : [low, high];
    return lineCard({ title: capitalised(title), xTitle: "minute", series, band }, systems);
  });
  return html("div", { class: "charts" }, ...cards);
}

export function calibrationFigures(panels: CalibrationPanel[], systems: ShownSystems): HTMLElement {
  const cards = panels.map((panel) => {
    const series = panel.curves.map(({ name, of, curve }) => {
      const style = of ? ("faint" as const) : ("line" as const);
      return { name, of: of === name ? "" : of, x: curve.at, y: curve.value, low: curve.low, high: curve.high, style };
    });
    return lineCard({ title: capitalised(panel.title), xTitle: panel.x_title, series, ideal: panel.ideal }, systems);
  });
  return html("div", { class: "charts" }, ...cards);
}

function lineCard(plot: LinePlot, systems: ShownSystems): HTMLElement {
  const chart = new LineChart(plot, systems);
  return html("figure", { class: "card" }, html("figcaption", {}, plot.title), chart.element, curvesTable(plot));
}

/** Some rows of the curves, at the places of the first one. */
function curvesTable(plot: LinePlot): HTMLElement {
  const first = plot.series.find((one) => one.style !== "faint") ?? plot.series[0];
  const xs = first?.x ?? [];
  const every = Math.max(1, Math.ceil(xs.length / ROWS));
  const places = xs.filter((_, index) => index % every === 0 || index === xs.length - 1);
  const shown = plot.series.filter((one) => one.style !== "faint");
  const rows = places.map((x) => [
    x,
    ...shown.map((one) => {
      const index = one.x.findIndex((value) => value >= x);
      return index < 0 ? null : (one.y[index] ?? null);
    }),
  ]);
  return figureTable(plot.title, [plot.xTitle, ...shown.map((one) => one.name)], rows);
}
