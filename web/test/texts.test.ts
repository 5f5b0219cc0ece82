import assert from "node:assert/strict";
import { test } from "node:test";
import { isWithin } from "../src/contacts";
import type { DancerData } from "../src/data";
import { keyName } from "../src/keys";
import { likelihoodCurve, nearestBeat, peaksOf } from "../src/timeline_data";
import { clockText, frameAt, spokenTime } from "../src/words";

test("times are read as people write and say them", () => {
  assert.equal(clockText(65.3), "1:05.30");
  assert.equal(clockText(59.999), "1:00.00");
  assert.equal(spokenTime(65.34), "1 minute 5.3 seconds");
  assert.equal(spokenTime(3), "3 seconds");
  assert.equal(spokenTime(1), "1 second");
});

test("a moment on a frame is that frame, whatever its rounding", () => {
  for (let frame = 0; frame < 5000; frame++) assert.equal(frameAt(frame / 30, 30), frame);
});

test("the waveform keeps its peaks", () => {
  assert.deepEqual(peaksOf(Uint8Array.from([1, 9, 2, 3, 8, 1]), 2), [9, 8]);
  assert.deepEqual(peaksOf(Uint8Array.from([5, 7]), 4), [5, 5, 7, 7]);
});

test("the beat nearest to a moment", () => {
  assert.equal(nearestBeat([1, 2, 3], 2.4), 2);
  assert.equal(nearestBeat([], 2.4), null);
});

test("a moment lies in a contact from its start on, and not at its end", () => {
  const spans: [number, number][] = [
    [0, 1],
    [2, 3],
  ];
  assert.deepEqual(
    [0, 0.5, 1, 1.5, 2.9, 3, 9].map((seconds) => isWithin(spans, seconds)),
    [true, true, false, false, true, false, false],
  );
  assert.equal(isWithin([], 1), false);
});

test("the likelihood curve lies between 0 and 1 and has the gaps of its values", () => {
  const logLikelihood = Array.from({ length: 90 }, (_, frame) => (frame < 30 ? null : -frame));
  const dancer = { fps: 30, logLikelihood } as DancerData;
  const { heights: curve, typical } = likelihoodCurve(dancer, 3, 9)!;
  assert.equal(typical, null);
  assert.deepEqual(curve.slice(0, 3), [null, null, null]);
  assert.ok(curve.slice(3).every((value) => value! >= 0 && value! <= 1));
  assert.ok(curve[3]! > curve[8]!);
});

test("a likelihood like the model's own stays within what is typical, and a fault of thousands leaves it readable", () => {
  const flat = (value: number) => Array.from({ length: 90 }, () => value);
  const typical: [number[], number[]] = [flat(2.5), flat(2.9)];
  const calm = likelihoodCurve({ fps: 30, logLikelihood: flat(2.7), typical } as DancerData, 3, 9)!;
  const [low, high] = calm.typical!;
  assert.ok(calm.heights.every((height, index) => low[index]! < height! && height! < high[index]!));
  const broken = flat(2.7).map((value, frame) => (frame < 80 ? value : -50000));
  const found = likelihoodCurve({ fps: 30, logLikelihood: broken, typical } as DancerData, 3, 9)!;
  assert.equal(found.heights[8], 0);
  assert.ok(found.typical![1][0]! - found.typical![0][0]! > 0.02);
});

test("keys are named without case, with shift only where it does not change the sign", () => {
  assert.equal(keyName({ key: "L", shiftKey: true }), "l");
  assert.equal(keyName({ key: "?", shiftKey: true }), "?");
  assert.equal(keyName({ key: "ArrowLeft", shiftKey: true }), "Shift+ArrowLeft");
});
