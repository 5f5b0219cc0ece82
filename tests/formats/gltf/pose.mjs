// Prints where three.js has the nodes of a file, and the vertices of its skinned meshes, at moments of an animation.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [web, path, animation, ...moments] = process.argv.slice(2);
const load = (name) => import(pathToFileURL(`${web}/node_modules/three/${name}`));
const THREE = await load("build/three.module.js");
const { GLTFLoader } = await load("examples/jsm/loaders/GLTFLoader.js");

const bytes = readFileSync(path);
const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
const loader = new GLTFLoader();
// node has no pictures to decode
loader.register(() => ({ name: "textures", loadTexture: async () => new THREE.Texture() }));
const gltf = await loader.parseAsync(buffer, "");
const mixer = new THREE.AnimationMixer(gltf.scene);
const action = mixer.clipAction(gltf.animations[Number(animation)]);
action.setLoop(THREE.LoopOnce, 1);
action.clampWhenFinished = true;
action.play();

const place = (object) => object.getWorldPosition(new THREE.Vector3()).toArray();
const poses = moments.map((seconds) => {
  mixer.setTime(Number(seconds));
  gltf.scene.updateMatrixWorld(true);
  const nodes = {};
  const vertices = [];
  for (const [object, { nodes: node }] of gltf.parser.associations) {
    if (node !== undefined && object.isObject3D) nodes[node] = place(object);
  }
  gltf.scene.traverse((object) => {
    if (!object.isSkinnedMesh || vertices.length) return;
    object.skeleton.update();
    for (let index = 0; index < object.geometry.attributes.position.count; index++) {
      const vertex = object.getVertexPosition(index, new THREE.Vector3());
      vertices.push(object.localToWorld(vertex).toArray());
    }
  });
  return { nodes, vertices };
});
const seconds = gltf.animations[Number(animation)].duration;
console.log(JSON.stringify({ poses, seconds, names: gltf.animations.map((clip) => clip.name) }));
