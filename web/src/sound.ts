/** The song: decoded once, and played from any second, at any speed, on the clock of the sound output. */

import type { Clock } from "./clock";
import type { SoundData } from "./data";
import { findMarker } from "./marker";
import { GrainFinder, grainWindow, HOP } from "./stretch";

const DECODED_RATE = 44100;
/** Seconds from the call to the first sample. */
const SOON = 0.03;
/** Grains are scheduled so far ahead, in seconds: longer than browsers let a timer of a hidden page wait. */
const AHEAD = 1.2;

export class Sound {
  readonly context: AudioContext;
  private readonly gain: GainNode;
  private readonly window = grainWindow();
  private buffer: AudioBuffer | null = null;
  /** Second of the buffer at which the song starts. */
  private start = 0;
  private sources: AudioBufferSourceNode[] = [];
  private finder: GrainFinder | null = null;
  private timer = 0;
  private nextGrain = 0;

  constructor(private readonly data: SoundData) {
    this.context = new AudioContext({ latencyHint: "interactive" });
    this.gain = this.context.createGain();
    this.gain.connect(this.context.destination);
  }

  /** Decode; needs no gesture of the user. */
  async load(bytes: ArrayBuffer): Promise<void> {
    const decoder = new OfflineAudioContext(2, 1, DECODED_RATE);
    const buffer = await decoder.decodeAudioData(bytes);
    const marker = findMarker(buffer.getChannelData(0), buffer.sampleRate);
    if (marker === null) throw new Error("the start of the song was not found in its sound");
    this.start = marker + this.data.lead;
    this.buffer = buffer;
  }

  get isLoaded(): boolean {
    return this.buffer !== null;
  }

  /** Second of the decoded sound at which the song starts. */
  get songStart(): number {
    return this.start;
  }

  /** The node all sound goes through. */
  get output(): AudioNode {
    return this.gain;
  }

  set muted(muted: boolean) {
    this.gain.gain.value = muted ? 0 : 1;
  }

  /** The output's time, in seconds, of what is heard now; it advances in blocks. */
  get heardTime(): number {
    return this.context.currentTime - (this.context.outputLatency || this.context.baseLatency || 0);
  }

  /** Start at the clock's song time `song`; returns the output's time at which that is heard. */
  play(clock: Clock, song: number): number {
    this.stop();
    const when = this.context.currentTime + SOON;
    if (!this.buffer) return when;
    if (clock.speed === 1) this.playWhole(clock, song, when);
    else this.playGrains(clock, song, when);
    return when;
  }

  stop(): void {
    clearInterval(this.timer);
    for (const source of this.sources) {
      source.onended = null;
      source.stop();
      source.disconnect();
    }
    this.sources = [];
  }

  private playWhole(clock: Clock, song: number, when: number): void {
    if (song >= this.data.seconds) return;
    const source = this.source();
    source.connect(this.gain);
    const loop = clock.loop;
    if (loop && song < loop.end && loop.end <= this.data.seconds) {
      source.loop = true;
      source.loopStart = this.start + loop.start;
      source.loopEnd = this.start + loop.end;
      source.start(when, this.start + song);
    } else {
      source.start(when, this.start + song, this.data.seconds - song);
    }
  }

  private playGrains(clock: Clock, song: number, when: number): void {
    const buffer = this.buffer!;
    this.finder ??= new GrainFinder(
      Array.from({ length: buffer.numberOfChannels }, (_, channel) => buffer.getChannelData(channel)),
      buffer.sampleRate,
    );
    this.finder.reset();
    this.nextGrain = when;
    clock.seek(song, when);
    const fill = () => {
      while (this.nextGrain < this.context.currentTime + AHEAD) {
        // A grain is loudest one hop after its start; that moment is where the clock is then.
        this.scheduleGrain(clock.at(this.nextGrain + HOP) - HOP, this.nextGrain);
        this.nextGrain += HOP;
      }
    };
    this.timer = window.setInterval(fill, 200);
    clock.play(when);
    fill();
  }

  private scheduleGrain(song: number, when: number): void {
    if (song >= this.data.seconds || when < this.context.currentTime) return;
    const envelope = this.context.createGain();
    envelope.connect(this.gain);
    envelope.gain.setValueCurveAtTime(this.window, when, 2 * HOP);
    const source = this.source();
    source.connect(envelope);
    source.start(when, Math.max(0, this.finder!.next(this.start + song)), 2 * HOP);
    source.onended = () => {
      envelope.disconnect();
      this.sources.splice(this.sources.indexOf(source), 1);
    };
  }

  private source(): AudioBufferSourceNode {
    const source = this.context.createBufferSource();
    source.buffer = this.buffer;
    this.sources.push(source);
    return source;
  }
}
