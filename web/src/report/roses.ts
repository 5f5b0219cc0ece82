/** Histograms around the beat: 12 o'clock is on it, and time goes clockwise. */

import { arc } from "d3-shape";
import type { RoseData, RosesData } from "./data";
import { html, svg } from "./make";
import type { ShownSystems } from "./shown_systems";
import { figureTable } from "./tables";
import { capitalised, shown } from "./words";

const RADIUS = 100;
const TURN = 2 * Math.PI;

export function rosesFigure(data: RosesData, systems: ShownSystems): HTMLElement {
  const known = Object.entries(data.roses).filter(([, rose]) => rose.moments > 0);
  const most = Math.max(...known.flatMap(([, rose]) => rose.shares));
  const grid = html("div", { class: "multiples" });
  systems.watch(() => {
    grid.replaceChildren(
      ...known.filter(([name]) => systems.isShown(name)).map(([name, rose]) => roseOf(name, rose, most, systems)),
    );
  });
  const rows = known.map(([name, rose]) => [name, rose.lock, rose.phase, rose.moments]);
  const table = figureTable(data.title, ["", "R", "mean phase (beats)", "moments"], rows);
  return html("figure", { class: "card wide" }, html("figcaption", {}, capitalised(data.title)), grid, table);
}

function roseOf(name: string, rose: RoseData, most: number, systems: ShownSystems): HTMLElement {
  const size = RADIUS + 24;
  const picture = svg("svg", { viewBox: `${-size} ${-size} ${2 * size} ${2 * size}`, "aria-hidden": "true" });
  // Areas tell shares.
  const radius = (share: number) => RADIUS * Math.sqrt(share / most);
  const bins = rose.shares.length;
  picture.append(svg("circle", { class: "rim", r: RADIUS }), svg("circle", { class: "chance", r: radius(1 / bins) }));
  for (const [part, label] of ["beat", "¼", "½", "¾"].entries()) {
    const [x, y] = [Math.sin((part / 4) * TURN), -Math.cos((part / 4) * TURN)];
    picture.append(svg("line", { class: "spoke", x2: x * RADIUS, y2: y * RADIUS }));
    picture.append(svg("text", { x: x * (RADIUS + 12), y: y * (RADIUS + 12) + 4, "text-anchor": "middle" }, label));
  }
  const wedge = arc<number>()
    .innerRadius(0)
    .outerRadius((bin) => radius(rose.shares[bin]!))
    .startAngle((bin) => ((bin - 0.44) / bins) * TURN)
    .endAngle((bin) => ((bin + 0.44) / bins) * TURN);
  const petals = svg("path", { class: "petals", d: rose.shares.map((_, bin) => wedge(bin)).join("") });
  picture.append(petals);
  if (rose.lock !== null && rose.phase !== null) {
    const [x, y] = [
      RADIUS * rose.lock * Math.sin(rose.phase * TURN),
      -RADIUS * rose.lock * Math.cos(rose.phase * TURN),
    ];
    picture.append(svg("line", { class: "hand", x2: x, y2: y }), svg("circle", { class: "tip", cx: x, cy: y, r: 4.5 }));
  }
  const told = html("small", {}, `R ${shown(rose.lock)}, ${rose.moments} moments`);
  return html("div", { class: "multiple", "data-hue": systems.hue(name) }, picture, html("b", {}, name), told);
}
