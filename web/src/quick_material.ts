/** A matt material that is lit at its vertices and costs next to nothing in each pixel, for software renderers. */

import { Color, ShaderMaterial, UniformsLib, UniformsUtils } from "three";

/** A material whose `color` can be set as that of others. */
export class QuickMaterial extends ShaderMaterial {
  readonly color = new Color();

  constructor(name: string, color: Color) {
    super({
      lights: true,
      uniforms: { ...UniformsUtils.clone(UniformsLib.lights), diffuse: { value: null } },
      vertexShader: `
        #include <common>
        #include <lights_pars_begin>
        uniform vec3 diffuse;
        varying vec3 shade;
        void main() {
          vec3 n = normalize(normalMatrix * normal);
          vec3 light = vec3(0.0);
          for (int k = 0; k < NUM_DIR_LIGHTS; k++)
            light += max(0.0, dot(n, directionalLights[k].direction)) * directionalLights[k].color;
          for (int k = 0; k < NUM_HEMI_LIGHTS; k++) light += getHemisphereLightIrradiance(hemisphereLights[k], n);
          shade = pow(clamp(RECIPROCAL_PI * diffuse * light, 0.0, 1.0), vec3(1.0 / 2.2));
          gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.0);
        }`,
      fragmentShader: "varying vec3 shade;\nvoid main() { gl_FragColor = vec4(shade, 1.0); }",
    });
    this.name = name;
    this.color.copy(color);
    this.uniforms.diffuse!.value = this.color;
  }
}
