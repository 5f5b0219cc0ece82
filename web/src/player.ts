/** Playing: one clock for picture and sound, and what the user can do to it. */

import { Clock, type Loop, SteadyTime } from "./clock";
import type { Sound } from "./sound";

export const SPEEDS = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 2];
/** The shortest stretch that is looped, in seconds. */
const SHORTEST_LOOP = 0.1;
/** Milliseconds that the sound output has to start; a page without one plays by the wall clock. */
const PATIENCE = 1500;

export class Player {
  readonly clock: Clock;
  private steady = new SteadyTime();
  /** Whether the clock follows the sound output. */
  private isSounding = false;
  private readonly listeners: (() => void)[] = [];
  private starts = 0;

  constructor(
    duration: number,
    readonly sound: Sound | null,
  ) {
    this.clock = new Clock(duration);
  }

  /** Call `listener` when playing, speed or loop have changed, or the user has moved the time. */
  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  get duration(): number {
    return this.clock.duration;
  }

  get playing(): boolean {
    return this.clock.playing;
  }

  /** Song time of the picture to be drawn now. */
  time(): number {
    if (!this.clock.playing) return this.clock.at(0);
    const base = this.base();
    if (this.clock.isOver(base)) {
      this.pause();
      return this.duration;
    }
    return this.clock.at(base);
  }

  async play(): Promise<void> {
    const start = ++this.starts;
    if (this.time() >= this.duration - 1e-6) this.clock.seek(this.clock.loop?.start ?? 0, 0);
    this.isSounding = await this.startOutput();
    if (start !== this.starts) return;
    this.steady = new SteadyTime();
    const song = this.clock.at(0);
    const base = this.isSounding && this.sound ? this.sound.play(this.clock, song) : this.base();
    this.clock.seek(song, base);
    this.clock.play(base);
    this.tell();
  }

  /** Take up a song that has been loaded while the dance is played without it. */
  async takeUpSound(): Promise<void> {
    if (this.playing && (await this.startOutput()) && this.playing && !this.isSounding) this.change(() => {});
  }

  pause(): void {
    this.starts++;
    this.clock.pause(this.base());
    this.sound?.stop();
    this.tell();
  }

  toggle(): void {
    if (this.playing) this.pause();
    else void this.play();
  }

  seek(song: number): void {
    this.change(() => this.clock.seek(song, 0));
  }

  setSpeed(speed: number): void {
    this.change(() => this.clock.setSpeed(speed, 0));
  }

  /** Loop a stretch; null plays on to the end. */
  setLoop(loop: Loop | null): void {
    const end = loop && Math.min(loop.end, this.duration);
    const start = loop && Math.max(0, Math.min(loop.start, this.duration - SHORTEST_LOOP));
    const wanted = start === null || end === null ? null : { start, end: Math.max(end, start + SHORTEST_LOOP) };
    this.change(() => {
      const time = this.clock.at(0);
      this.clock.setLoop(wanted, 0);
      if (wanted && (time < wanted.start || time >= wanted.end)) this.clock.seek(wanted.start, 0);
    });
  }

  /** Change the stopped clock, and go on if it was playing. */
  private change(act: () => void): void {
    const wasPlaying = this.playing;
    if (wasPlaying) {
      this.clock.pause(this.base());
      this.sound?.stop();
    }
    act();
    if (wasPlaying) void this.play();
    this.tell();
  }

  private base(): number {
    const wall = performance.now() / 1000;
    return this.isSounding && this.sound ? this.steady.read(this.sound.heardTime, wall) : wall;
  }

  /** Whether the sound output runs. */
  private async startOutput(): Promise<boolean> {
    if (!this.sound) return false;
    const { context, isLoaded } = this.sound;
    if (!isLoaded) {
      // Later there may be no gesture of the user, without which some browsers start no sound.
      void context.resume();
      return false;
    }
    if (context.state !== "running") {
      const late = new Promise((resolve) => setTimeout(resolve, PATIENCE));
      await Promise.race([context.resume(), late]);
    }
    return context.state === "running";
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}
