// Bundles every widget into one script and one style sheet: static/widget.js and static/widget.css.
// `node build.mjs --watch` rebuilds on change; with ANYWIDGET_HMR=1 an open notebook follows.
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const output = join(here, "../src/modelops_jupyter/notebook/static");
const styles = join(here, "src/styles");

/** Tokens and base rules come first, the widgets' own sheets after them by name. */
function sheet() {
  const first = ["tokens.css", "base.css", "charts.css"];
  const found = readdirSync(styles).filter((name) => name.endsWith(".css"));
  const rest = found.filter((name) => !first.includes(name)).sort();
  return [...first.filter((name) => found.includes(name)), ...rest]
    .map((n) => `@import "./${n}";`)
    .join("\n");
}

const shared = {
  bundle: true,
  minify: true,
  target: "es2022",
  logLevel: process.argv.includes("--watch") ? "info" : "warning",
  absWorkingDir: here,
};
const script = {
  ...shared,
  entryPoints: ["src/widget.ts"],
  outfile: join(output, "widget.js"),
  format: "esm",
  legalComments: "none",
};
const css = {
  ...shared,
  stdin: { contents: sheet(), resolveDir: styles, loader: "css" },
  outfile: join(output, "widget.css"),
};

if (process.argv.includes("--watch")) {
  for (const options of [script, css]) await (await esbuild.context({ ...options, minify: false })).watch();
} else {
  await Promise.all([esbuild.build(script), esbuild.build(css)]);
}
