/** Builds both pages: script and style in one HTML file, the same bytes each time. `--check` compares them with those that are there. */

import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { build } from "esbuild";

const PACKAGE = "../src/transflower/";

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
const read = (path) => readFile(new URL(path, import.meta.url), "utf8");

/** The parts of a page, by their marks. */
async function partsOf(scriptPath, stylePath, licencePath) {
  const script = (await bundle(scriptPath)).replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\!--");
  const style = await bundle(stylePath);
  return {
    "@SCRIPT_HASH@": hashOf(script),
    "@STYLE_HASH@": hashOf(style),
    "@STYLE@": style,
    "@SCRIPT@": script,
    "@LICENCE@": (await read(`node_modules/${licencePath}`)).trim(),
  };
}

/** Writes a page, or compares it. */
async function finish(target, templatePath, parts) {
  const template = await read(templatePath);
  const page = Object.entries(parts).reduce((text, [mark, part]) => text.replace(mark, () => part), template);
  const path = new URL(PACKAGE + target, import.meta.url);
  if (process.argv.includes("--check")) {
    const there = await readFile(path, "utf8").catch(() => "");
    if (there === page) return;
    console.error(`src/transflower/${target} is not what web/ builds: run \`npm run build\` in web/`);
    process.exitCode = 1;
  } else {
    await writeFile(path, page);
    console.log(`src/transflower/${target}: ${(page.length / 1e3).toFixed(0)} kB`);
  }
}

const player = await partsOf("src/main.ts", "src/style.css", "three/LICENSE");
const report = await partsOf("src/report/main.ts", "src/report/report.css", "d3-shape/LICENSE");
// A page in a frame obeys the rules of the page around it.
const inFrame = { "@PLAYER_SCRIPT_HASH@": player["@SCRIPT_HASH@"], "@PLAYER_STYLE_HASH@": player["@STYLE_HASH@"] };

await finish("viewer/page.html", "src/page.html", player);
await finish("reports/report.html", "src/report/report.html", { ...report, ...inFrame });
