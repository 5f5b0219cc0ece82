/** One card a metric: a chart of bars with intervals for each of its numbers, and what the metric is. */

import { type BarScale, barScale } from "./bar_scale";
import { bestOf } from "./best";
import type { ColumnData, Interval, MetricData, ReportData } from "./data";
import { html, svg } from "./make";
import type { ShownSystems } from "./shown_systems";
import { anchor, capitalised, codeParts, direction, explained, firstSentence, shown, shownInterval } from "./words";

/** A group beside others, as wide as it has cards. */
export function metricGroup(data: ReportData, group: string, systems: ShownSystems): HTMLElement {
  const cards = metricCards(data, group, systems);
  const width = Math.min(cards.childElementCount, 3);
  return html("div", { class: `metric-group wide-${width}` }, html("h3", {}, capitalised(group)), cards);
}

function metricCards(data: ReportData, group: string, systems: ShownSystems): HTMLElement {
  const cards = Object.entries(data.metrics)
    .filter(([, metric]) => metric.group === group)
    .map(([name, metric]) => {
      const columns = data.columns.filter((column) => column.metric === name);
      return html(
        "article",
        { class: "card", id: anchor(name) },
        html("h4", {}, name),
        definition(metric),
        ...columns.map((column) => chart(data, column, systems)),
      );
    });
  return html("div", { class: "cards" }, ...cards);
}

function definition(metric: MetricData): HTMLElement {
  const { first, paragraphs } = firstSentence(metric.text);
  const more = html("details", { class: "about" }, html("summary", {}, "Definition and source"));
  more.append(...paragraphs.map((text) => html("p", {}, ...coded(text))));
  more.append(html("p", { class: "source" }, metric.source));
  return html("div", { class: "definition" }, html("p", {}, ...coded(first)), more);
}

function coded(text: string): (Node | string)[] {
  return codeParts(text).map((part, index) => (index % 2 ? html("code", {}, part) : part));
}

function chart(data: ReportData, column: ColumnData, systems: ShownSystems): HTMLElement {
  const better = html("span", { class: "better" }, direction(column.better));
  if (isCount(data, column)) return counts(data, column);
  const title = html("figcaption", {}, html("span", {}, column.title), column.better && better);
  const rows = html("div", { class: "bars", role: "list", "aria-label": column.title });
  const best = bestOf(data, column);
  systems.watch(() => {
    const found = data.systems
      .filter((system) => systems.isShown(system.name))
      .map((system) => ({ system, interval: data.values[system.name]?.[column.key] }))
      .filter(
        (one): one is typeof one & { interval: Interval } => one.interval !== undefined && one.interval[0] !== null,
      );
    const scale = barScale(found.map((one) => one.interval));
    const real = found.find((one) => one.system.name === data.real)?.interval;
    rows.replaceChildren(
      ...found.map(({ system, interval }) => {
        const name = html("span", { class: "name", title: system.name }, system.name);
        const value = html("b", {}, shown(interval[0]));
        const range = html("small", {}, shownInterval(interval));
        const classes = ["row", system.kind === "data" ? "is-data" : "", best.has(system.name) ? "best" : ""];
        const attributes = { class: classes.join(" ").trim(), role: "listitem", "data-hue": systems.hue(system.name) };
        const told = html("span", { class: "told", title: explained(interval) }, value, range);
        return html("div", attributes, name, track(interval, scale, real), told);
      }),
      ...(scale.hasZero || found.length === 0 ? [] : [axis(scale)]),
    );
  });
  return html("figure", { class: "number" }, title, rows);
}

/** Whether a number only tells how many there were. */
function isCount(data: ReportData, column: ColumnData): boolean {
  const found = Object.values(data.values).flatMap((row) => row[column.key] ?? []);
  return column.better === "" && found.length > 0 && found.every((value) => value === null || Number.isInteger(value));
}

function counts(data: ReportData, column: ColumnData): HTMLElement {
  const told = data.systems.flatMap(({ name }) => {
    const value = data.values[name]?.[column.key]?.[0];
    return value === null || value === undefined ? [] : [`${name} ${value}`];
  });
  return html("p", { class: "counts" }, html("b", {}, capitalised(column.title)), `: ${told.join(", ")}`);
}

/** Below points: their axis does not start at zero. */
function axis(scale: BarScale): HTMLElement {
  const picture = svg("svg", { class: "track axis", "aria-hidden": "true" });
  for (const { value, text } of scale.ticks) {
    const x = `${scale.at(value)}%`;
    picture.append(
      svg("line", { x1: x, x2: x, y1: 0, y2: 5 }),
      svg("text", { x, y: 17, "text-anchor": "middle" }, text),
    );
  }
  return html("div", { class: "row" }, html("span"), picture, html("span"));
}

/** The bar in percent of the width, so that it needs no drawing anew. */
function track([value, low, high]: Interval, scale: BarScale, real: Interval | undefined): SVGElement {
  const picture = svg("svg", { class: "track", "aria-hidden": "true" });
  const [, least, most] = real ?? [null, null, null];
  if (least !== null && most !== null) {
    const [start, end] = [scale.at(least), scale.at(most)];
    picture.append(
      svg("rect", { class: "band", x: `${start}%`, width: `${Math.max(end - start, 0.6)}%`, height: "100%" }),
    );
  }
  const middle = `${scale.at(value!)}%`;
  if (!scale.hasZero) {
    for (const { value: at } of scale.ticks) {
      const x = `${scale.at(at)}%`;
      picture.append(svg("line", { class: "tick", x1: x, x2: x, y1: 0, y2: "100%" }));
    }
  }
  if (scale.hasZero) {
    picture.append(svg("rect", { class: "bar", x: 0, y: "28%", height: "44%", width: middle, rx: 2 }));
    picture.append(svg("line", { class: "zero", x1: 0.5, x2: 0.5, y1: 0, y2: "100%" }));
  }
  if (low !== null && high !== null) {
    const [x1, x2] = [`${scale.at(low)}%`, `${scale.at(high)}%`];
    picture.append(svg("line", { class: "whisker", x1, x2, y1: "50%", y2: "50%" }));
    for (const x of [x1, x2]) picture.append(svg("line", { class: "whisker", x1: x, x2: x, y1: "34%", y2: "66%" }));
  }
  if (!scale.hasZero) picture.append(svg("circle", { class: "point", cx: middle, cy: "50%", r: 4.5 }));
  if (value! > scale.end) picture.append(svg("text", { class: "cut", x: "100%", y: "50%" }, "»"));
  return picture;
}
