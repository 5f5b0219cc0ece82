// Prints what Khronos' glTF validator finds in files.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [web, ...paths] = process.argv.slice(2);
const validator = createRequire(`${web}/package.json`)("gltf-validator");
const reports = {};
for (const path of paths) {
  const { issues } = await validator.validateBytes(new Uint8Array(readFileSync(path)), { uri: path });
  const messages = issues.messages.filter((message) => message.severity < 2);
  reports[path] = { errors: issues.numErrors, warnings: issues.numWarnings, messages };
}
console.log(JSON.stringify(reports));
