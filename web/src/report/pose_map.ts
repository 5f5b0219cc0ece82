/** Poses as points: those of each system above the real ones. */

import { scaleLinear } from "d3-scale";
import type { PoseMapData } from "./data";
import { html, svg } from "./make";
import type { ShownSystems } from "./shown_systems";

const SIZE = 220;
/** Deviations of the real poses from the middle to the edge; what lies farther is drawn on the edge. */
const REACH = 3.2;

export function poseMapFigure(data: PoseMapData, systems: ShownSystems): HTMLElement {
  const grid = html("div", { class: "multiples" });
  const real = data.points[systems.data.real] ?? [];
  systems.watch(() => {
    const shown = Object.entries(data.points).filter(([name]) => name === systems.data.real || systems.isShown(name));
    grid.replaceChildren(...shown.map(([name, points]) => mapOf(name, points, real, systems)));
  });
  const [first, second] = data.shares.map((share) => `${Math.round(100 * share)} %`);
  const axes = `Across: the first principal component of the real poses (${first} of their variance); up: the second (${second}).`;
  return html("div", {}, grid, html("p", { class: "note" }, axes));
}

function mapOf(name: string, points: [number, number][], real: [number, number][], systems: ShownSystems): HTMLElement {
  const picture = svg("svg", { viewBox: `0 0 ${SIZE} ${SIZE}`, class: "map", role: "img" });
  picture.setAttribute("aria-label", `Poses of ${name} on those of the data`);
  picture.append(svg("rect", { class: "frame", x: 0.5, y: 0.5, width: SIZE - 1, height: SIZE - 1, rx: 8 }));
  picture.append(svg("path", { class: "dots real", d: dots(real) }));
  if (name !== systems.data.real) picture.append(svg("path", { class: "dots", d: dots(points) }));
  return html("div", { class: "multiple", "data-hue": systems.hue(name) }, picture, html("b", {}, name));
}

/** Points of no length with round ends: one element for all of them. */
function dots(points: [number, number][]): string {
  const at = scaleLinear([-REACH, REACH], [6, SIZE - 6]).clamp(true);
  return points.map(([x, y]) => `M${at(x).toFixed(1)} ${at(-y).toFixed(1)}h0`).join("");
}
