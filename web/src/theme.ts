/** Colours of the scene in the dark and in the light; those of the controls are in style/colours.css. */

import { Color } from "three";
import type { ThemeName } from "./theme_choice";

export interface Theme {
  background: number;
  floor: number;
  line: number;
  sky: number;
  ground: number;
  key: number;
  ambient: number;
  shadow: number;
}

export const THEMES: Record<ThemeName, Theme> = {
  dark: {
    background: 0x14151c,
    floor: 0x262833,
    line: 0x373a4a,
    sky: 0xdfe4ff,
    ground: 0x3b3640,
    key: 2.4,
    ambient: 1.5,
    shadow: 0.75,
  },
  light: {
    background: 0xf3f1ec,
    floor: 0xe6e2da,
    line: 0xcfc9be,
    sky: 0xffffff,
    ground: 0xcfc6bd,
    key: 2.0,
    ambient: 2.1,
    shadow: 0.5,
  },
};

/** One colour for each dancer, told apart by people who see colours differently, too; the last is for what is compared with. */
const HUES = ["#e8985e", "#5ea8e8", "#8fc46b", "#c48be0", "#e3c14f", "#6bc4bb", "#e07b8f", "#8f9dd6", "#c4c6cf"];

export function dancerColour(hue: number): string {
  return HUES[hue % HUES.length]!;
}

/** The colours of our own body by the names of its materials. */
export function bodyTones(hue: number, alone: boolean): Map<string, Color> {
  const main = new Color(dancerColour(hue));
  const mix = (hex: string, share: number) => main.clone().lerp(new Color(hex), share);
  return new Map([
    ["left", alone ? new Color("#5b9bd5") : mix("#ffffff", 0.1)],
    ["right", alone ? new Color("#e8985e") : mix("#20222c", 0.18)],
    ["trunk", alone ? new Color("#dcd7ce") : mix("#dcd7ce", 0.72)],
    ["face", new Color("#3a3c4e")],
  ]);
}
