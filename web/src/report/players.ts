/** Dances that can be played: the viewer's page in a frame, which is made when it is opened. */

import { readEmbedded } from "../data";
import type { SceneData } from "./data";
import { html } from "./make";

export function players(scenes: SceneData[]): HTMLElement {
  const pages = new Map<string, string>();
  let close = () => {};
  const cards = scenes.map((scene) => {
    const button = html("button", { type: "button", class: "open", "aria-expanded": "false" });
    const place = html("div", { class: "player" });
    const names = html("small", {}, scene.names.join(", "));
    const sign = html("span", { class: "sign", "aria-hidden": "true" }, "▶");
    button.append(sign, html("span", {}, html("b", {}, `Dance to ${scene.song}`), names));
    const shut = () => {
      place.replaceChildren();
      button.setAttribute("aria-expanded", "false");
      sign.textContent = "▶";
      close = () => {};
    };
    button.addEventListener("click", async () => {
      const isOpen = button.getAttribute("aria-expanded") === "true";
      // One at a time: each has a song and a graphics context.
      close();
      if (isOpen) return;
      close = shut;
      button.setAttribute("aria-expanded", "true");
      sign.textContent = "✕";
      const page = pages.get(scene.id) ?? new TextDecoder().decode(await readEmbedded(scene.id));
      pages.set(scene.id, page);
      if (button.getAttribute("aria-expanded") === "true") place.replaceChildren(frameOf(scene, page));
    });
    return html("div", { class: "card scene" }, button, place);
  });
  return html("div", { class: "scenes" }, ...cards);
}

function frameOf(scene: SceneData, page: string): HTMLIFrameElement {
  const frame = html("iframe", { title: `Dances to ${scene.song}`, allow: "autoplay; fullscreen" });
  const theme = document.documentElement.dataset.theme ?? "";
  frame.srcdoc = page.replace("<html", `<html data-theme="${theme}"`);
  return frame;
}
