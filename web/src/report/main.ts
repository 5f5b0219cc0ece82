/** Starts the page of a report: its sections, from what Python has written into it. */

import { listen } from "../keys";
import { applyTheme, startingTheme, type ThemeName } from "../theme_choice";
import { metricGroup } from "./bars";
import { type ReportData, readReportData } from "./data";
import { differencesTable } from "./differences";
import { calibrationFigures, densityFigures, driftFigures, learningFigures } from "./figures";
import { html } from "./make";
import { players } from "./players";
import { poseMapFigure } from "./pose_map";
import { rosesFigure } from "./roses";
import { ShownSystems } from "./shown_systems";
import { valuesTable } from "./tables";
import { capitalised } from "./words";

/** Pixels; on narrower pages the setting would fill the first screen. */
const NARROW = 620;

interface Section {
  id: string;
  title: string;
  about: string;
  parts: HTMLElement[];
}

function sections(data: ReportData, systems: ShownSystems): Section[] {
  const groups = [...new Set(Object.values(data.metrics).map((metric) => metric.group))];
  const charts = html("div", { class: "groups" }, ...groups.map((group) => metricGroup(data, group, systems)));
  const differences = differencesTable(data, systems);
  const shapes = [densityFigures(data.densities, systems)];
  if (data.poseMap) shapes.push(html("h3", {}, "Poses"), poseMapFigure(data.poseMap, systems));
  const found: (Section | false)[] = [
    {
      id: "summary",
      title: "Summary",
      about:
        "Each number with its 95 % interval: where it would mostly lie, had other recordings been taken. ↓ lower is better, ↑ higher is better, " +
        "≈ best near real. The best of what is evaluated is bold, with what is not surely worse; rows of the data are in italics. " +
        "A number's name leads to its definition.",
      parts: [valuesTable(data, systems), ...(differences ? [differences] : [])],
    },
    data.dances.length > 0 && {
      id: "dances",
      title: "Dances",
      about: "Samples of each system beside the real dance, to the same music.",
      parts: [players(data.dances)],
    },
    {
      id: "numbers",
      title: "Number by number",
      about:
        "Bars are values, thin lines their 95 % intervals. The band behind them is the interval of the real dances. » is off the scale.",
      parts: [charts],
    },
    data.densities.length + (data.poseMap ? 1 : 0) > 0 && {
      id: "movement",
      title: "Movement",
      about:
        "How often speeds, heights and poses occur: the higher a curve, the more often. The data are the grey area, which a curve " +
        "of a good model follows. Speeds are on a logarithmic axis.",
      parts: shapes,
    },
    data.roses.length > 0 && {
      id: "beats",
      title: "Beats",
      about:
        "Where in the beat the moments of a dance lie, clockwise from one beat to the next: those at which the hips are lowest, and " +
        "those at which the whole body is slowest (kinematic beats). The dashed ring is chance. " +
        "The hand is their mean: it reaches the rim where all lie at one phase (R = 1).",
      parts: data.roses.map((one) => rosesFigure(one, systems)),
    },
    data.calibration.length > 0 && {
      id: "calibration",
      title: "Calibration",
      about:
        "Whether what a model says of the next frame comes true as often as it says. Across is the share of true frames that its " +
        "intervals should hold, up the share that they hold: calibrated models lie on the dashed line, within their band; below it " +
        "they are too sure. Ranks and latents are flat at 1 where it is calibrated. CRPS and energy score tell how far forecasts are " +
        "from what came, in deviations of the data: lower is better; faint lines need no model.",
      parts: [calibrationFigures(data.calibration, systems)],
    },
    data.drift !== null && {
      id: "drift",
      title: "Drift",
      about: `Samples of several minutes, ${data.drift.seconds} seconds by ${data.drift.seconds} seconds. 90 % of real stretches are in the band.`,
      parts: [driftFigures(data.drift, systems)],
    },
    data.learning.length > 0 && {
      id: "learning",
      title: "Learning",
      about: "What the trainings measured on held-out data. Faint lines are of training batches.",
      parts: [learningFigures(data.learning, systems)],
    },
    data.missing.length > 0 && {
      id: "missing",
      title: "Not measured",
      about: "What could not be measured, and why.",
      parts: [missing(data)],
    },
  ];
  return found.filter((section) => section !== false);
}

function missing(data: ReportData): HTMLElement {
  const byReason = new Map<string, string[]>();
  for (const { system, metric, reason } of data.missing) {
    const key = `${system}: ${reason}`;
    byReason.set(key, [...(byReason.get(key) ?? []), metric]);
  }
  const rows = [...byReason].map(([key, metrics]) => html("li", {}, html("b", {}, key), ` (${metrics.join(", ")})`));
  return html("ul", { class: "missing card" }, ...rows);
}

function header(data: ReportData): HTMLElement {
  const facts = Object.entries(data.setting).map(([name, value]) =>
    html("div", {}, html("dt", {}, capitalised(name)), html("dd", {}, String(value))),
  );
  const { data: folder, recordings, split } = data.setting;
  const told = `${recordings} recordings of ${folder} (${split}): what all numbers have in common`;
  const about = html("details", { class: "about", open: window.innerWidth > NARROW }, html("summary", {}, told));
  about.append(html("dl", { class: "setting" }, ...facts));
  return html("header", {}, html("h1", {}, data.title), about);
}

function bar(found: Section[], systems: ShownSystems): HTMLElement {
  const links = found.map(({ id, title }) => html("a", { href: `#${id}` }, title));
  const theme = html(
    "button",
    { type: "button", class: "icon", "aria-label": "Light or dark", title: "Light or dark (D)" },
    "◐",
  );
  theme.addEventListener("click", flipTheme);
  const chips = systems.data.systems.map(({ name, kind }) => {
    const dot = html("span", { class: "dot", "data-hue": systems.hue(name) });
    const chip = html(
      "button",
      { type: "button", class: `chip ${kind === "data" ? "is-data" : ""}`.trim() },
      dot,
      name,
    );
    chip.addEventListener("click", () => systems.flip(name));
    systems.watch(() => chip.setAttribute("aria-pressed", String(systems.isShown(name))));
    return chip;
  });
  const row = html("div", { class: "bar-row" }, html("nav", { "aria-label": "Sections" }, ...links), theme);
  return html(
    "div",
    { class: "bar" },
    row,
    html("div", { class: "chips", role: "group", "aria-label": "Shown in charts" }, ...chips),
  );
}

function flipTheme(): void {
  const other: ThemeName = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  applyTheme(other, true);
}

function start(): void {
  applyTheme(startingTheme(), false);
  const data = readReportData();
  const systems = new ShownSystems(data);
  const found = sections(data, systems);
  const made = found.map(({ id, title, about, parts }) =>
    html(
      "section",
      { id, "aria-labelledby": `${id}-title` },
      html("h2", { id: `${id}-title` }, title),
      html("p", { class: "about" }, about),
      ...parts,
    ),
  );
  document.body.append(header(data), bar(found, systems), html("main", {}, ...made));
  listen([{ keys: ["d"], run: flipTheme }], () => false);
  document.documentElement.dataset.ready = "";
}

start();
