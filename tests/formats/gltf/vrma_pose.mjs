// Prints how three-vrm reads a VRM animation, and where it moves the bones of a VRM 1.0 character at moments.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [web, motionPath, characterPath, ...moments] = process.argv.slice(2);
const load = (name) => import(pathToFileURL(`${web}/node_modules/${name}`));
const THREE = await load("three/build/three.module.js");
const { GLTFLoader } = await load("three/examples/jsm/loaders/GLTFLoader.js");
const { VRMLoaderPlugin } = await load("@pixiv/three-vrm/lib/three-vrm.module.js");
const { VRMAnimationLoaderPlugin, createVRMAnimationClip } = await load(
  "@pixiv/three-vrm-animation/lib/three-vrm-animation.module.js",
);

const read = async (path, plugin) => {
  const bytes = readFileSync(path);
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const loader = new GLTFLoader();
  loader.register(plugin);
  return (await loader.parseAsync(buffer, "")).userData;
};
const { vrmAnimations } = await read(motionPath, (parser) => new VRMAnimationLoaderPlugin(parser));
const { vrm } = await read(characterPath, (parser) => new VRMLoaderPlugin(parser));
const animation = vrmAnimations[0];
const clip = createVRMAnimationClip(animation, vrm);
const mixer = new THREE.AnimationMixer(vrm.scene);
const action = mixer.clipAction(clip);
action.setLoop(THREE.LoopOnce, 1);
action.clampWhenFinished = true;
action.play();

const bones = Object.keys(vrm.humanoid.humanBones).filter((bone) => vrm.humanoid.getRawBoneNode(bone));
const poses = moments.map((seconds) => {
  mixer.setTime(Number(seconds));
  vrm.update(0);
  vrm.scene.updateMatrixWorld(true);
  const place = (bone) => vrm.humanoid.getRawBoneNode(bone).getWorldPosition(new THREE.Vector3()).toArray();
  return Object.fromEntries(bones.map((bone) => [bone, place(bone)]));
});
const { rotation, translation } = animation.humanoidTracks;
const tracks = { rotation: [...rotation.keys()], translation: [...translation.keys()] };
console.log(JSON.stringify({ duration: animation.duration, tracks, poses }));
