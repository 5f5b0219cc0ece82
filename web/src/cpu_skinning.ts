/** Skinning, and leaving out what faces away, by the processor: software renderers take several times as long for it. */

import {
  BufferAttribute,
  type BufferGeometry,
  DynamicDrawUsage,
  Mesh,
  type Object3D,
  type SkinnedMesh,
  type Vector3,
} from "three";

/** Meshes that share their vertices, and the joints that these follow. */
interface Skin {
  mesh: SkinnedMesh;
  restPosition: Float32Array;
  restNormal: Float32Array;
  joints: Uint16Array;
  weights: Float32Array;
  position: BufferAttribute;
  normal: BufferAttribute;
}

/** Triangles of one mesh, of which those are drawn that show their outer side. */
interface Shell {
  all: ArrayLike<number>;
  shown: BufferAttribute;
  geometry: BufferGeometry;
  position: BufferAttribute;
}

/** Replaces the skinned meshes below an object by plain ones whose vertices `update` moves. */
export class CpuSkinning {
  private readonly skins = new Map<unknown, Skin>();
  private readonly shells: Shell[] = [];

  constructor(root: Object3D) {
    const meshes: SkinnedMesh[] = [];
    root.traverse((object) => {
      if ((object as SkinnedMesh).isSkinnedMesh) meshes.push(object as SkinnedMesh);
    });
    for (const mesh of meshes) this.replace(mesh);
  }

  /** Move all vertices to where the joints are; the joints' world matrices are up to date. */
  update(): void {
    for (const skin of this.skins.values()) {
      skin.mesh.skeleton.update();
      move(skin, skin.mesh.skeleton.boneMatrices as Float32Array);
      skin.position.needsUpdate = true;
      skin.normal.needsUpdate = true;
    }
  }

  /** Draw only triangles that show their outer side to an eye. */
  face(eye: Vector3): void {
    for (const shell of this.shells) keepFacing(shell, eye);
  }

  private replace(mesh: SkinnedMesh): void {
    const key = mesh.geometry.getAttribute("position");
    const skin = this.skins.get(key) ?? makeSkin(mesh);
    this.skins.set(key, skin);
    const geometry = mesh.geometry.clone();
    geometry.setAttribute("position", skin.position);
    geometry.setAttribute("normal", skin.normal);
    geometry.deleteAttribute("skinIndex");
    geometry.deleteAttribute("skinWeight");
    const all = geometry.getIndex()!.array;
    const shown = new BufferAttribute(all.slice(), 1).setUsage(DynamicDrawUsage);
    geometry.setIndex(shown);
    this.shells.push({ all, shown, geometry, position: skin.position });
    const plain = new Mesh(geometry, mesh.material);
    plain.frustumCulled = false;
    // Vertices are moved in the world, which is where the skinned mesh would have them.
    plain.matrixAutoUpdate = false;
    plain.matrixWorldAutoUpdate = false;
    mesh.parent?.add(plain);
    mesh.removeFromParent();
  }
}

function makeSkin(mesh: SkinnedMesh): Skin {
  const { geometry } = mesh;
  const [at, towards] = [geometry.getAttribute("position"), geometry.getAttribute("normal")];
  const [index, weight] = [geometry.getAttribute("skinIndex"), geometry.getAttribute("skinWeight")];
  const { count } = at;
  const restPosition = new Float32Array(3 * count);
  const restNormal = new Float32Array(3 * count);
  const joints = new Uint16Array(4 * count);
  const weights = new Float32Array(4 * count);
  for (let vertex = 0; vertex < count; vertex++) {
    for (let axis = 0; axis < 3; axis++) {
      restPosition[3 * vertex + axis] = at.getComponent(vertex, axis);
      restNormal[3 * vertex + axis] = towards.getComponent(vertex, axis);
    }
    for (let k = 0; k < 4; k++) {
      joints[4 * vertex + k] = index.getComponent(vertex, k);
      weights[4 * vertex + k] = weight.getComponent(vertex, k);
    }
  }
  const moving = () => new BufferAttribute(new Float32Array(3 * count), 3).setUsage(DynamicDrawUsage);
  return { mesh, restPosition, restNormal, joints, weights, position: moving(), normal: moving() };
}

function keepFacing({ all, shown, geometry, position }: Shell, eye: Vector3): void {
  const p = position.array;
  const kept = shown.array;
  let count = 0;
  for (let at = 0; at < all.length; at += 3) {
    const [a, b, c] = [3 * all[at]!, 3 * all[at + 1]!, 3 * all[at + 2]!];
    const [x, y, z] = [p[a]!, p[a + 1]!, p[a + 2]!];
    const [ux, uy, uz] = [p[b]! - x, p[b + 1]! - y, p[b + 2]! - z];
    const [vx, vy, vz] = [p[c]! - x, p[c + 1]! - y, p[c + 2]! - z];
    const towards =
      (uy * vz - uz * vy) * (eye.x - x) + (uz * vx - ux * vz) * (eye.y - y) + (ux * vy - uy * vx) * (eye.z - z);
    if (towards <= 0) continue;
    kept[count] = all[at]!;
    kept[count + 1] = all[at + 1]!;
    kept[count + 2] = all[at + 2]!;
    count += 3;
  }
  shown.needsUpdate = true;
  geometry.setDrawRange(0, count);
}

function move(skin: Skin, bones: Float32Array): void {
  const { restPosition, restNormal, joints, weights } = skin;
  const position = skin.position.array as Float32Array;
  const normal = skin.normal.array as Float32Array;
  for (let vertex = 0, at = 0; vertex < weights.length; vertex += 4, at += 3) {
    const [x, y, z] = [restPosition[at]!, restPosition[at + 1]!, restPosition[at + 2]!];
    const [u, v, w] = [restNormal[at]!, restNormal[at + 1]!, restNormal[at + 2]!];
    let [px, py, pz, nx, ny, nz] = [0, 0, 0, 0, 0, 0];
    for (let k = 0; k < 4; k++) {
      const share = weights[vertex + k]!;
      if (share === 0) continue;
      const b = 16 * joints[vertex + k]!;
      const [a0, a1, a2] = [bones[b]!, bones[b + 1]!, bones[b + 2]!];
      const [b0, b1, b2] = [bones[b + 4]!, bones[b + 5]!, bones[b + 6]!];
      const [c0, c1, c2] = [bones[b + 8]!, bones[b + 9]!, bones[b + 10]!];
      px += share * (a0 * x + b0 * y + c0 * z + bones[b + 12]!);
      py += share * (a1 * x + b1 * y + c1 * z + bones[b + 13]!);
      pz += share * (a2 * x + b2 * y + c2 * z + bones[b + 14]!);
      nx += share * (a0 * u + b0 * v + c0 * w);
      ny += share * (a1 * u + b1 * v + c1 * w);
      nz += share * (a2 * u + b2 * v + c2 * w);
    }
    position[at] = px;
    position[at + 1] = py;
    position[at + 2] = pz;
    normal[at] = nx;
    normal[at + 1] = ny;
    normal[at + 2] = nz;
  }
}
