// The licences of the packages that are in the bundle.
import { readFileSync, readdirSync, existsSync } from "node:fs";
const folders = ["@codemirror", "@lezer", "@marijn"].flatMap((scope) => readdirSync(`node_modules/${scope}`).map((name) => `${scope}/${name}`));
for (const name of [...folders, "crelt", "style-mod", "w3c-keyname"]) {
  const at = `node_modules/${name}`;
  if (!existsSync(`${at}/LICENSE`)) throw new Error(`${name} has no licence`);
  const { version } = JSON.parse(readFileSync(`${at}/package.json`, "utf8"));
  console.log(`${name} ${version}\n\n${readFileSync(`${at}/LICENSE`, "utf8")}\n`);
}
