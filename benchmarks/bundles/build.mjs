// Bundles one script, minified as for production: node build.mjs WORK BUNDLER ENTRY FOLDER.
// WORK holds node_modules. One process for each script: bundlers keep workers, watchers and databases that disturb the next.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import path from "node:path";

const [work, bundler, entry, folder] = process.argv.slice(2);
const require = createRequire(path.join(work, "package.json"));
const load = async (name) => {
  let file;
  try {
    file = require.resolve(name);
  } catch {
    file = require.resolve(name + "/package.json");
    const info = JSON.parse(await readFile(file, "utf8"));
    const entry = info.exports?.["."]?.import ?? info.module ?? info.main;
    file = path.join(path.dirname(file), typeof entry === "string" ? entry : entry.default);
  }
  const module = await import(pathToFileURL(file));
  return module.default && Object.keys(module).length === 1 ? module.default : module;
};
const settled = (compiler) =>
  new Promise((resolve, reject) =>
    compiler.run((error, stats) => {
      compiler.close(() => {});
      if (error || stats.hasErrors()) reject(error ?? new Error(stats.toString({ all: false, errors: true })));
      else resolve();
    }),
  );
const plugin = (module) => module.default ?? module;

// Webpack's kin and Rollup read no style sheets by themselves.
const styles = { test: /\.css$/, type: "asset/source" };

const bundlers = {
  async esbuild(entry, folder) {
    const { build } = await load("esbuild");
    await build({ entryPoints: [entry], outfile: path.join(folder, "app.js"), bundle: true, minify: true, logLevel: "silent",
      platform: "browser", define: { "process.env.NODE_ENV": '"production"' } });
  },
  async rollup(entry, folder) {
    const { rollup } = await load("rollup");
    const [resolve, commonjs, json, replace, terser] = (await Promise.all(
      ["node-resolve", "commonjs", "json", "replace", "terser"].map((name) => load("@rollup/plugin-" + name)))).map(plugin);
    const bundle = await rollup({ input: entry, onwarn() {}, plugins: [
      replace({ preventAssignment: true, values: { "process.env.NODE_ENV": '"production"' } }),
      { name: "styles", transform: (_, id) => (styles.test.test(id) ? "export default ''" : null) },
      resolve({ browser: true, preferBuiltins: false }), commonjs(), json(), terser({ maxWorkers: 1 })] });
    await bundle.write({ dir: folder, format: "es" });
    await bundle.close();
  },
  async webpack(entry, folder) {
    const webpack = plugin(await load("webpack"));
    await settled(webpack({ mode: "production", entry, output: { path: folder, filename: "app.js" }, performance: false, context: work,
      module: { rules: [styles] } }));
  },
  async vite(entry, folder) {
    const { build } = await load("vite");
    await build({ root: work, logLevel: "silent", configFile: false, publicDir: false,
      build: { outDir: folder, emptyOutDir: true, minify: true, rollupOptions: { input: entry } } });
  },
  async parcel(entry, folder) {
    const { Parcel } = await load("@parcel/core");
    await new Parcel({ entries: entry, defaultConfig: require.resolve("@parcel/config-default"), mode: "production",
      shouldDisableCache: true, workerFarm: undefined, env: { NODE_ENV: "production" },
      targets: { app: { distDir: folder, engines: { browsers: "> 1%" }, context: "browser", includeNodeModules: true,
        optimize: true, sourceMap: false } } }).run();
  },
  async swc(entry, folder) {
    const { rspack } = await load("@rspack/core");
    await settled(rspack({ mode: "production", entry, output: { path: folder, filename: "app.js" }, context: work, performance: false,
      module: { rules: [styles, { test: /\.m?js$/, loader: "builtin:swc-loader", options: { env: { targets: "> 1%" } }, type: "javascript/auto",
        resolve: { fullySpecified: false } }] } }));
  },
};

try {
  await bundlers[bundler](entry, folder);
} catch (error) {
  console.error(String(error.message ?? error));
  process.exit(1);
}
process.exit(0);
