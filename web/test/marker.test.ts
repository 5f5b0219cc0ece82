import assert from "node:assert/strict";
import { test } from "node:test";
import { findMarker, MARKER_SECONDS, markerSamples } from "../src/marker";

function soundWithMarker(start: number, rate: number): Float32Array {
  const samples = new Float32Array(rate).map((_, index) => 0.02 * Math.sin(index * index));
  markerSamples(rate).forEach((value, index) => {
    samples[start + index]! += 0.5 * value;
  });
  return samples;
}

for (const start of [0, 1105, 2205, 4000])
  test(`the marker at sample ${start} is found to the sample`, () => {
    const found = findMarker(soundWithMarker(start, 44100), 44100);
    assert.ok(Math.abs(found! - (start / 44100 + MARKER_SECONDS / 2)) < 0.5 / 44100);
  });

test("no marker is found in other sound", () => {
  assert.equal(
    findMarker(
      new Float32Array(44100).map((_, index) => 0.05 * Math.sin(index * index)),
      44100,
    ),
    null,
  );
});
