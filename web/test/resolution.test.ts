import assert from "node:assert/strict";
import { test } from "node:test";
import { Resolution } from "../src/resolution";

(globalThis as { window?: unknown }).window = { devicePixelRatio: 1 };

/** Note so many frames of a duration; returns how often the number of pixels changed. */
function run(resolution: Resolution, frames: number, milliseconds: number): number {
  let changes = 0;
  for (let frame = 0; frame < frames; frame++) {
    clock += milliseconds;
    if (resolution.note(clock)) changes++;
  }
  return changes;
}
let clock = 0;
const ratio = (resolution: Resolution) => resolution.pixelRatio(100, 100);

test("slow frames take pixels away, to half of them in each direction", () => {
  const resolution = new Resolution(false);
  assert.equal(run(resolution, 100, 16.7), 0);
  run(resolution, 1000, 40);
  assert.equal(ratio(resolution), 0.5);
});

test("frames that waited for something else take none", () => {
  const resolution = new Resolution(false);
  run(resolution, 100, 400);
  assert.equal(ratio(resolution), 1);
});

test("after a slow moment all pixels come back", () => {
  const resolution = new Resolution(false);
  run(resolution, 45, 40);
  assert.ok(ratio(resolution) < 0.8);
  run(resolution, 3000, 16.7);
  assert.equal(ratio(resolution), 1);
});

test("what was too much twice is not tried again", () => {
  const resolution = new Resolution(false);
  run(resolution, 25, 40);
  assert.equal(run(resolution, 700, 16.7), 1);
  run(resolution, 25, 40);
  assert.equal(run(resolution, 5000, 16.7), 0);
  assert.equal(ratio(resolution), 0.85);
});
