/** The buttons, switches and texts around the scene. */

import type { App } from "./app";
import { VIEWS, type View } from "./cameras";
import { element } from "./dom";
import { SPEEDS } from "./player";
import { dancerColour } from "./theme";
import { clockText, frameAt } from "./words";

/** A thing that is shown on demand. */
export interface Toggle {
  name: string;
  key: string;
  isOn: () => boolean;
  flip: () => void;
}

export class Controls {
  private readonly toggleButtons = new Map<Toggle, HTMLButtonElement>();
  private shownFrame = -1;

  constructor(
    private readonly app: App,
    private readonly toggles: Toggle[],
  ) {
    this.writeTitle();
    this.listDancers();
    this.listSpeeds();
    this.listViews();
    this.listToggles();
    this.connectButtons();
    element("total").textContent = ` / ${clockText(app.data.seconds)}`;
    this.update();
  }

  /** Show what has changed. */
  update(): void {
    const { player, cameras, theme, isMuted } = this.app;
    setIcon("play", player.playing ? "pause" : "play", player.playing ? "Pause" : "Play");
    element<HTMLSelectElement>("speed").value = String(player.clock.speed);
    setPressed("loop", player.clock.loop !== null);
    setPressed("mute", isMuted);
    setIcon("mute", isMuted ? "muted" : "sound", isMuted ? "Sound on" : "Mute");
    setIcon("theme", theme === "dark" ? "light" : "dark", theme === "dark" ? "Light colours" : "Dark colours");
    for (const [toggle, button] of this.toggleButtons) button.setAttribute("aria-pressed", String(toggle.isOn()));
    for (const input of document.querySelectorAll<HTMLInputElement>("#views input")) {
      input.checked = input.value === cameras.view;
    }
    document.querySelectorAll<HTMLInputElement>("#dancers input").forEach((input, index) => {
      input.checked = this.app.scene.dancers[index]?.isShown ?? false;
    });
  }

  /** Show the time; called for every picture. */
  showTime(seconds: number): void {
    const { fps } = this.app.data.dancers[0]!;
    const frame = frameAt(seconds, fps);
    element("now").textContent = clockText(seconds);
    if (frame === this.shownFrame) return;
    this.shownFrame = frame;
    element("frame").textContent = `frame ${frame}`;
  }

  /** Pixels from the left of the scene that the switches of dancers cover. */
  get coveredWidth(): number {
    const labels = [...document.querySelectorAll("#dancers label")];
    return Math.max(0, ...labels.map((label) => label.getBoundingClientRect().right));
  }

  private writeTitle(): void {
    const { data } = this.app;
    element("title").textContent = data.title;
    const only = data.dancers.length === 1 && data.dancers[0]!.name !== data.title ? `${data.dancers[0]!.name}, ` : "";
    const count = data.dancers.length > 1 ? `${data.dancers.length} dancers, ` : only;
    element("subtitle").textContent = `${count}${clockText(data.seconds).replace(/\.\d+$/, "")}`;
  }

  private listDancers(): void {
    const { dancers } = this.app.data;
    if (dancers.length < 2) return;
    dancers.forEach(({ name, hue }, index) => {
      const item = document.createElement("li");
      const label = document.createElement("label");
      const input = document.createElement("input");
      const text = document.createElement("span");
      input.type = "checkbox";
      input.style.setProperty("--dancer", dancerColour(hue ?? index));
      input.addEventListener("change", () => this.app.showDancer(index, input.checked));
      text.textContent = name;
      label.append(input, text);
      item.append(label);
      element("dancers").append(item);
    });
  }

  private listSpeeds(): void {
    const select = element<HTMLSelectElement>("speed");
    for (const speed of SPEEDS) select.add(new Option(`${speed}×`, String(speed)));
    select.addEventListener("change", () => this.app.player.setSpeed(Number(select.value)));
  }

  private listViews(): void {
    VIEWS.forEach((view: View, index) => {
      const label = document.createElement("label");
      const input = document.createElement("input");
      input.type = "radio";
      input.name = "view";
      input.value = view;
      input.addEventListener("change", () => this.app.chooseView(view));
      label.title = `${capital(view)} camera (${index + 1})`;
      label.append(input, capital(view));
      element("views").append(label);
    });
  }

  private listToggles(): void {
    for (const toggle of this.toggles) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "toggle";
      button.textContent = toggle.name;
      button.title = `${toggle.name} (${toggle.key.toUpperCase()})`;
      button.addEventListener("click", () => toggle.flip());
      this.toggleButtons.set(toggle, button);
      element("toggles").append(button);
    }
  }

  private connectButtons(): void {
    const { app } = this;
    const acts: Record<string, () => void> = {
      play: () => app.player.toggle(),
      start: () => app.player.seek(0),
      back: () => app.step(-1),
      forward: () => app.step(1),
      loop: () => app.flipLoop(),
      mute: () => app.flipMute(),
      theme: () => app.flipTheme(),
      full: () => app.flipFullScreen(),
      help: () => app.showKeys(),
    };
    for (const [id, act] of Object.entries(acts)) element(id).addEventListener("click", act);
    element("mute").hidden = app.data.sound === null;
    element("full").hidden = !document.fullscreenEnabled;
  }
}

function setIcon(id: string, icon: string, label: string): void {
  const button = element(id);
  button.querySelector("use")!.setAttribute("href", `#i-${icon}`);
  button.setAttribute("aria-label", label);
}

function setPressed(id: string, isPressed: boolean): void {
  element(id).setAttribute("aria-pressed", String(isPressed));
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
