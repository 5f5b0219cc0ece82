/** The scene: renderer, light, floor, the dancers and their places. */

import {
  Color,
  DirectionalLight,
  Group,
  HemisphereLight,
  type PerspectiveCamera,
  Scene,
  Vector3,
  WebGLRenderer,
} from "three";
import type { Dancer } from "./dancer";
import { Floor } from "./floor";
import type { Resolution } from "./resolution";
import { Shadow } from "./shadow";
import { bodyTones, type Theme } from "./theme";

/** Metres between dancers who stand side by side. */
const APART = 1.9;
/** Dancers whose hips come nearer to each other than this, in metres, did not dance in one place together. */
const HIDING = 0.15;

const UP = new Vector3(0, 1, 0);

export class DanceScene {
  private readonly root = new Scene();
  readonly renderer: WebGLRenderer;
  /** Things that are drawn over the dancers on demand. */
  readonly extras = new Group();
  sideBySide: boolean;
  private turn = 0;
  private readonly shadows: Shadow[];
  private readonly sky = new HemisphereLight();
  private readonly key = new DirectionalLight(0xffffff);
  private readonly rim = new DirectionalLight(0xffffff, 0.9);
  private readonly floor = new Floor();

  constructor(
    canvas: HTMLCanvasElement,
    readonly dancers: Dancer[],
    readonly resolution: Resolution,
  ) {
    this.renderer = new WebGLRenderer({
      canvas,
      antialias: !this.resolution.isSoftware,
      powerPreference: "high-performance",
    });
    this.root.add(this.sky, this.key, this.rim, this.floor.group, this.extras);
    for (const dancer of dancers) this.root.add(dancer.place);
    this.shadows = dancers.map((dancer) => new Shadow(this.root, dancer));
    this.sideBySide = this.wouldHide();
    this.arrange();
  }

  /** Colours of a theme. */
  setTheme(theme: Theme): void {
    const background = new Color(theme.background);
    this.root.background = background;
    this.floor.paint(new Color(theme.floor), new Color(theme.line), background);
    this.sky.color.set(theme.sky);
    this.sky.groundColor.set(theme.ground);
    this.sky.intensity = theme.ambient;
    this.key.intensity = theme.key;
    for (const shadow of this.shadows) shadow.strength = theme.shadow;
    const alone = this.dancers.length === 1;
    for (const dancer of this.dancers) dancer.paint(bodyTones(dancer.hue, alone));
  }

  /** Put the dancers that are shown side by side, all facing the same way, or where they danced. */
  arrange(): void {
    const shown = this.dancers.filter((dancer) => dancer.isShown);
    const middle = this.middleOf(shown);
    shown.forEach((dancer, slot) => {
      const across = (slot - (shown.length - 1) / 2) * APART;
      if (this.sideBySide) dancer.moveTo(new Vector3(across, 0, 0), -dancer.data.facing);
      else dancer.moveTo(dancer.middle.clone().sub(middle), 0);
    });
    this.light();
  }

  /** The light comes from the front, wherever that is. */
  private light(): void {
    this.key.position.set(2.2, 3.2, 4.5).applyAxisAngle(UP, this.front);
    this.rim.position.set(-3, 3, -4).applyAxisAngle(UP, this.front);
  }

  pose(seconds: number): void {
    for (const dancer of this.dancers) if (dancer.isShown) dancer.pose(seconds);
  }

  draw(camera: PerspectiveCamera, isPlaying: boolean): void {
    for (const dancer of this.dancers) if (dancer.isShown) dancer.face(camera.position);
    // A software renderer has time for one shadow in each picture.
    const due =
      isPlaying && this.resolution.isSoftware ? [this.shadows[this.turn++ % this.shadows.length]!] : this.shadows;
    for (const shadow of due) shadow.draw(this.renderer);
    this.renderer.render(this.root, camera);
  }

  resize(width: number, height: number): void {
    this.renderer.setPixelRatio(this.resolution.pixelRatio(width, height));
    this.renderer.setSize(width, height, false);
  }

  /** The direction from which the dancers are seen from the front, in radians from +Z towards +X. */
  get front(): number {
    if (this.sideBySide) return 0;
    const shown = this.dancers.filter((dancer) => dancer.isShown).map((dancer) => dancer.data.facing);
    const [x, z] = [Math.sin, Math.cos].map((part) => shown.reduce((sum, facing) => sum + part(facing), 0));
    return Math.atan2(x!, z!);
  }

  private wouldHide(): boolean {
    return this.dancers.some((one, index) =>
      this.dancers.slice(0, index).some((other) => one.distanceTo(other) < HIDING),
    );
  }

  private middleOf(dancers: Dancer[]): Vector3 {
    const sum = dancers.reduce((total, dancer) => total.add(dancer.middle), new Vector3());
    return sum.divideScalar(Math.max(1, dancers.length));
  }
}
