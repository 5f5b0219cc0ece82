/** What Python writes into the page, and reading it. Times are seconds of the song, lengths metres, Y is up. */

export interface ContactData {
  /** The joint under which a contact is shown. */
  joint: string;
  /** Start and end of each contact. */
  spans: [number, number][];
}

export interface DancerData {
  name: string;
  /** Which of the colours it has; null for that of its place. */
  hue: number | null;
  fps: number;
  seconds: number;
  /** Joints whose paths are drawn. */
  ends: string[];
  /** The joint that cameras follow. */
  hips: string;
  /** Mean direction of the trunk, in radians from +Z towards +X. */
  facing: number;
  /** Height of the floor under it. */
  floor: number;
  contacts: ContactData[];
  /** Log-likelihood of each frame, in nats per dimension; null where there is none. */
  logLikelihood: (number | null)[] | null;
  /** Between which values 90 % of what the model draws there lie: the lower and the upper ones. */
  typical: [(number | null)[], (number | null)[]] | null;
  /** Whether the materials are those of our own body, which the page may colour. */
  plain: boolean;
}

export interface SoundData {
  /** Seconds of the sound after its lead-in. */
  seconds: number;
  /** Seconds from the middle of the sync marker to the first sample of the song. */
  lead: number;
}

export interface StretchData {
  start: number;
  end: number;
  /** Of the body, that it is about. */
  parts: string[];
  /** Its least log-likelihood, in nats per dimension. */
  lowest: number;
}

export interface PageData {
  title: string;
  seconds: number;
  dancers: DancerData[];
  beats: number[];
  /** Those that stand out, the worst first; null for a page that does not tell them. */
  stretches: StretchData[] | null;
  sound: SoundData | null;
  /** Loudness of equal stretches of the page's duration, 0 to 255, in base64. */
  waveform: string;
}

export function readPageData(): PageData {
  return JSON.parse(textOf("page-data")) as PageData;
}

/** The bytes of an embedded file, unpacked where they are gzip. */
export async function readEmbedded(id: string): Promise<ArrayBuffer> {
  const bytes = fromBase64(textOf(id));
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes.buffer as ArrayBuffer;
  const stream = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}

export function fromBase64(text: string): Uint8Array {
  const characters = atob(text);
  const bytes = new Uint8Array(characters.length);
  for (let index = 0; index < characters.length; index++) bytes[index] = characters.charCodeAt(index);
  return bytes;
}

/** The text of an embedded file; it is taken out of the document, so that it is held once. */
function textOf(id: string): string {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page lacks its part ${id}`);
  const text = element.textContent ?? "";
  element.remove();
  return text;
}
