/** Starts the page, and says in one sentence what keeps it from starting. */

import { App } from "./app";
import { Dancer } from "./dancer";
import { readEmbedded, readPageData } from "./data";
import { element } from "./dom";
import type { Player } from "./player";
import { Resolution } from "./resolution";
import { Sound } from "./sound";

declare global {
  interface Window {
    /** For tests and the console. */
    transflower?: App;
  }
}

async function start(): Promise<void> {
  const data = readPageData();
  const resolution = new Resolution();
  const dancers = await Promise.all(
    data.dancers.map(async (one, index) =>
      Dancer.load(one, await readEmbedded(`dancer-${index}`), index, resolution.isSoftware),
    ),
  );
  const sound = data.sound ? new Sound(data.sound) : null;
  const app = new App(data, dancers, sound, resolution);
  window.transflower = app;
  if (sound) await loadSound(sound, app.player);
}

async function loadSound(sound: Sound, player: Player): Promise<void> {
  try {
    await sound.load(await readEmbedded("sound"));
    await player.takeUpSound();
  } catch (error) {
    console.warn(error);
    tell("This browser cannot play the sound; the dance is shown without it.");
  }
}

function tell(sentence: string): void {
  element("message").textContent = sentence;
  element("message").hidden = false;
}

start().catch((error: unknown) => {
  console.error(error);
  const reason = error instanceof Error ? error.message : String(error);
  tell(
    /webgl/i.test(reason) ? "This browser cannot draw in 3-D: it has no WebGL." : `The page cannot be shown: ${reason}`,
  );
});
