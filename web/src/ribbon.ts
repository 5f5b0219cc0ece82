/** A line of some pixels' width: lines of WebGL have one, which fine screens hardly show. */

import {
  BufferAttribute,
  BufferGeometry,
  type Color,
  DoubleSide,
  DynamicDrawUsage,
  Mesh,
  ShaderMaterial,
  Vector2,
} from "three";

/** Width, as a share of the height of the picture. */
const WIDTH = 0.005;

export class Ribbon extends Mesh<BufferGeometry, ShaderMaterial> {
  private readonly places: BufferAttribute;
  private readonly before: BufferAttribute;
  private readonly after: BufferAttribute;

  /** A ribbon of one colour through as many points as there are opacities. */
  constructor(
    colour: Color,
    private readonly opacities: number[],
  ) {
    super(new BufferGeometry(), makeMaterial(colour));
    const twice = opacities.flatMap((opacity) => [opacity, opacity]);
    const makePlaces = () => new BufferAttribute(new Float32Array(3 * twice.length), 3).setUsage(DynamicDrawUsage);
    [this.places, this.before, this.after] = [makePlaces(), makePlaces(), makePlaces()];
    this.geometry.setAttribute("position", this.places);
    this.geometry.setAttribute("before", this.before);
    this.geometry.setAttribute("after", this.after);
    this.geometry.setAttribute("opacity", new BufferAttribute(new Float32Array(twice), 1));
    const sides = twice.map((_, index) => (index % 2 ? 1 : -1));
    this.geometry.setAttribute("side", new BufferAttribute(new Float32Array(sides), 1));
    const strips = opacities.slice(1).flatMap((_, index) => [0, 1, 2, 2, 1, 3].map((corner) => 2 * index + corner));
    this.geometry.setIndex(strips);
    this.frustumCulled = false;
    this.renderOrder = 5;
    const size = new Vector2();
    this.onBeforeRender = (renderer) => {
      renderer.getDrawingBufferSize(size);
      this.material.uniforms.aspect!.value = size.x / size.y;
    };
  }

  /** Lead the ribbon through points, given by their coordinates one after the other. */
  draw(point: (index: number, axis: number) => number): void {
    const last = this.opacities.length - 1;
    for (let index = 0; index <= last; index++)
      for (let axis = 0; axis < 3; axis++) {
        const near = [index, Math.max(index - 1, 0), Math.min(index + 1, last)].map((at) => point(at, axis));
        for (const corner of [2 * index, 2 * index + 1]) {
          this.places.setComponent(corner, axis, near[0]!);
          this.before.setComponent(corner, axis, near[1]!);
          this.after.setComponent(corner, axis, near[2]!);
        }
      }
    for (const attribute of [this.places, this.before, this.after]) attribute.needsUpdate = true;
  }
}

function makeMaterial(colour: Color): ShaderMaterial {
  return new ShaderMaterial({
    uniforms: { colour: { value: colour.clone().convertLinearToSRGB() }, aspect: { value: 1 } },
    vertexShader: `
      attribute vec3 before, after;
      attribute float side, opacity;
      uniform float aspect;
      varying float alpha;
      vec2 flattened(vec3 place) {
        vec4 seen = projectionMatrix * modelViewMatrix * vec4(place, 1.0);
        return seen.xy / seen.w * vec2(aspect, 1.0);
      }
      void main() {
        vec2 way = flattened(after) - flattened(before);
        way = length(way) > 1e-5 ? normalize(way) : vec2(1.0, 0.0);
        vec4 seen = projectionMatrix * modelViewMatrix * vec4(position, 1.0);
        seen.xy += side * ${WIDTH.toFixed(4)} * vec2(-way.y / aspect, way.x) * seen.w;
        gl_Position = seen;
        alpha = opacity;
      }`,
    fragmentShader: `
      uniform vec3 colour;
      varying float alpha;
      void main() { gl_FragColor = vec4(colour, alpha); }`,
    side: DoubleSide,
    transparent: true,
    depthWrite: false,
  });
}
