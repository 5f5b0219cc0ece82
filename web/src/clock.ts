/** The clock of the song: a line from base time (of the sound output, or of the wall) to song time. */

export interface Loop {
  start: number;
  end: number;
}

export class Clock {
  playing = false;
  speed = 1;
  loop: Loop | null = null;
  /** Song time at base time `base`, from which both go on. */
  private song = 0;
  private base = 0;

  constructor(readonly duration: number) {}

  /** Song time at a base time. */
  at(base: number): number {
    if (!this.playing) return this.song;
    const time = this.song + Math.max(0, base - this.base) * this.speed;
    const loop = this.loop;
    if (loop && this.song < loop.end && time >= loop.end) {
      return loop.start + ((time - loop.start) % (loop.end - loop.start));
    }
    return Math.min(time, this.duration);
  }

  /** Whether the song has ended at a base time. */
  isOver(base: number): boolean {
    return this.playing && this.at(base) >= this.duration;
  }

  play(base: number): void {
    this.base = base;
    this.playing = true;
  }

  pause(base: number): void {
    this.song = this.at(base);
    this.playing = false;
  }

  seek(song: number, base: number): void {
    this.song = Math.min(Math.max(song, 0), this.duration);
    this.base = base;
  }

  setSpeed(speed: number, base: number): void {
    this.seek(this.at(base), base);
    this.speed = speed;
  }

  setLoop(loop: Loop | null, base: number): void {
    this.seek(this.at(base), base);
    this.loop = loop;
  }
}

/** Beyond this difference, in seconds, steady time jumps to what it follows. */
const JUMP = 0.08;
/** Share of the difference that one reading takes away. */
const GAIN = 0.08;

/** Time that goes on evenly with the wall clock and follows a clock that advances in blocks, such as that of sound. */
export class SteadyTime {
  private value = Number.NaN;
  private wall = 0;

  /** Steady time when the followed clock shows `raw` and the wall clock `wall`, all in seconds. */
  read(raw: number, wall: number): number {
    const expected = this.value + (wall - this.wall);
    const isNear = Math.abs(raw - expected) < JUMP;
    // Never backwards: a picture that goes back one frame is seen.
    this.value = isNear ? Math.max(this.value, expected + GAIN * (raw - expected)) : raw;
    this.wall = wall;
    return this.value;
  }
}
