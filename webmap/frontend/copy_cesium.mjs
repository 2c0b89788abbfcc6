// Copies the prebuilt CesiumJS beside our own build; it is loaded as a script, never bundled.
import { createReadStream, createWriteStream, cpSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

const here = new URL('.', import.meta.url).pathname;
const source = join(here, 'node_modules/cesium/Build/Cesium');
const target = join(here, '../static/build/cesium');

cpSync(source, target, { recursive: true });
rmSync(join(target, 'index.cjs'), { force: true });

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
