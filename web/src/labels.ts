/** The names of joints, written over the picture. */

import { type PerspectiveCamera, Vector3 } from "three";
import type { Dancer } from "./dancer";
import type { ThemeName } from "./theme_choice";

export class Labels {
  isShown = false;
  private readonly pen: CanvasRenderingContext2D;
  private readonly point = new Vector3();
  private isClean = true;
  private width = 0;
  private height = 0;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly dancers: Dancer[],
  ) {
    this.pen = canvas.getContext("2d")!;
  }

  resize(width: number, height: number): void {
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    this.width = width;
    this.height = height;
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    this.pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  }

  draw(camera: PerspectiveCamera, theme: ThemeName): void {
    if (!this.isShown && this.isClean) return;
    this.pen.clearRect(0, 0, this.width, this.height);
    this.isClean = !this.isShown;
    this.canvas.hidden = !this.isShown;
    if (!this.isShown) return;
    this.pen.font = "500 11px system-ui, sans-serif";
    this.pen.textBaseline = "middle";
    this.pen.lineJoin = "round";
    this.pen.lineWidth = 3;
    this.pen.strokeStyle = theme === "dark" ? "rgba(16,17,23,.8)" : "rgba(255,255,255,.85)";
    this.pen.fillStyle = theme === "dark" ? "#f2f1ee" : "#22242c";
    for (const dancer of this.dancers) if (dancer.isShown) this.drawDancer(dancer, camera);
  }

  private drawDancer(dancer: Dancer, camera: PerspectiveCamera): void {
    const taken: [number, number][] = [];
    for (const [name, joint] of dancer.labelled) {
      const at = dancer.position(joint, this.point).project(camera);
      if (at.z > 1) continue;
      const x = ((at.x + 1) / 2) * this.width;
      const y = ((1 - at.y) / 2) * this.height;
      this.pen.beginPath();
      this.pen.arc(x, y, 2.5, 0, 2 * Math.PI);
      this.pen.stroke();
      this.pen.fill();
      // Names over each other could not be read; the dot stays.
      if (taken.some(([left, top]) => Math.abs(left - x) < 70 && Math.abs(top - y) < 12)) continue;
      taken.push([x, y]);
      this.pen.strokeText(name, x + 7, y);
      this.pen.fillText(name, x + 7, y);
    }
  }
}
