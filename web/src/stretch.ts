/** Playing slower or faster at the same pitch: short grains of the song, overlapped where their waves agree (WSOLA). */

/** Seconds from grain to grain; each lasts twice as long. */
export const HOP = 0.04;
/** Seconds by which a grain may be moved to agree with the one before it. */
const TOLERANCE = 0.012;
const COMPARED = 0.02;
const RATE = 11025;

/** Finds where in the song each grain starts. */
export class GrainFinder {
  private readonly mono: Float32Array;
  private readonly rate: number;
  private previous: number | null = null;

  constructor(channels: Float32Array[], rate: number) {
    const step = Math.max(1, Math.round(rate / RATE));
    this.rate = rate / step;
    const count = Math.floor((channels[0]?.length ?? 0) / step);
    this.mono = new Float32Array(count);
    for (let index = 0; index < count; index++) {
      let sum = 0;
      for (const channel of channels) for (let k = 0; k < step; k++) sum += channel[index * step + k]!;
      this.mono[index] = sum;
    }
  }

  /** Forget the last grain: the next starts exactly where it is asked for. */
  reset(): void {
    this.previous = null;
  }

  /** The start of the grain that is due at second `wanted` of the sound. */
  next(wanted: number): number {
    const found = this.previous === null ? wanted : this.aligned(wanted, this.previous + HOP);
    this.previous = found;
    return found;
  }

  private aligned(wanted: number, natural: number): number {
    const count = Math.round(COMPARED * this.rate);
    const from = Math.round(natural * this.rate);
    const middle = Math.round(wanted * this.rate);
    const most = Math.round(TOLERANCE * this.rate);
    let best = 0;
    let found = 0;
    for (let shift = -most; shift <= most; shift++) {
      let product = 0;
      let energy = 1e-9;
      for (let index = 0; index < count; index++) {
        const value = this.mono[middle + shift + index] ?? 0;
        product += value * (this.mono[from + index] ?? 0);
        energy += value * value;
      }
      const agreement = product / Math.sqrt(energy);
      if (agreement > best) {
        best = agreement;
        found = shift;
      }
    }
    return wanted + found / this.rate;
  }
}

/** The loudness of a grain over its time: neighbours add up to 1. */
export function grainWindow(count = 64): Float32Array {
  return Float32Array.from({ length: count }, (_, index) => Math.sin((Math.PI * index) / (count - 1)) ** 2);
}
