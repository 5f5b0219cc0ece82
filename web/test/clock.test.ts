import assert from "node:assert/strict";
import { test } from "node:test";
import { Clock, SteadyTime } from "../src/clock";

function playing(duration = 10): Clock {
  const clock = new Clock(duration);
  clock.play(100);
  return clock;
}

test("the song goes on with the base, at the speed that is set", () => {
  const clock = playing();
  assert.equal(clock.at(102), 2);
  clock.setSpeed(0.5, 102);
  assert.equal(clock.at(106), 4);
});

test("time before the start of the sound is the start", () => {
  assert.equal(playing().at(99.9), 0);
});

test("a pause holds the time, and playing goes on from there", () => {
  const clock = playing();
  clock.pause(103);
  assert.equal(clock.at(200), 3);
  clock.play(200);
  assert.equal(clock.at(201), 4);
});

test("the song ends at its end", () => {
  const clock = playing();
  assert.equal(clock.at(150), 10);
  assert.ok(clock.isOver(150));
  assert.ok(!clock.isOver(109));
});

test("a loop comes back to its start, again and again", () => {
  const clock = playing();
  clock.setLoop({ start: 2, end: 5 }, 100);
  for (const [base, song] of [
    [104, 4],
    [105, 2],
    [109.5, 3.5],
  ] as const)
    assert.equal(clock.at(base), song);
  assert.ok(!clock.isOver(1000));
});

test("who starts after a loop plays to the end", () => {
  const clock = playing();
  clock.seek(6, 100);
  clock.setLoop({ start: 2, end: 5 }, 100);
  assert.equal(clock.at(103), 9);
});

test("steady time is even where the followed clock goes in blocks, and does not drift", () => {
  const steady = new SteadyTime();
  let before = Number.NaN;
  for (let picture = 0; picture < 3000; picture++) {
    const wall = picture / 60;
    // A sound output that counts blocks of 20 ms and runs 0.01 % fast.
    const raw = Math.floor((wall * 1.0001) / 0.02) * 0.02;
    const now = steady.read(raw, wall);
    if (picture > 100) {
      assert.ok(Math.abs(now - wall * 1.0001) < 0.021);
      assert.ok(now > before && now - before < 0.02, `${now - before}`);
    }
    before = now;
  }
});

test("steady time jumps where the followed clock does", () => {
  const steady = new SteadyTime();
  steady.read(0, 0);
  assert.equal(steady.read(5, 0.016), 5);
});
