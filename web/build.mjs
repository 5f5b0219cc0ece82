/** Builds the page: script and style in one HTML file, the same bytes each time. `--check` compares it with the one that is there. */

import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { build } from "esbuild";

const TARGET = new URL("../src/transflower/viewer/page.html", import.meta.url);

async function bundle(entry) {
  const result = await build({
    absWorkingDir: import.meta.dirname,
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    format: "iife",
    target: ["chrome109", "firefox115", "safari16.4"],
    legalComments: "eof",
    charset: "ascii",
  });
  return result.outputFiles[0].text.trim();
}

const hashOf = (text) => `sha256-${createHash("sha256").update(text).digest("base64")}`;

const script = (await bundle("src/main.ts")).replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\!--");
const style = await bundle("src/style.css");
const template = await readFile(new URL("src/page.html", import.meta.url), "utf8");
const parts = {
  "@SCRIPT_HASH@": hashOf(script),
  "@STYLE_HASH@": hashOf(style),
  "@STYLE@": style,
  "@SCRIPT@": script,
  "@LICENCE@": (await readFile(new URL("node_modules/three/LICENSE", import.meta.url), "utf8")).trim(),
};
const page = Object.entries(parts).reduce((text, [mark, part]) => text.replace(mark, () => part), template);

if (process.argv.includes("--check")) {
  const there = await readFile(TARGET, "utf8").catch(() => "");
  if (there !== page) {
    console.error("src/transflower/viewer/page.html is not what web/ builds: run `npm run build` in web/");
    process.exit(1);
  }
} else {
  await writeFile(TARGET, page);
  console.log(`src/transflower/viewer/page.html: ${(page.length / 1e3).toFixed(0)} kB`);
}
