/** A soft shadow under a dancer: the body seen from above, darker the nearer it is to the floor, and blurred. */

import {
  Camera,
  CustomBlending,
  LinearFilter,
  MaxEquation,
  Mesh,
  MeshBasicMaterial,
  OneFactor,
  OrthographicCamera,
  PlaneGeometry,
  Scene,
  ShaderMaterial,
  UnsignedByteType,
  Vector2,
  Vector3,
  type WebGLRenderer,
  WebGLRenderTarget,
} from "three";
import type { Dancer } from "./dancer";

/** Metres that the shadow covers, and its pixels. */
const SIDE = 2.4;
const PIXELS = 96;
/** Height, in metres, at which a part of the body throws no shadow any more. */
const HIGHEST = 1.6;

export class Shadow {
  private readonly plane: Mesh;
  private readonly material = makePlaneMaterial();
  private readonly from = new OrthographicCamera(-SIDE / 2, SIDE / 2, SIDE / 2, -SIDE / 2, 0, 6);
  private readonly target = makeTarget();
  private readonly blurred = makeTarget();
  private readonly caster = makeCaster();
  private readonly blur = new Blur();
  private readonly spot = new Vector3();

  constructor(
    private readonly scene: Scene,
    private readonly dancer: Dancer,
  ) {
    const material = new MeshBasicMaterial({
      color: 0,
      map: this.target.texture,
      transparent: true,
      depthWrite: false,
    });
    this.plane = new Mesh(new PlaneGeometry(SIDE, SIDE), material);
    this.plane.rotation.x = -Math.PI / 2;
    this.plane.renderOrder = 1;
    scene.add(this.plane);
    this.from.up.set(0, 0, -1);
    this.from.layers.set(dancer.index + 1);
    dancer.place.traverse((object) => object.layers.enable(dancer.index + 1));
  }

  set strength(strength: number) {
    this.material.uniforms.strength!.value = strength;
  }

  draw(renderer: WebGLRenderer): void {
    this.plane.visible = this.dancer.isShown;
    if (!this.dancer.isShown) return;
    this.dancer.position(this.dancer.hips, this.spot);
    this.plane.position.set(this.spot.x, 0.004, this.spot.z);
    this.from.position.set(this.spot.x, 4, this.spot.z);
    this.from.lookAt(this.spot.x, 0, this.spot.z);
    const { background } = this.scene;
    this.scene.background = null;
    this.scene.overrideMaterial = this.caster;
    renderer.setClearColor(0, 0);
    renderer.setRenderTarget(this.target);
    renderer.clear();
    renderer.render(this.scene, this.from);
    this.scene.overrideMaterial = null;
    this.scene.background = background;
    this.blur.draw(renderer, this.target, this.blurred, new Vector2(1 / PIXELS, 0));
    this.blur.draw(renderer, this.blurred, this.target, new Vector2(0, 1 / PIXELS));
    renderer.setRenderTarget(null);
  }
}

/** Darkens the floor; its colour is black on any screen, so that nothing is converted. */
function makePlaneMaterial(): ShaderMaterial {
  return new ShaderMaterial({
    uniforms: { shadow: { value: null }, strength: { value: 1 } },
    vertexShader: `
      varying vec2 at;
      void main() {
        at = uv;
        gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.0);
      }`,
    fragmentShader: `
      uniform sampler2D shadow;
      uniform float strength;
      varying vec2 at;
      void main() { gl_FragColor = vec4(0.0, 0.0, 0.0, strength * texture2D(shadow, at).a); }`,
    transparent: true,
    depthWrite: false,
  });
}

function makeTarget(): WebGLRenderTarget {
  const target = new WebGLRenderTarget(PIXELS, PIXELS, {
    minFilter: LinearFilter,
    magFilter: LinearFilter,
    type: UnsignedByteType,
    depthBuffer: false,
  });
  target.texture.generateMipmaps = false;
  return target;
}

function makeCaster(): MeshBasicMaterial {
  const material = new MeshBasicMaterial({ color: 0, transparent: true, depthTest: false, depthWrite: false });
  material.blending = CustomBlending;
  material.blendEquation = MaxEquation;
  material.blendSrc = OneFactor;
  material.blendDst = OneFactor;
  material.onBeforeCompile = (shader) => {
    shader.vertexShader = shader.vertexShader
      .replace("void main() {", "varying float aboveFloor;\nvoid main() {")
      .replace(
        "#include <project_vertex>",
        "#include <project_vertex>\naboveFloor = (modelMatrix * vec4(transformed, 1.0)).y;",
      );
    shader.fragmentShader = shader.fragmentShader
      .replace("void main() {", "varying float aboveFloor;\nvoid main() {")
      .replace(
        "#include <opaque_fragment>",
        `#include <opaque_fragment>
        float near = clamp(1.0 - aboveFloor / ${HIGHEST.toFixed(2)}, 0.0, 1.0);
        gl_FragColor = vec4(0.0, 0.0, 0.0, near * near);`,
      );
  };
  return material;
}

/** A Gaussian blur along one axis. */
class Blur {
  private readonly scene = new Scene();
  private readonly camera = new Camera();
  private readonly material = new ShaderMaterial({
    uniforms: { image: { value: null }, step: { value: new Vector2() } },
    vertexShader: "varying vec2 at;\nvoid main() { at = uv; gl_Position = vec4(position.xy, 0.0, 1.0); }",
    fragmentShader: `
      uniform sampler2D image;
      uniform vec2 step;
      varying vec2 at;
      void main() {
        float sum = 0.2270 * texture2D(image, at).a;
        sum += 0.3162 * (texture2D(image, at + 1.3846 * step).a + texture2D(image, at - 1.3846 * step).a);
        sum += 0.0703 * (texture2D(image, at + 3.2308 * step).a + texture2D(image, at - 3.2308 * step).a);
        gl_FragColor = vec4(0.0, 0.0, 0.0, sum);
      }`,
    depthTest: false,
    depthWrite: false,
    blending: 0,
  });

  constructor() {
    const quad = new Mesh(new PlaneGeometry(2, 2), this.material);
    quad.frustumCulled = false;
    this.scene.add(quad);
  }

  draw(renderer: WebGLRenderer, image: WebGLRenderTarget, into: WebGLRenderTarget, step: Vector2): void {
    this.material.uniforms.image!.value = image.texture;
    this.material.uniforms.step!.value = step;
    renderer.setRenderTarget(into);
    renderer.render(this.scene, this.camera);
  }
}
