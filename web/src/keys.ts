/** The keyboard: one table for what keys do and for the list that explains them. */

export interface Action {
  /** As a person would say it; actions without are variants of the one before. */
  about?: string;
  /** How the list names the keys, where that differs from `keys`. */
  shown?: string;
  keys: string[];
  run: () => void;
}

/** Elements that take these keys for themselves. */
const OWN_KEYS: Record<string, string[]> = {
  BUTTON: [" ", "Enter"],
  SUMMARY: [" ", "Enter"],
  SELECT: [" ", "Enter", "ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "Home", "End"],
  INPUT: [" ", "ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"],
};

export function listen(actions: Action[], isModal: () => boolean): void {
  const byKey = new Map(actions.flatMap((action) => action.keys.map((key) => [key, action] as const)));
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isModal()) return;
    const focused = event.target as HTMLElement;
    if (OWN_KEYS[focused.tagName]?.includes(event.key)) return;
    const action = byKey.get(keyName(event));
    if (!action) return;
    event.preventDefault();
    action.run();
  });
}

/** `Shift+ArrowLeft`, `a`, `?`: letters without case, signs as they are typed. */
export function keyName(event: Pick<KeyboardEvent, "key" | "shiftKey">): string {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return event.shiftKey && event.key.length > 1 ? `Shift+${key}` : key;
}

/** Fill the list of keys. */
export function explain(list: HTMLElement, actions: Action[]): void {
  for (const { about, shown, keys } of actions) {
    if (!about) continue;
    const term = document.createElement("dt");
    term.textContent = shown ?? keys.map((key) => key.toUpperCase()).join(" or ");
    const meaning = document.createElement("dd");
    meaning.textContent = about;
    list.append(term, meaning);
  }
}
