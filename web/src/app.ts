/** The page: what there is, what the user can do, and the drawing of each picture. */

import { Cameras, VIEWS, type View } from "./cameras";
import { Contacts } from "./contacts";
import { Controls, type Toggle } from "./controls";
import type { Dancer } from "./dancer";
import type { PageData } from "./data";
import { element } from "./dom";
import { type Action, explain, listen } from "./keys";
import { Labels } from "./labels";
import { Paths } from "./paths";
import { Player, SPEEDS } from "./player";
import type { Resolution } from "./resolution";
import { DanceScene } from "./scene";
import type { Sound } from "./sound";
import { StretchList } from "./stretch_list";
import { THEMES } from "./theme";
import { applyTheme, startingTheme, type ThemeName } from "./theme_choice";
import { Timeline } from "./timeline";
import { frameAt } from "./words";

/** Beats, or else seconds, of a loop that is not marked by hand. */
const LOOP_BEATS = 8;
const LOOP_SECONDS = 4;
const TURN = Math.PI / 24;

export class App {
  readonly player: Player;
  readonly scene: DanceScene;
  readonly cameras: Cameras;
  readonly timeline: Timeline;
  theme: ThemeName = startingTheme();
  isMuted = false;
  /** Pictures drawn so far. */
  pictures = 0;
  /** Song time of the last picture. */
  drawn = 0;
  private readonly labels: Labels;
  private readonly paths: Paths;
  private readonly contacts: Contacts;
  private readonly controls: Controls;
  private readonly stretches: StretchList | null;
  private isStale = true;
  private last = 0;

  constructor(
    readonly data: PageData,
    dancers: Dancer[],
    readonly sound: Sound | null,
    resolution: Resolution,
  ) {
    const canvas = element<HTMLCanvasElement>("scene");
    this.player = new Player(data.seconds, sound);
    this.scene = new DanceScene(canvas, dancers, resolution);
    const refresh = () => this.refresh();
    this.cameras = new Cameras(canvas, this.scene, refresh, () => this.controls.update());
    this.labels = new Labels(element<HTMLCanvasElement>("labels"), dancers);
    this.paths = new Paths(this.scene.extras, dancers);
    this.contacts = new Contacts(this.scene.extras, dancers);
    document.body.classList.toggle(
      "has-likelihood",
      data.dancers.some((dancer) => dancer.logLikelihood),
    );
    document.body.classList.toggle("has-stretches", data.stretches !== null);
    this.timeline = new Timeline(element("timeline"), element("hint"), data, this.player);
    this.controls = new Controls(this, this.makeToggles());
    this.stretches = data.stretches && new StretchList(data.stretches, this.player);
    this.player.onChange(() => {
      this.controls.update();
      this.timeline.showLoop();
      this.refresh();
    });
    const actions = this.makeActions();
    explain(element("key-list"), actions);
    listen(actions, () => element<HTMLDialogElement>("keys").open);
    this.setTheme(this.theme, false);
    new ResizeObserver(() => this.resize()).observe(element("picture"));
    this.resize();
    this.cameras.frame();
    requestAnimationFrame((wall) => this.tick(wall));
  }

  /** Draw anew with the next picture. */
  refresh(): void {
    this.isStale = true;
  }

  showDancer(index: number, isShown: boolean): void {
    this.scene.dancers[index]?.show(isShown);
    this.scene.pose(this.player.time());
    this.scene.arrange();
    const chosen = this.scene.dancers.find((dancer) => dancer.isShown && dancer.data.logLikelihood);
    if (chosen) this.timeline.choose(chosen.data);
    this.settled();
  }

  chooseView(view: View): void {
    this.cameras.choose(view);
    this.settled();
  }

  /** Go by whole frames, and stop there. */
  step(frames: number): void {
    if (this.player.playing) this.player.pause();
    const { fps } = this.data.dancers[0]!;
    this.player.seek((frameAt(this.player.time(), fps) + frames) / fps);
  }

  flipLoop(): void {
    const { loop } = this.player.clock;
    this.player.setLoop(loop ? null : this.loopFrom(this.player.time()));
  }

  flipMute(): void {
    this.isMuted = !this.isMuted;
    if (this.sound) this.sound.muted = this.isMuted;
    this.settled();
  }

  flipTheme(): void {
    this.setTheme(this.theme === "dark" ? "light" : "dark", true);
    this.settled();
  }

  flipFullScreen(): void {
    if (document.fullscreenElement) void document.exitFullscreen();
    else void document.documentElement.requestFullscreen();
  }

  showKeys(): void {
    element<HTMLDialogElement>("keys").showModal();
  }

  private tick(wall: number): void {
    requestAnimationFrame((next) => this.tick(next));
    const time = this.player.time();
    const hasMoved = this.cameras.update((wall - this.last) / 1000);
    this.last = wall;
    if (this.player.playing && this.scene.resolution.note(wall)) this.resize();
    if (!this.isStale && !hasMoved && time === this.drawn) return;
    this.isStale = false;
    this.draw(time);
  }

  private draw(time: number): void {
    this.scene.pose(time);
    this.paths.update(time);
    this.contacts.update(time);
    this.scene.draw(this.cameras.camera, this.player.playing);
    this.labels.draw(this.cameras.camera, this.theme);
    this.timeline.draw(time);
    this.controls.showTime(time);
    this.drawn = time;
    this.pictures++;
  }

  private resize(): void {
    const { clientWidth: width, clientHeight: height } = element("picture");
    this.scene.resize(width, height);
    this.labels.resize(width, height);
    this.cameras.resize(width, height, width > height ? Math.min(this.controls.coveredWidth, width / 4) : 0);
    this.timeline.resize();
    // At once: a canvas is empty after its size has changed.
    this.draw(this.player.time());
  }

