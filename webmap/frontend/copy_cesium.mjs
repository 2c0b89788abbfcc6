// Copies the prebuilt CesiumJS beside our own build; it is loaded as a script, never bundled.
import { createReadStream, createWriteStream, cpSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

const here = new URL('.', import.meta.url).pathname;
const source = join(here, 'node_modules/cesium/Build/Cesium');
const target = join(here, '../static/build/cesium');

cpSync(source, target, { recursive: true });
rmSync(join(target, 'index.cjs'), { force: true });
rmSync(join(target, 'index.js'), { force: true });

// The bundled knockout finds the global object by eval, which our Content-Security-Policy forbids: it gets it by name.
const script = join(target, 'Cesium.js');
const text = readFileSync(script, 'utf8');
const byEval = '(0,eval)("this")';
if (text.split(byEval).length !== 2) throw new Error(`Cesium.js no longer holds ${byEval} exactly once.`);
writeFileSync(script, text.replace(byEval, 'globalThis'));

/** Writes `name.gz` beside every large script, so that WhiteNoise can send it compressed. */
async function compress(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    const file = join(entry.parentPath ?? entry.path, entry.name);
    if (entry.isFile() && /\.(js|css|wasm)$/.test(file) && statSync(file).size > 4096) {
      await pipeline(createReadStream(file), createGzip({ level: 6 }), createWriteStream(`${file}.gz`));
    }
  }
}

await compress(join(here, '../static/build'));
