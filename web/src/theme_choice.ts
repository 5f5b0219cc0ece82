/** Dark or light: what the user has chosen, on any page of ours. */

export type ThemeName = "dark" | "light";

const KEY = "transflower-theme";

/** What a page around this one has set, else the user's choice if there is one, else what the system says. */
export function startingTheme(): ThemeName {
  const chosen = document.documentElement.dataset.theme ?? stored();
  if (chosen === "dark" || chosen === "light") return chosen;
  return matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark";
}

export function applyTheme(name: ThemeName, isChosen: boolean): void {
  document.documentElement.dataset.theme = name;
  if (!isChosen) return;
  try {
    localStorage.setItem(KEY, name);
  } catch {
    // A page in a frame of its own origin may store nothing.
  }
}

function stored(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}
