import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/** React Aria brings its own words in thirty languages; the pages speak two. */
function onlyOurLanguages(): Plugin {
  const words = /react-(?:aria|stately|aria-components)\/dist\/private\/intl\/(?:\w+\/)?([a-z]{2}-[A-Z]{2})\.mjs$/;
  return {
    name: "only-our-languages",
    load(id) {
      const language = words.exec(id)?.[1];
      return language === undefined || language === "ko-KR" || language === "en-US" ? null : "export default {};";
    },
  };
}

/** What pdf.js fetches by name while it draws: Korean character maps, and decoders of scanned pages that need no eval. */
function pdfParts(): Plugin {
  const home = "node_modules/pdfjs-dist";
  const wanted = /^(Adobe-Korea1|KSC|UniKS).*\.bcmap$|_nowasm_fallback\.js$/;
  return {
    name: "pdf-parts",
    apply: "build",
    generateBundle() {
      for (const folder of ["cmaps", "wasm"]) {
        for (const name of readdirSync(`${home}/${folder}`).filter((file) => wanted.test(file))) {
          this.emitFile({ type: "asset", fileName: `assets/pdf/${name}`, source: readFileSync(`${home}/${folder}/${name}`) });
        }
      }
    },
  };
}

/** A compressed twin beside each text file: the server sends it as it is, without compressing at every request. */
function compressedTwins(): Plugin {
  return {
    name: "compressed-twins",
    apply: "build",
    writeBundle({ dir = "." }, files) {
      for (const name of Object.keys(files).filter((file) => /\.(js|mjs|css|html|svg)$/.test(file))) {
        writeFileSync(`${dir}/${name}.gz`, gzipSync(readFileSync(`${dir}/${name}`), { level: 9 }));
      }
    },
  };
}

export default defineConfig({
  plugins: [react(), onlyOurLanguages(), pdfParts(), compressedTwins()],
  base: "/",
  build: {
    outDir: "../server/static",
    emptyOutDir: true,
    target: "es2022",
    // A data: URL would need its own word in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: {
      "/api": "http://localhost:8080",
      "/health": "http://localhost:8080",
      "/socket.io": { target: "ws://localhost:8080", ws: true },
    },
  },
  test: {
    environment: "happy-dom",
    environmentOptions: { happyDOM: { url: "http://localhost/" } },
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["src/test-setup.ts"],
    css: { modules: { classNameStrategy: "non-scoped" } },
  },
});
