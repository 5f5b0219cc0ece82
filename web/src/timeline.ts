/** The timeline: waveform, beats, likelihood and loop; a click or drag goes there, with Shift it marks a loop. */

import type { DancerData, PageData } from "./data";
import { fromBase64 } from "./data";
import { element } from "./dom";
import type { Player } from "./player";
import { likelihoodCurve, nearestBeat, peaksOf } from "./timeline_data";
import { clockText, spokenTime } from "./words";

/** Pixels: distance from a beat or an end of the loop within which it is meant. */
const BEAT_NEAR = 4;
const HANDLE_NEAR = 10;
/** Seconds that one key press moves. */
const KEY_STEP = 1;
/** Share of the height that belongs to the likelihood, also where it is what the page is about. */
const CURVE_SHARE = 0.34;
const SCORE_SHARE = 0.55;

type Drag = { kind: "seek" } | { kind: "mark"; from: number } | { kind: "handle"; end: "start" | "end" };

export class Timeline {
  private readonly played = element<HTMLCanvasElement>("played");
  private readonly canvases = [element<HTMLCanvasElement>("ahead"), this.played];
  private readonly playhead = element("playhead");
  private readonly stretch = element("loop-stretch");
  private readonly levels: Uint8Array;
  private width = 0;
  private height = 0;
  private drag: Drag | null = null;
  /** The dancer whose likelihood is drawn. */
  private dancer: DancerData;

  constructor(
    private readonly root: HTMLElement,
    private readonly hint: HTMLElement,
    private readonly data: PageData,
    private readonly player: Player,
  ) {
    this.levels = fromBase64(data.waveform);
    this.dancer = data.dancers.find((dancer) => dancer.logLikelihood) ?? data.dancers[0]!;
    root.setAttribute("aria-valuemin", "0");
    root.setAttribute("aria-valuemax", data.seconds.toFixed(2));
    root.addEventListener("pointerdown", (event) => this.press(event));
    root.addEventListener("pointermove", (event) => this.move(event));
    root.addEventListener("pointerup", () => this.release());
    root.addEventListener("pointercancel", () => this.release());
    root.addEventListener("pointerleave", () => this.tellHint(null));
    root.addEventListener("keydown", (event) => this.key(event));
  }

  /** Draw the likelihood of this dancer. */
  choose(dancer: DancerData): void {
    this.dancer = dancer;
    this.resize();
  }

  /** Draw all anew: the size or the colours are others. */
  resize(): void {
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    this.width = this.root.clientWidth;
    this.height = this.root.clientHeight;
    for (const canvas of this.canvases) {
      canvas.width = Math.round(this.width * ratio);
      canvas.height = Math.round(this.height * ratio);
    }
    this.paint(ratio);
    this.showLoop();
  }

  /** Move what moves: no canvas is drawn for it. */
  draw(seconds: number): void {
    const played = this.x(seconds);
    this.played.style.clipPath = `inset(0 ${(this.width - played).toFixed(1)}px 0 0)`;
    this.playhead.style.transform = `translateX(${played.toFixed(1)}px)`;
    const spoken = spokenTime(seconds);
    if (this.root.getAttribute("aria-valuetext") !== spoken) {
      this.root.setAttribute("aria-valuenow", seconds.toFixed(2));
      this.root.setAttribute("aria-valuetext", spoken);
    }
  }

  showLoop(): void {
    const { loop } = this.player.clock;
    this.stretch.hidden = loop === null;
    if (!loop) return;
    this.stretch.style.left = `${this.x(loop.start)}px`;
    this.stretch.style.width = `${this.x(loop.end) - this.x(loop.start)}px`;
  }

  /** What does not move: waveform, beats and curve. */
  private paint(ratio: number): void {
    if (this.width === 0) return;
    for (const canvas of this.canvases) {
      const pen = canvas.getContext("2d")!;
      pen.setTransform(ratio, 0, 0, ratio, 0, 0);
      pen.clearRect(0, 0, this.width, this.height);
      const share = this.data.stretches ? SCORE_SHARE : CURVE_SHARE;
      const curve = this.dancer.logLikelihood ? share * this.height : 0;
      const waveHeight = this.height - curve - 8;
      this.drawBeats(pen, waveHeight);
      this.drawWave(pen, waveHeight);
      if (curve) this.drawCurve(pen, this.height - curve, curve - 4);
    }
  }

  private drawWave(pen: CanvasRenderingContext2D, height: number): void {
    pen.fillStyle = colour("--accent");
    if (this.levels.length === 0) pen.fillRect(0, height / 2 - 1.5, this.width, 3);
    const bars = this.levels.length ? peaksOf(this.levels, Math.floor(this.width / 3)) : [];
    const middle = height / 2;
    bars.forEach((level, index) => {
      const half = Math.max(0.75, (level / 255) * (middle - 1));
      pen.fillRect(index * 3, middle - half, 2, 2 * half);
    });
  }

