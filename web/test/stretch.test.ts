import assert from "node:assert/strict";
import { test } from "node:test";
import { GrainFinder, grainWindow, HOP } from "../src/stretch";

const RATE = 44100;
const tone = (hertz: number) =>
  new Float32Array(4 * RATE).map((_, index) => Math.sin((2 * Math.PI * hertz * index) / RATE));

test("grains of a tone at half speed continue each other's wave", () => {
  const finder = new GrainFinder([tone(220)], RATE);
  let previous = finder.next(0.5);
  for (let grain = 1; grain < 40; grain++) {
    const wanted = 0.5 + grain * HOP * 0.5;
    const start = finder.next(wanted);
    assert.ok(Math.abs(start - wanted) < 0.0125);
    const turns = (start - (previous + HOP)) * 220;
    assert.ok(Math.abs(turns - Math.round(turns)) < 0.06, `${turns}`);
    previous = start;
  }
});

test("the first grain after a reset is where it is asked for", () => {
  const finder = new GrainFinder([tone(220)], RATE);
  finder.next(0.5);
  finder.reset();
  assert.equal(finder.next(1.2345), 1.2345);
});

test("neighbouring windows add up to 1", () => {
  const window = grainWindow(65);
  for (let index = 0; index <= 32; index++) assert.ok(Math.abs(window[index]! + window[index + 32]! - 1) < 1e-6);
});