  private settled(): void {
    this.controls.update();
    this.refresh();
  }

  private setTheme(theme: ThemeName, isChosen: boolean): void {
    this.theme = theme;
    applyTheme(theme, isChosen);
    this.scene.setTheme(THEMES[theme]);
    this.timeline.resize();
  }

  private loopFrom(seconds: number): { start: number; end: number } {
    const { beats } = this.data;
    const first = beats.filter((beat) => beat <= seconds + 0.05).length - 1;
    const start = beats[first];
    const end = beats[first + LOOP_BEATS];
    if (start !== undefined && end !== undefined) return { start, end };
    const from = Math.max(0, Math.min(seconds, this.data.seconds - LOOP_SECONDS));
    return { start: from, end: from + LOOP_SECONDS };
  }

  /** Move an end of the loop to the moment that is shown. */
  private markLoop(end: "start" | "end"): void {
    const time = this.player.time();
    const loop = this.player.clock.loop ?? { start: 0, end: this.data.seconds };
    const marked = end === "start" ? { start: time, end: loop.end } : { start: loop.start, end: time };
    if (marked.end <= marked.start) marked[end === "start" ? "end" : "start"] = end === "start" ? this.data.seconds : 0;
    this.player.setLoop(marked);
  }

  private changeSpeed(by: number): void {
    const index = SPEEDS.indexOf(this.player.clock.speed) + by;
    const speed = SPEEDS[Math.min(Math.max(index, 0), SPEEDS.length - 1)]!;
    this.player.setSpeed(speed);
  }

  private turn(azimuth: number, polar: number, zoom: number): void {
    if (this.cameras.view === "front" || this.cameras.view === "top") this.cameras.view = "orbit";
    this.cameras.turn(azimuth, polar, zoom);
    this.settled();
  }

  private makeToggles(): Toggle[] {
    const shown = (name: string, key: string, of: { isShown: boolean }): Toggle => ({
      name,
      key,
      isOn: () => of.isShown,
      flip: () => {
        of.isShown = !of.isShown;
        this.settled();
      },
    });
    const toggles = [
      shown("Joint names", "j", this.labels),
      shown("Paths", "p", this.paths),
      shown("Contacts", "c", this.contacts),
    ];
    const beside: Toggle = {
      name: "Side by side",
      key: "s",
      isOn: () => this.scene.sideBySide,
      flip: () => {
        this.scene.sideBySide = !this.scene.sideBySide;
        this.scene.arrange();
        this.cameras.frame();
        this.settled();
      },
    };
    return this.data.dancers.length > 1 ? [...toggles, beside] : toggles;
  }

  private makeActions(): Action[] {
    const { player } = this;
    const go = (by: number) => () => player.seek(player.time() + by);
    const flips = this.makeToggles().map((toggle) => ({
      about: `${toggle.name}, on or off`,
      keys: [toggle.key],
      run: toggle.flip,
    }));
    return [
      { about: "Play or pause", shown: "Space or K", keys: [" ", "k"], run: () => player.toggle() },
      { about: "One frame back or on", shown: ", and .", keys: [","], run: () => this.step(-1) },
      { keys: ["."], run: () => this.step(1) },
      { about: "Five seconds back or on", shown: "← and →", keys: ["ArrowLeft"], run: go(-5) },
      { keys: ["ArrowRight"], run: go(5) },
      { about: "To the start or end", shown: "Home and End", keys: ["Home"], run: () => player.seek(0) },
      { keys: ["End"], run: () => player.seek(this.data.seconds) },
      { about: "Slower or faster", shown: "- and =", keys: ["-"], run: () => this.changeSpeed(-1) },
      { keys: ["=", "+"], run: () => this.changeSpeed(1) },
      { about: "Loop, on or off", keys: ["l"], run: () => this.flipLoop() },
      { about: "Start or end of the loop here", shown: "[ and ]", keys: ["["], run: () => this.markLoop("start") },
      { keys: ["]"], run: () => this.markLoop("end") },
      ...(this.data.stretches?.length
        ? [{ about: "Next stretch that stands out", keys: ["n"], run: () => this.stretches?.next() }]
        : []),
      {
        about: "Orbit, follow, front, top camera",
        shown: "1 to 4",
        keys: ["1"],
        run: () => this.chooseView(VIEWS[0]!),
      },
      { keys: ["2"], run: () => this.chooseView(VIEWS[1]!) },
      { keys: ["3"], run: () => this.chooseView(VIEWS[2]!) },
      { keys: ["4"], run: () => this.chooseView(VIEWS[3]!) },
      {
        about: "Turn the camera",
        shown: "Shift and arrows",
        keys: ["Shift+ArrowLeft"],
        run: () => this.turn(-TURN, 0, 1),
      },
      { keys: ["Shift+ArrowRight"], run: () => this.turn(TURN, 0, 1) },
      { keys: ["Shift+ArrowUp"], run: () => this.turn(0, -TURN, 1) },
      { keys: ["Shift+ArrowDown"], run: () => this.turn(0, TURN, 1) },
      { about: "Nearer or farther", shown: "Z and X", keys: ["z"], run: () => this.turn(0, 0, 1 / 1.15) },
      { keys: ["x"], run: () => this.turn(0, 0, 1.15) },
      ...flips,
      { about: "Sound off or on", keys: ["m"], run: () => this.flipMute() },
      { about: "Dark or light", keys: ["d"], run: () => this.flipTheme() },
      { about: "Full screen", keys: ["f"], run: () => this.flipFullScreen() },
      { about: "These keys", keys: ["?"], run: () => this.showKeys() },
    ];
  }
}
