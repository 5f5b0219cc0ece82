/** How many pixels are drawn: all that the screen has, or fewer where drawing them takes too long. */

/** A software renderer draws at most so many pixels. */
const SOFTWARE_PIXELS = 700_000;
const MOST_PIXELS = 3_500_000;
/** Milliseconds of a frame above which fewer pixels are drawn. */
const SLOW = 26;
/** Slow frames, less the quick ones, after which there are fewer pixels; quick frames after which more are tried. */
const TOO_SLOW = 20;
const QUICK_ENOUGH = 600;
const LEAST_SHARE = 0.5;
const STEP = 0.85;

export class Resolution {
  private share = 1;
  /** The largest share that is tried again. */
  private most = 1;
  private slow = 0;
  private quick = 0;
  private wasRaised = false;
  private last = Number.NaN;

  constructor(readonly isSoftware = isSoftwareRenderer()) {}

  pixelRatio(width: number, height: number): number {
    const screen = Math.min(window.devicePixelRatio || 1, 2);
    const most = this.isSoftware ? SOFTWARE_PIXELS : MOST_PIXELS;
    return this.share * Math.min(screen, Math.sqrt(most / Math.max(1, width * height)));
  }

  /** Note a frame while playing; true if the number of pixels has to change. */
  note(wall: number): boolean {
    const took = wall - this.last;
    this.last = wall;
    // A frame that waited for something else says nothing about pixels.
    if (!(took < 250)) return false;
    this.slow = Math.max(0, this.slow + (took > SLOW ? 1 : -1));
    this.quick = took > SLOW ? 0 : this.quick + 1;
    if (this.slow >= TOO_SLOW) return this.lower();
    return this.quick >= QUICK_ENOUGH && this.raise();
  }

  private lower(): boolean {
    this.slow = 0;
    if (this.share <= LEAST_SHARE) return false;
    const lower = Math.max(LEAST_SHARE, STEP * this.share);
    // What was tried again and was too much is not tried a third time.
    if (this.wasRaised) this.most = lower;
    this.share = lower;
    return true;
  }

  private raise(): boolean {
    this.quick = 0;
    if (this.share >= this.most) return false;
    this.share = Math.min(this.most, this.share / STEP);
    this.wasRaised = true;
    return true;
  }
}

function isSoftwareRenderer(): boolean {
  const probe = document.createElement("canvas").getContext("webgl2");
  if (!probe) return true;
  const info = probe.getExtension("WEBGL_debug_renderer_info");
  const name = String(info ? probe.getParameter(info.UNMASKED_RENDERER_WEBGL) : probe.getParameter(probe.RENDERER));
  probe.getExtension("WEBGL_lose_context")?.loseContext();
  return /swiftshader|llvmpipe|software|basic render/i.test(name);
}
