/** The paths of hands, feet and head around the moment that is shown. */

import { Color, type Group, type Object3D, Vector3 } from "three";
import type { Dancer } from "./dancer";
import { Ribbon } from "./ribbon";
import { dancerColour } from "./theme";

/** Seconds of a path before and after the moment, and points in each second. */
const PAST = 1.0;
const AHEAD = 0.4;
const RATE = 30;
const POINTS = Math.round((PAST + AHEAD) * RATE) + 1;

export class Paths {
  private readonly all: DancerPaths[];
  private shown = false;

  constructor(extras: Group, dancers: Dancer[]) {
    this.all = dancers.map((dancer) => new DancerPaths(extras, dancer));
  }

  get isShown(): boolean {
    return this.shown;
  }

  set isShown(shown: boolean) {
    this.shown = shown;
    for (const paths of this.all) paths.hide();
  }

  /** Draw the paths around a moment; dancers are posed there again afterwards. */
  update(seconds: number): void {
    if (this.shown) for (const paths of this.all) paths.update(seconds);
  }
}

class DancerPaths {
  private readonly lines: Ribbon[];
  private readonly joints: Object3D[];
  /** Step in time -> places of the joints, before the dancer is placed. */
  private readonly known = new Map<number, Float32Array>();
  private readonly point = new Vector3();

  constructor(
    extras: Group,
    private readonly dancer: Dancer,
  ) {
    this.joints = dancer.data.ends.flatMap((name) => dancer.joints.get(name) ?? []);
    this.lines = this.joints.map(() => new Ribbon(new Color(dancerColour(dancer.hue)), opacities()));
    for (const line of this.lines) extras.add(line);
    this.hide();
  }

  hide(): void {
    for (const line of this.lines) line.visible = false;
  }

  update(seconds: number): void {
    if (!this.dancer.isShown) {
      this.hide();
      return;
    }
    const now = Math.round(seconds * RATE);
    const rows = Array.from({ length: POINTS }, (_, index) => this.places(now - Math.round(PAST * RATE) + index));
    this.dancer.pose(seconds);
    this.lines.forEach((line, joint) => {
      line.draw((index, axis) => rows[index]![3 * joint + axis]!);
      line.position.copy(this.dancer.place.position);
      line.quaternion.copy(this.dancer.place.quaternion);
      line.visible = true;
    });
  }

  private places(step: number): Float32Array {
    const last = Math.floor(this.dancer.data.seconds * RATE);
    const clamped = Math.min(Math.max(step, 0), last);
    const known = this.known.get(clamped);
    if (known) return known;
    this.dancer.pose(clamped / RATE);
    const row = new Float32Array(3 * this.joints.length);
    this.joints.forEach((joint, index) => {
      this.dancer.place.worldToLocal(this.dancer.position(joint, this.point)).toArray(row, 3 * index);
    });
    this.known.set(clamped, row);
    return row;
  }
}

/** Of each point: what was fades, what comes is faint. */
function opacities(): number[] {
  return Array.from({ length: POINTS }, (_, index) => {
    const after = index / RATE - PAST;
    return after > 0 ? 0.35 * (1 - after / AHEAD) : 1 + after / PAST;
  });
}
