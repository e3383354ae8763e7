// node bundle.mjs FOLDER: writes the types of schema.graphql, checks all of src/ against them and bundles it into FOLDER.
import { execFileSync } from "node:child_process";
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { generate } from "@graphql-codegen/cli";
import react from "@vitejs/plugin-react";
import { build } from "vite";

const HERE = import.meta.dirname;

async function writeTypes() {
  const config = JSON.parse(readFileSync(join(HERE, "codegen.json"), "utf8"));
  await generate({ ...config, cwd: HERE }, true);
}

function checkTypes() {
  execFileSync(process.execPath, [join(HERE, "node_modules/typescript/bin/tsc"), "--noEmit"], { cwd: HERE, stdio: "inherit" });
}

function bundle(outDir) {
  return build({
    root: HERE,
    configFile: false,
    logLevel: "warn",
    plugins: [react()],
    publicDir: false,
    build: {
      outDir,
      emptyOutDir: false,
      target: "es2022",
      assetsInlineLimit: 0,
      license: { fileName: "licenses.txt" },
      modulePreload: false,
      rolldownOptions: {
        input: { main: join(HERE, "src/main.tsx") },
        output: { entryFileNames: "[name]-[hash].js", chunkFileNames: "[name]-[hash].js", assetFileNames: "[name]-[hash][extname]" },
      },
    },
  });
}

const [outDir] = process.argv.slice(2);
process.chdir(HERE);
await writeTypes();
checkTypes();
await bundle(outDir);
copyFileSync(join(HERE, "src/generated/persisted-documents.json"), join(outDir, "documents.json"));
