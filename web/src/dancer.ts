/** A dancer: an animated model from a GLB file, its joints, and where it stands in the scene. */

import {
  type AnimationAction,
  type AnimationClip,
  AnimationMixer,
  type Bone,
  type Color,
  Group,
  LoopOnce,
  type Mesh,
  MeshLambertMaterial,
  type MeshStandardMaterial,
  type Object3D,
  type SkinnedMesh,
  Vector3,
} from "three";
import { GLTFLoader } from "three/examples/jsm/loaders/GLTFLoader.js";
import { CpuSkinning } from "./cpu_skinning";
import type { DancerData } from "./data";
import { QuickMaterial } from "./quick_material";

export class Dancer {
  /** Moves the dancer to its place; what is in it is as the file has it. */
  readonly place = new Group();
  readonly joints = new Map<string, Object3D>();
  readonly hips: Object3D;
  /** The middle of the floor that it dances on, before it is placed, and the farthest that it goes from there. */
  readonly middle = new Vector3();
  spread = 0;
  /** Places on the floor at equal steps through the dance, before it is placed. */
  private readonly track: Vector3[] = [];
  isShown = true;
  private readonly mixer: AnimationMixer;
  private readonly actions: AnimationAction[];
  private time = Number.NaN;
  private skinning: CpuSkinning | null = null;

  static async load(data: DancerData, bytes: ArrayBuffer, index: number, onCpu: boolean): Promise<Dancer> {
    const gltf = await new GLTFLoader().parseAsync(bytes, "");
    return new Dancer(data, gltf.scene, gltf.animations, index, onCpu);
  }

  private constructor(
    readonly data: DancerData,
    scene: Group,
    animations: AnimationClip[],
    readonly index: number,
    onCpu: boolean,
  ) {
    this.place.add(scene);
    this.mixer = new AnimationMixer(scene);
    const longest = [...animations].sort((a, b) => b.duration - a.duration).slice(0, 1);
    this.actions = longest.map((clip) => this.mixer.clipAction(clip).setLoop(LoopOnce, 1).play());
    for (const action of this.actions) action.clampWhenFinished = true;
    scene.traverse((object) => this.prepare(object, onCpu));
    this.hips = this.joints.get(data.hips) ?? this.joints.values().next().value ?? scene;
    this.measureFloor();
    // Characters of users may have morphs and bind matrices, which shaders know all about.
    if (onCpu && data.plain) this.skinning = new CpuSkinning(scene);
  }

  /** Pose the dancer at a second of the song, and hold the last pose after its end. */
  pose(seconds: number): void {
    if (seconds === this.time) return;
    this.time = seconds;
    for (const action of this.actions) {
      action.paused = false;
      action.enabled = true;
      action.time = Math.min(seconds, action.getClip().duration);
    }
    this.mixer.update(0);
    this.update();
  }

  /** Put the dancer where the middle of its floor is at a point, turned about it by an angle, as it is posed. */
  moveTo(middle: Vector3, turn: number): void {
    this.place.rotation.y = turn;
    this.place.position.copy(this.middle).negate().applyEuler(this.place.rotation).add(middle);
    this.place.position.y = -this.data.floor;
    this.update();
  }

  /** Make ready to be drawn for an eye. */
  face(eye: Vector3): void {
    this.skinning?.face(eye);
  }

  /** The least distance from another dancer, both where they danced. */
  distanceTo(other: Dancer): number {
    return Math.min(...this.track.map((point, index) => point.distanceTo(other.track[index]!)));
  }

  /** Which of the colours it has. */
  get hue(): number {
    return this.data.hue ?? this.index;
  }

  /** Give our own body its colours. */
  paint(tones: ReadonlyMap<string, Color>): void {
    if (!this.data.plain) return;
    this.place.traverse((object) => {
      const material = (object as Mesh).material as MeshLambertMaterial | undefined;
      const tone = material && tones.get(material.name);
      if (tone) material.color.copy(tone);
    });
  }

  show(isShown: boolean): void {
    this.isShown = isShown;
    this.place.visible = isShown;
  }

  position(joint: Object3D, into: Vector3): Vector3 {
    return into.setFromMatrixPosition(joint.matrixWorld);
  }

  /** Names of the joints that a picture has room for: fingers and helpers are left out where there are many. */
  get labelled(): [string, Object3D][] {
    const all = [...this.joints];
    return all.length <= 30 ? all : all.filter(([name]) => !FINE.test(name));
  }

  private update(): void {
    this.place.updateMatrixWorld(true);
    this.skinning?.update();
  }

  private prepare(object: Object3D, isQuick: boolean): void {
    const mesh = object as SkinnedMesh;
    if (mesh.isMesh) {
      // Where a body that moves is cannot be read from its rest pose.
      mesh.frustumCulled = false;
      if (this.data.plain) mesh.material = matt(mesh.material as MeshStandardMaterial, isQuick);
    }
    if (!mesh.isSkinnedMesh) return;
    mesh.skeleton.bones.forEach((bone: Bone) => {
      const name: string = bone.userData.name ?? bone.name;
      if (!this.joints.has(name)) this.joints.set(name, bone);
    });
  }

  private measureFloor(): void {
    const count = 24;
    const least = new Vector3(Infinity, 0, Infinity);
    const most = new Vector3(-Infinity, 0, -Infinity);
    const point = new Vector3();
    for (let index = 0; index <= count; index++) {
      this.pose((this.data.seconds * index) / count);
      this.position(this.hips, point).setY(0);
      least.min(point);
      most.max(point);
      this.track.push(point.clone());
    }
    this.middle.addVectors(least, most).multiplyScalar(0.5);
    this.spread = least.distanceTo(most) / 2;
    this.pose(0);
  }
}

/** The same material without gloss, which takes half the time. */
function matt({ name, color }: MeshStandardMaterial, isQuick: boolean): MeshLambertMaterial | QuickMaterial {
  if (isQuick) return new QuickMaterial(name, color);
  const material = new MeshLambertMaterial({ color });
  material.name = name;
  return material;
}

const FINE = /thumb|index|middle|ring|pinky|little|finger|twist|eye|jaw|tongue|teeth|nub|end/i;
