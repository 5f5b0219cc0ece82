/** The list of stretches that stand out: a click on one plays it again and again. */

import type { StretchData } from "./data";
import { element } from "./dom";
import type { Player } from "./player";
import { clockText } from "./words";

/** Seconds before and after a stretch that are played with it. */
const AROUND = 0.5;
/** On narrower pages the list hides the dance: it is folded until it is asked for. */
const WIDE = 760;

export class StretchList {
  private readonly root = element<HTMLDetailsElement>("stretches");
  private readonly rows: HTMLTableRowElement[];
  private chosen = -1;

  constructor(
    private readonly stretches: StretchData[],
    private readonly player: Player,
  ) {
    this.root.hidden = false;
    this.root.open = stretches.length > 0 && window.innerWidth > WIDE;
    element("stretches-title").textContent =
      stretches.length === 0
        ? "No stretch stands out"
        : `${stretches.length} ${stretches.length === 1 ? "stretch stands" : "stretches stand"} out`;
    this.rows = stretches.map((stretch, index) => this.row(stretch, index));
    element("stretches-rows").append(...this.rows);
    element("stretches-table").hidden = stretches.length === 0;
    player.onChange(() => this.update());
  }

  /** Play the one after the chosen one. */
  next(): void {
    if (this.stretches.length > 0) this.choose((this.chosen + 1) % this.stretches.length);
  }

  private choose(index: number): void {
    const { start, end } = this.stretches[index]!;
    this.chosen = index;
    this.player.setLoop({ start: Math.max(0, start - AROUND), end: end + AROUND });
    this.player.seek(Math.max(0, start - AROUND));
    if (window.innerWidth <= WIDE) this.root.open = false;
    if (!this.player.playing) void this.player.play();
  }

  private flip(index: number): void {
    if (index === this.chosen) this.player.setLoop(null);
    else this.choose(index);
  }

  /** A loop that was changed elsewhere is no longer that of a row. */
  private update(): void {
    const loop = this.player.clock.loop;
    const stretch = this.stretches[this.chosen];
    if (stretch && loop?.start !== Math.max(0, stretch.start - AROUND)) this.chosen = -1;
    for (const [index, row] of this.rows.entries()) {
      row.querySelector("button")!.setAttribute("aria-pressed", String(index === this.chosen));
    }
  }

  private row({ start, end, parts, lowest }: StretchData, index: number): HTMLTableRowElement {
    const row = document.createElement("tr");
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("aria-pressed", "false");
    button.textContent = `${clockText(start)} – ${clockText(end)}`;
    const texts = [String(index + 1), "", parts.join(", "), rounded(lowest)];
    const cells = texts.map((text) => {
      const cell = document.createElement("td");
      cell.textContent = text;
      return cell;
    });
    cells[1]!.append(button);
    row.append(...cells);
    row.addEventListener("click", () => this.flip(index));
    return row;
  }
}

/** Two decimals of small numbers; a true minus, and groups of thousands. */
function rounded(value: number): string {
  const digits = Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0;
  const format = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return value.toLocaleString("en", format).replace("-", "\u2212");
}
