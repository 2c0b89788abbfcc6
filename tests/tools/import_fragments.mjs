// Turn an IFC file into a .frag file with the importer of @thatopen/fragments (web-ifc under it), as its manual does.
// Usage: node import_fragments.mjs SOURCE.ifc TARGET.frag
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import * as FRAGS from "@thatopen/fragments";

const [source, target] = process.argv.slice(2);
const importer = new FRAGS.IfcImporter();
const webIfc = createRequire(import.meta.url).resolve("web-ifc/web-ifc-node.wasm");
importer.wasm = { path: `${dirname(webIfc)}/`, absolute: true };
const fragments = await importer.process({ bytes: new Uint8Array(readFileSync(source)) });
writeFileSync(target, fragments);
process.exit(0);
