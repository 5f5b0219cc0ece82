/** Times and numbers as people read them. */

/** `1:05.30`. */
export function clockText(seconds: number): string {
  const hundredths = Math.round(Math.max(0, seconds) * 100);
  const minutes = Math.floor(hundredths / 6000);
  const rest = ((hundredths % 6000) / 100).toFixed(2).padStart(5, "0");
  return `${minutes}:${rest}`;
}

/** `1 minute 5.3 seconds`, for screen readers. */
export function spokenTime(seconds: number): string {
  const tenths = Math.round(Math.max(0, seconds) * 10);
  const minutes = Math.floor(tenths / 600);
  const rest = counted((tenths % 600) / 10, "second");
  return minutes === 0 ? rest : `${counted(minutes, "minute")} ${rest}`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

/** The frame that is shown at a moment. */
export function frameAt(seconds: number, fps: number): number {
  return Math.floor(seconds * fps + 1e-6);
}
