/** The scene: renderer, light, floor, the dancers and their places. */

import {
  BufferAttribute,
  BufferGeometry,
  CircleGeometry,
  Color,
  DirectionalLight,
  Group,
  HemisphereLight,
  LineBasicMaterial,
  LineSegments,
  Mesh,
  MeshBasicMaterial,
  type PerspectiveCamera,
  Scene,
  Vector3,
  WebGLRenderer,
} from "three";
import type { Dancer } from "./dancer";
import type { Resolution } from "./resolution";
import { Shadow } from "./shadow";
import { bodyTones, type Theme } from "./theme";

const FLOOR_RADIUS = 14;
/** Metres between dancers who stand side by side. */
const APART = 1.9;
/** Dancers whose middles are nearer than this, in metres, would hide each other. */
const HIDING = 0.6;

export class Stage {
  readonly scene = new Scene();
  readonly renderer: WebGLRenderer;
  /** Things that are drawn over the dancers on demand. */
  readonly extras = new Group();
  sideBySide: boolean;
  private turn = 0;
  private readonly shadows: Shadow[];
  private readonly sky = new HemisphereLight();
  private readonly key = new DirectionalLight(0xffffff);
  private readonly rim = new DirectionalLight(0xffffff, 0.9);
  private readonly floor = makeFloor();
  private readonly grid = makeGrid();

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
    this.key.position.set(2.2, 3.2, 4.5);
    this.rim.position.set(-3, 3, -4);
    this.scene.add(this.sky, this.key, this.rim, this.floor, this.grid, this.extras);
    for (const dancer of dancers) this.scene.add(dancer.place);
    this.shadows = dancers.map((dancer) => new Shadow(this.scene, dancer));
    this.sideBySide = this.wouldHide();
    this.arrange();
  }

  /** Colours of a theme. */
  setTheme(theme: Theme): void {
    const background = new Color(theme.background);
    this.scene.background = background;
    paintFloor(this.floor, new Color(theme.floor), background);
    paintGrid(this.grid, new Color(theme.line), background);
    this.sky.color.set(theme.sky);
    this.sky.groundColor.set(theme.ground);
    this.sky.intensity = theme.ambient;
    this.key.intensity = theme.key;
    for (const shadow of this.shadows) shadow.strength = theme.shadow;
    const alone = this.dancers.length === 1;
    for (const dancer of this.dancers) dancer.paint(bodyTones(dancer.index, alone));
  }

  /** Put the dancers that are shown side by side, or where they danced. */
  arrange(): void {
    const shown = this.dancers.filter((dancer) => dancer.isShown);
    const middle = this.middleOf(shown);
    shown.forEach((dancer, slot) => {
      const across = (slot - (shown.length - 1) / 2) * APART;
      const home = this.sideBySide ? dancer.middle : middle;
      dancer.moveTo((this.sideBySide ? across : 0) - home.x, -dancer.data.floor, -home.z);
    });
  }

  pose(seconds: number): void {
    for (const dancer of this.dancers) if (dancer.isShown) dancer.pose(seconds);
  }

  draw(camera: PerspectiveCamera, isPlaying: boolean): void {
    // A software renderer has time for one shadow in each picture.
    const due =
      isPlaying && this.resolution.isSoftware ? [this.shadows[this.turn++ % this.shadows.length]!] : this.shadows;
    for (const shadow of due) shadow.draw(this.renderer);
    this.renderer.render(this.scene, camera);
  }

  resize(width: number, height: number): void {
    this.renderer.setPixelRatio(this.resolution.pixelRatio(width, height));
    this.renderer.setSize(width, height, false);
  }

  private wouldHide(): boolean {
    return this.dancers.some((one, index) =>
      this.dancers.slice(0, index).some((other) => one.middle.distanceTo(other.middle) < HIDING),
    );
  }

  private middleOf(dancers: Dancer[]): Vector3 {
    const sum = dancers.reduce((total, dancer) => total.add(dancer.middle), new Vector3());
    return sum.divideScalar(Math.max(1, dancers.length));
  }
}

function makeFloor(): Mesh<CircleGeometry, MeshBasicMaterial> {
  const floor = new Mesh(new CircleGeometry(FLOOR_RADIUS, 48), new MeshBasicMaterial({ vertexColors: true }));
  floor.rotation.x = -Math.PI / 2;
  floor.renderOrder = -2;
  return floor;
}

/** The floor fades into the background at its edge. */
function paintFloor(floor: Mesh<CircleGeometry, MeshBasicMaterial>, colour: Color, background: Color): void {
  const count = floor.geometry.getAttribute("position").count;
  const colours = new Float32Array(3 * count);
  for (let index = 0; index < count; index++) (index === 0 ? colour : background).toArray(colours, 3 * index);
  floor.geometry.setAttribute("color", new BufferAttribute(colours, 3));
}

const GRID_METRES = 9;

function makeGrid(): LineSegments<BufferGeometry, LineBasicMaterial> {
  const points: number[] = [];
  for (let line = -GRID_METRES; line <= GRID_METRES; line++) {
    for (let from = -GRID_METRES; from < GRID_METRES; from++) {
      points.push(line, 0.002, from, line, 0.002, from + 1, from, 0.002, line, from + 1, 0.002, line);
    }
  }
  const geometry = new BufferGeometry();
  geometry.setAttribute("position", new BufferAttribute(new Float32Array(points), 3));
  return new LineSegments(geometry, new LineBasicMaterial({ vertexColors: true }));
}

/** Lines fade into the floor with their distance from the middle. */
function paintGrid(grid: LineSegments<BufferGeometry, LineBasicMaterial>, colour: Color, floor: Color): void {
  const position = grid.geometry.getAttribute("position");
  const colours = new Float32Array(3 * position.count);
  for (let index = 0; index < position.count; index++) {
    const distance = Math.hypot(position.getX(index), position.getZ(index)) / GRID_METRES;
    colour
      .clone()
      .lerp(floor, Math.min(1, distance))
      .toArray(colours, 3 * index);
  }
  grid.geometry.setAttribute("color", new BufferAttribute(colours, 3));
}
