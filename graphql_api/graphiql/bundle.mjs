// node bundle.mjs FOLDER: bundles main.jsx, its workers and the licences of what they contain into FOLDER.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

import { build } from "esbuild";

const WORKERS = {
  editor: "monaco-editor/esm/vs/editor/editor.worker.js",
  json: "monaco-editor/esm/vs/language/json/json.worker.js",
  graphql: "monaco-graphql/esm/graphql.worker.js",
};
const PERMISSIVE = new Set(["0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT"]);
// GraphiQL imports these by their old names, which lead to UMD files whose named exports esbuild cannot see.
const PRETTIER = {
  "prettier/parser-babel": "prettier/plugins/babel",
  "prettier/parser-graphql": "prettier/plugins/graphql",
};
const FONTS = `Fonts and icons inside these packages
  Roboto: Apache-2.0 or OFL-1.1, the Roboto Project Authors
  Fira Code: OFL-1.1, the Fira Code Project Authors
  Codicons: CC-BY-4.0, Microsoft Corporation`;

function bundle(outdir, entryPoints, options) {
  return build({
    absWorkingDir: import.meta.dirname,
    assetNames: "[name]-[hash]",
    bundle: true,
    chunkNames: "[name]-[hash]",
    entryNames: "[name]-[hash]",
    entryPoints,
    legalComments: "eof",
    logLevel: "warning",
    metafile: true,
    minify: true,
    outdir,
    target: "es2022",
    ...options,
  });
}

/** The file each entry point became, by its name. */
function namesOf({ metafile }) {
  const entries = Object.entries(metafile.outputs).filter(([, { entryPoint }]) => entryPoint);
  return Object.fromEntries(entries.map(([path]) => [basename(path).split(/[.-]/)[0], basename(path)]));
}

async function bundleAll(outdir) {
  const workers = await bundle(outdir, Object.values(WORKERS), { format: "iife" });
  const page = await bundle(outdir, ["main.jsx"], {
    alias: PRETTIER,
    define: { "process.env.NODE_ENV": '"production"', WORKERS: JSON.stringify(namesOf(workers)) },
    format: "esm",
    jsx: "automatic",
    loader: { ".graphql": "text", ".ttf": "file" },
    splitting: true,
  });
  return [workers, page].flatMap(({ metafile }) => Object.keys(metafile.inputs));
}

/** The folders of the packages that the given input files belong to. */
function packagesOf(inputs) {
  const folders = inputs.map((input) => input.match(/^.*node_modules\/(@[^/]+\/)?[^/]+/)?.[0]);
  return [...new Set(folders.filter(Boolean))].sort();
}

function licenceOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  if (!PERMISSIVE.has(license)) {
    throw new Error(`${name} is under ${license}: only ${[...PERMISSIVE].join(", ")} may be bundled`);
  }
  const texts = readdirSync(folder).filter((file) => /^(licen[cs]e|notice|thirdparty)/i.test(file));
  return [`${name} ${version}: ${license}`, ...texts.map((file) => readFileSync(join(folder, file), "utf8"))].join("\n");
}

const [outdir] = process.argv.slice(2);
const licences = packagesOf(await bundleAll(outdir)).map((folder) => licenceOf(join(import.meta.dirname, folder)));
writeFileSync(join(outdir, "licenses.txt"), [...licences, FONTS].join(`\n\n${"-".repeat(80)}\n`));
