/** The paths of hands, feet and head around the moment that is shown. */

import {
  BufferAttribute,
  BufferGeometry,
  Color,
  DynamicDrawUsage,
  type Group,
  Line,
  LineBasicMaterial,
  type Object3D,
  Vector3,
} from "three";
import type { Dancer } from "./dancer";
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
  private readonly lines: Line<BufferGeometry, LineBasicMaterial>[];
  private readonly joints: Object3D[];
  /** Step in time -> places of the joints, before the dancer is placed. */
  private readonly known = new Map<number, Float32Array>();
  private readonly point = new Vector3();

  constructor(
    extras: Group,
    private readonly dancer: Dancer,
  ) {
    this.joints = dancer.data.ends.flatMap((name) => dancer.joints.get(name) ?? []);
    this.lines = this.joints.map(() => makeLine(new Color(dancerColour(dancer.hue))));
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
      const position = line.geometry.getAttribute("position") as BufferAttribute;
      rows.forEach((row, index) => {
        position.setXYZ(index, row[3 * joint]!, row[3 * joint + 1]!, row[3 * joint + 2]!);
      });
      position.needsUpdate = true;
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

function makeLine(colour: Color): Line<BufferGeometry, LineBasicMaterial> {
  const geometry = new BufferGeometry();
  const position = new BufferAttribute(new Float32Array(3 * POINTS), 3).setUsage(DynamicDrawUsage);
  const colours = new Float32Array(4 * POINTS);
  for (let index = 0; index < POINTS; index++) {
    const after = index / RATE - PAST;
    const opacity = after > 0 ? 0.35 * (1 - after / AHEAD) : 1 + after / PAST;
    colours.set([colour.r, colour.g, colour.b, opacity], 4 * index);
  }
  geometry.setAttribute("position", position);
  geometry.setAttribute("color", new BufferAttribute(colours, 4));
  const material = new LineBasicMaterial({ vertexColors: true, transparent: true, depthWrite: false });
  const line = new Line(geometry, material);
  line.frustumCulled = false;
  line.renderOrder = 5;
  return line;
}
