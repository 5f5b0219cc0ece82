/** The floor: a disc that fades into the background, with lines a metre apart.
 *
 * Its colours are those of the screen, so that no pixel of it has to be converted: it covers half the picture. */

import {
  BufferAttribute,
  BufferGeometry,
  CircleGeometry,
  Color,
  Group,
  LineSegments,
  Mesh,
  ShaderMaterial,
  SRGBColorSpace,
} from "three";

const RADIUS = 9;
/** Lines reach so far from the middle, in metres, in pieces of this length. */
const REACH = 6;
const PIECE = 3;

export class Floor {
  readonly group = new Group();
  private readonly disc = new CircleGeometry(RADIUS, 40).rotateX(-Math.PI / 2);
  private readonly lines = makeLines();

  constructor() {
    const disc = new Mesh(this.disc, makeMaterial());
    const lines = new LineSegments(this.lines, makeMaterial());
    // After the dancers, whose pixels need no floor behind them.
    disc.renderOrder = 1;
    lines.renderOrder = 2;
    this.group.add(disc, lines);
  }

  paint(floor: Color, line: Color, background: Color): void {
    paint(this.disc, (distance) => mix(floor, background, distance / RADIUS));
    paint(this.lines, (distance) => {
      const under = mix(floor, background, distance / RADIUS);
      return mix(line, under, Math.min(1, distance / REACH));
    });
  }
}

function makeMaterial(): ShaderMaterial {
  return new ShaderMaterial({
    vertexShader: `
      attribute vec3 color;
      varying vec3 shade;
      void main() {
        shade = color;
        gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.0);
      }`,
    fragmentShader: "varying vec3 shade;\nvoid main() { gl_FragColor = vec4(shade, 1.0); }",
  });
}

function makeLines(): BufferGeometry {
  const points: number[] = [];
  for (let line = -REACH; line <= REACH; line++) {
    for (let from = -REACH; from < REACH; from += PIECE) {
      points.push(line, 0.003, from, line, 0.003, from + PIECE, from, 0.003, line, from + PIECE, 0.003, line);
    }
  }
  return new BufferGeometry().setAttribute("position", new BufferAttribute(new Float32Array(points), 3));
}

/** Give each vertex a colour by its distance from the middle. */
function paint(geometry: BufferGeometry, colourAt: (distance: number) => Color): void {
  const position = geometry.getAttribute("position");
  const colours = new Float32Array(3 * position.count);
  for (let index = 0; index < position.count; index++) {
    colourAt(Math.hypot(position.getX(index), position.getZ(index))).toArray(colours, 3 * index);
  }
  geometry.setAttribute("color", new BufferAttribute(colours, 3));
}

function mix(from: Color, to: Color, share: number): Color {
  const [a, b] = [onScreen(from), onScreen(to)];
  return a.lerp(b, share);
}

/** The numbers that the screen gets for a colour. */
function onScreen(colour: Color): Color {
  const { r, g, b } = colour.getRGB({ r: 0, g: 0, b: 0 }, SRGBColorSpace);
  const plain = new Color();
  [plain.r, plain.g, plain.b] = [r, g, b];
  return plain;
}
