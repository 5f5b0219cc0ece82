/** The sync marker: a rising tone before the song, by which its first sample is found in whatever a decoder gives.
 *
 * Decoders differ in how much of an encoder's delay they cut off. The same tone is written by viewer/sound.py. */

export const MARKER_SECONDS = 0.04;
export const LOWEST = 500;
export const HIGHEST = 4500;
/** Seconds at the start of the decoded sound within which the marker lies. */
const SEARCHED = 0.25;

export function markerSamples(rate: number): Float32Array {
  const count = Math.round(MARKER_SECONDS * rate);
  const sweep = (HIGHEST - LOWEST) / MARKER_SECONDS;
  return Float32Array.from({ length: count }, (_, index) => {
    const seconds = index / rate;
    const window = Math.sin((Math.PI * (index + 0.5)) / count) ** 2;
    return window * Math.sin(2 * Math.PI * (LOWEST * seconds + (sweep / 2) * seconds * seconds));
  });
}

/** Second of the decoded samples at which the middle of the marker is; null where there is none. */
export function findMarker(samples: Float32Array, rate: number): number | null {
  const marker = markerSamples(rate);
  const stop = Math.min(samples.length - marker.length, Math.round(SEARCHED * rate));
  let best = 0;
  let place = -1;
  for (let start = 0; start <= stop; start++) {
    let sum = 0;
    for (let index = 0; index < marker.length; index++) sum += marker[index]! * samples[start + index]!;
    if (sum > best) {
      best = sum;
      place = start;
    }
  }
  const energy = marker.reduce((sum, value) => sum + value * value, 0);
  // The marker is written at half of full scale; what is much weaker is not it.
  return best > 0.1 * energy ? place / rate + MARKER_SECONDS / 2 : null;
}
