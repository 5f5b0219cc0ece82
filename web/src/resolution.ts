/** How many pixels are drawn: all that the screen has, or fewer where drawing them takes too long. */

/** A software renderer draws at most so many pixels. */
const SOFTWARE_PIXELS = 700_000;
const MOST_PIXELS = 3_500_000;
/** Milliseconds of a frame above which fewer pixels are drawn. */
const SLOW = 26;
const COUNTED = 20;
const LEAST_SHARE = 0.5;

export class Resolution {
  readonly isSoftware = isSoftwareRenderer();
  private share = 1;
  private slow = 0;
  private last = Number.NaN;

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
    if (this.slow < COUNTED || this.share <= LEAST_SHARE) return false;
    this.slow = 0;
    this.share = Math.max(LEAST_SHARE, 0.85 * this.share);
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