  private drawBeats(pen: CanvasRenderingContext2D, height: number): void {
    const beats = this.data.beats;
    const spacing = beats.length > 1 ? (this.width / this.data.seconds) * (beats[beats.length - 1]! - beats[0]!) : 0;
    // Ticks that touch each other would be a grey band.
    if (spacing / beats.length < 3) return;
    pen.fillStyle = colour("--beat");
    for (const beat of beats) pen.fillRect(Math.round(this.x(beat)), height + 1, 1.5, 6);
  }

  private drawCurve(pen: CanvasRenderingContext2D, top: number, height: number): void {
    const found = likelihoodCurve(this.dancer, this.data.seconds, Math.ceil(this.width));
    if (!found) return;
    const y = (value: number) => top + (1 - value) * height;
    pen.fillStyle = colour("--mark");
    for (const { start, end } of this.data.stretches ?? []) {
      pen.fillRect(this.x(start), top, Math.max(2, this.x(end) - this.x(start)), height);
    }
    if (found.typical) {
      const [low, high] = found.typical;
      pen.fillStyle = colour("--typical");
      low.forEach((value, x) => {
        const upper = high[x];
        if (value === null || typeof upper !== "number") return;
        pen.fillRect(x, y(upper), 1, Math.max(1, y(value) - y(upper)));
      });
    }
    pen.strokeStyle = colour("--curve");
    pen.lineWidth = 1.5;
    pen.beginPath();
    let isOpen = false;
    found.heights.forEach((value, x) => {
      if (value === null) {
        isOpen = false;
        return;
      }
      if (isOpen) pen.lineTo(x, y(value));
      else pen.moveTo(x, y(value));
      isOpen = true;
    });
    pen.stroke();
  }

  private x(seconds: number): number {
    return (seconds / this.data.seconds) * this.width;
  }

  private seconds(event: PointerEvent): number {
    const x = event.clientX - this.root.getBoundingClientRect().left;
    const seconds = Math.min(Math.max(x / this.width, 0), 1) * this.data.seconds;
    const beat = nearestBeat(this.data.beats, seconds);
    return beat !== null && Math.abs(this.x(beat) - x) < BEAT_NEAR ? beat : seconds;
  }

  private press(event: PointerEvent): void {
    if (event.button !== 0) return;
    this.root.setPointerCapture(event.pointerId);
    const seconds = this.seconds(event);
    const end = this.handleAt(event);
    if (event.shiftKey) this.drag = { kind: "mark", from: seconds };
    else if (end) this.drag = { kind: "handle", end };
    else {
      this.drag = { kind: "seek" };
      this.player.seek(seconds);
    }
  }

  private move(event: PointerEvent): void {
    const seconds = this.seconds(event);
    this.tellHint(event, seconds);
    this.root.style.cursor = this.handleAt(event) ? "ew-resize" : "pointer";
    const loop = this.player.clock.loop;
    if (this.drag?.kind === "seek") this.player.seek(seconds);
    else if (this.drag?.kind === "mark" && seconds !== this.drag.from) {
      const { from } = this.drag;
      this.player.setLoop({ start: Math.min(from, seconds), end: Math.max(from, seconds) });
    } else if (this.drag?.kind === "handle" && loop) {
      if (this.drag.end === "start") this.player.setLoop({ start: Math.min(seconds, loop.end), end: loop.end });
      else this.player.setLoop({ start: loop.start, end: Math.max(seconds, loop.start) });
    }
  }

  private release(): void {
    this.drag = null;
  }

  private handleAt(event: PointerEvent): "start" | "end" | null {
    const loop = this.player.clock.loop;
    if (!loop) return null;
    const x = event.clientX - this.root.getBoundingClientRect().left;
    const [start, end] = [Math.abs(this.x(loop.start) - x), Math.abs(this.x(loop.end) - x)];
    if (Math.min(start, end) > HANDLE_NEAR) return null;
    return start < end ? "start" : "end";
  }

  private key(event: KeyboardEvent): void {
    const time = this.player.time();
    const targets: Record<string, number> = {
      ArrowLeft: time - KEY_STEP,
      ArrowDown: time - KEY_STEP,
      ArrowRight: time + KEY_STEP,
      ArrowUp: time + KEY_STEP,
      PageUp: time + 10 * KEY_STEP,
      PageDown: time - 10 * KEY_STEP,
    };
    const target = targets[event.key];
    if (target === undefined || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation();
    this.player.seek(target);
  }

  private tellHint(event: PointerEvent | null, seconds = 0): void {
    this.hint.hidden = event === null;
    if (event === null) return;
    const frame = Math.min(Math.floor(seconds * this.dancer.fps), (this.dancer.logLikelihood?.length ?? 0) - 1);
    const value = this.dancer.logLikelihood?.[frame];
    const likelihood = typeof value === "number" ? `  ${value.toFixed(2)} nats/dim` : "";
    const [low, high] = (this.dancer.typical ?? []).map((values) => values[frame]);
    const typical =
      typeof low === "number" && typeof high === "number" ? `, typical ${low.toFixed(2)} to ${high.toFixed(2)}` : "";
    this.hint.textContent = clockText(seconds) + likelihood + typical;
    const half = this.hint.offsetWidth / 2;
    const left = Math.min(Math.max(this.x(seconds), half), this.width - half);
    this.hint.style.left = `${left}px`;
  }
}

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
