/** Which systems are shown, and in which colours. */

import type { ReportData } from "./data";

export class ShownSystems {
  private readonly hues = new Map<string, string>();
  private readonly hidden = new Set<string>();
  private readonly watchers: (() => void)[] = [];

  constructor(readonly data: ReportData) {
    const evaluated = data.systems.filter((system) => system.kind !== "data");
    for (const [index, system] of evaluated.entries()) this.hues.set(system.name, String(index % 8));
  }

  /** The value of `data-hue`, to which the style sheet gives a colour. */
  hue(name: string): string {
    return this.hues.get(name) ?? (name === this.data.real ? "real" : "data");
  }

  isShown(name: string): boolean {
    return !this.hidden.has(name);
  }

  flip(name: string): void {
    if (!this.hidden.delete(name)) this.hidden.add(name);
    for (const watcher of this.watchers) watcher();
  }

  /** Call at once and after every change. */
  watch(watcher: () => void): void {
    this.watchers.push(watcher);
    watcher();
  }
}
