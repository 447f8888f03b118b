// Reads a JSON list of HTML texts, writes what JupyterLab's own sanitiser leaves of each.
import { Sanitizer } from "../../../js/node_modules/@jupyterlab/apputils/lib/sanitizer.js";

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const texts = JSON.parse(Buffer.concat(chunks).toString("utf8"));
const sanitizer = new Sanitizer();
process.stdout.write(JSON.stringify(texts.map((text) => sanitizer.sanitize(text))));
