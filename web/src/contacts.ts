/** Rings under the feet while they carry weight. */

import { Color, DoubleSide, type Group, Mesh, MeshBasicMaterial, type Object3D, RingGeometry, Vector3 } from "three";
import type { Dancer } from "./dancer";
import type { ContactData } from "./data";
import { dancerColour } from "./theme";

interface Ring {
  mesh: Mesh;
  joint: Object3D;
  dancer: Dancer;
  spans: ContactData["spans"];
}

export class Contacts {
  isShown = false;
  private readonly rings: Ring[];
  private readonly point = new Vector3();

  constructor(extras: Group, dancers: Dancer[]) {
    this.rings = dancers.flatMap((dancer) =>
      dancer.data.contacts.flatMap(({ joint, spans }) => {
        const object = dancer.joints.get(joint);
        return object ? [{ mesh: makeRing(dancer.hue), joint: object, dancer, spans }] : [];
      }),
    );
    for (const ring of this.rings) extras.add(ring.mesh);
  }

  update(seconds: number): void {
    for (const { mesh, joint, dancer, spans } of this.rings) {
      mesh.visible = this.isShown && dancer.isShown && isWithin(spans, seconds);
      if (!mesh.visible) continue;
      dancer.position(joint, this.point);
      mesh.position.set(this.point.x, 0.012, this.point.z);
    }
  }
}

/** Whether a moment lies in one of the stretches, which are in order. */
export function isWithin(spans: [number, number][], seconds: number): boolean {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (spans[middle]![1] <= seconds) low = middle + 1;
    else high = middle;
  }
  const span = spans[low];
  return span !== undefined && span[0] <= seconds;
}

function makeRing(hue: number): Mesh {
  const material = new MeshBasicMaterial({
    color: new Color(dancerColour(hue)),
    side: DoubleSide,
    transparent: true,
    opacity: 0.9,
    depthWrite: false,
  });
  const ring = new Mesh(new RingGeometry(0.1, 0.13, 32), material);
  ring.rotation.x = -Math.PI / 2;
  ring.renderOrder = 4;
  return ring;
}
