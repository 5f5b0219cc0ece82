/** The cameras: orbit and follow are moved by the user, front and top frame the dancers by themselves. */

import { PerspectiveCamera, Spherical, Vector3 } from "three";
import { OrbitControls } from "three/examples/jsm/controls/OrbitControls.js";
import type { Dancer } from "./dancer";
import type { DanceScene } from "./scene";

export type View = "orbit" | "follow" | "front" | "top";
export const VIEWS: View[] = ["orbit", "follow", "front", "top"];

/** Height of what is looked at, and of what has to be in the picture, in metres. */
const EYE = 1.0;
const TALL = 2.3;
/** Share of the way to where the camera belongs that it goes in a second is 1 - exp(-RATE). */
const RATE = 4;
/** Angle from the front at which the dancers are seen first, in radians. */
const ASIDE = 0.42;
/** Dancers who go farther than this from the middle, in metres, are followed from the start, unless side by side. */
const WIDE = 1.3;
/** So far from the middle, in metres, dancers are in the picture of a camera that stands still. */
const FARTHEST = 3;
/** The least distance, in metres, from which dancers are looked at. */
const LEAST = 4.5;
/** Room for an arm beside a dancer, in metres. */
const ARM = 0.85;

export class Cameras {
  readonly camera = new PerspectiveCamera(30, 1, 0.1, 160);
  readonly controls: OrbitControls;
  view: View = "orbit";
  private readonly aim = new Vector3();
  private readonly point = new Vector3();
  private readonly moved = new Vector3();

  constructor(
    canvas: HTMLCanvasElement,
    private readonly scene: DanceScene,
    onMove: () => void,
    onTakeOver: () => void,
  ) {
    this.controls = new OrbitControls(this.camera, canvas);
    this.controls.enablePan = true;
    this.controls.minDistance = 0.8;
    this.controls.maxDistance = 80;
    this.controls.maxPolarAngle = 0.497 * Math.PI;
    this.controls.addEventListener("change", onMove);
    if (!scene.sideBySide && scene.dancers.some((dancer) => dancer.spread > WIDE)) this.view = "follow";
    // Who turns a camera that frames by itself wants to look from there on.
    this.controls.addEventListener("start", () => {
      if (this.view === "front" || this.view === "top") {
        this.view = "orbit";
        onTakeOver();
      }
    });
  }

  /** Fit the picture, of which something covers the left so far, in pixels: what is looked at is beside that. */
  resize(width: number, height: number, covered: number): void {
    const free = Math.max(1, width - covered);
    this.camera.setViewOffset(free, Math.max(1, height), -covered, 0, width, Math.max(1, height));
  }

  /** Choose a view and frame the dancers. */
  choose(view: View): void {
    this.view = view;
    this.frame();
  }

  /** Stand where all dancers are in the picture, at once. */
  frame(): void {
    this.aimAtDancers(this.aim);
    const polar = this.view === "top" ? 0.02 : this.view === "front" ? 0.48 * Math.PI : 0.44 * Math.PI;
    const azimuth = this.scene.front + (this.view === "front" || this.view === "top" ? 0 : ASIDE);
    const distance = this.fittingDistance(azimuth, polar);
    this.controls.target.copy(this.aim);
    this.camera.position.setFromSpherical(new Spherical(distance, polar, azimuth)).add(this.aim);
    this.controls.update();
  }

  /** Follow the dancers; returns whether the camera has moved. */
  update(seconds: number): boolean {
    if (this.view === "orbit") return false;
    this.aimAtDancers(this.aim);
    const share = 1 - Math.exp(-RATE * Math.min(seconds, 0.1));
    this.moved.subVectors(this.aim, this.controls.target).multiplyScalar(share);
    if (this.moved.lengthSq() < 1e-8) return false;
    this.controls.target.add(this.moved);
    this.camera.position.add(this.moved);
    this.controls.update();
    return true;
  }

  /** Turn by angles, and go nearer or away by a factor, as keys do. */
  turn(azimuth: number, polar: number, zoom: number): void {
    const way = new Spherical().setFromVector3(this.point.subVectors(this.camera.position, this.controls.target));
    way.theta += azimuth;
    way.phi = Math.min(Math.max(way.phi + polar, 0.02), this.controls.maxPolarAngle);
    way.radius = Math.min(Math.max(way.radius * zoom, this.controls.minDistance), this.controls.maxDistance);
    this.camera.position.setFromSpherical(way).add(this.controls.target);
    this.controls.update();
  }

  /** The middle of the dancers: in orbit, of the floors that they use; else of where they are. */
  private aimAtDancers(into: Vector3): void {
    const shown = this.scene.dancers.filter((dancer) => dancer.isShown);
    into.set(0, 0, 0);
    for (const dancer of shown) into.add(this.spot(dancer));
    into.divideScalar(Math.max(1, shown.length)).setY(EYE);
  }

  private spot(dancer: Dancer): Vector3 {
    if (this.view === "orbit") return dancer.place.localToWorld(this.point.copy(dancer.middle));
    return dancer.position(dancer.hips, this.point);
  }

  /** The distance from which each dancer is in the picture, with arms and with the floor that it uses. */
  private fittingDistance(azimuth: number, polar: number): number {
    const slope = Math.tan((this.camera.fov * Math.PI) / 360);
    const towards = new Vector3().setFromSphericalCoords(1, polar, azimuth);
    const right = new Vector3(Math.cos(azimuth), 0, -Math.sin(azimuth));
    const up = new Vector3().crossVectors(towards, right);
    let distance = 0;
    const include = (point: Vector3, aside: number) => {
      const width = Math.abs(point.dot(right)) + aside;
      const height = Math.abs(point.dot(up)) + (this.view === "top" ? aside : 0);
      distance = Math.max(distance, point.dot(towards) + Math.max(width / this.camera.aspect, height) / slope);
    };
    for (const dancer of this.scene.dancers.filter((one) => one.isShown)) {
      const roaming = this.view === "orbit" ? Math.min(dancer.spread, FARTHEST) : 0;
      const spots = [
        { spot: this.spot(dancer).clone(), aside: roaming + ARM },
        { spot: dancer.position(dancer.hips, new Vector3()), aside: ARM },
      ];
      for (const { spot, aside } of spots) {
        for (const height of [0, TALL]) include(spot.setY(height).clone().sub(this.aim), aside);
      }
    }
    return Math.max(distance, LEAST) + 0.2;
  }
}
