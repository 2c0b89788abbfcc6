// Open an IFC file with web-ifc and print {"elements": n, "global_ids": n}: its IfcElement instances and their distinct GlobalIds.
// Usage: node count_elements.mjs SOURCE.ifc
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const { IfcAPI, IFCELEMENT } = createRequire(import.meta.url)("web-ifc");
const api = new IfcAPI();
await api.Init();
const model = api.OpenModel(new Uint8Array(readFileSync(process.argv[2])));
const ids = api.GetLineIDsWithType(model, IFCELEMENT, true);
const found = new Set();
for (let index = 0; index < ids.size(); index += 1) {
  found.add(api.GetLine(model, ids.get(index)).GlobalId.value);
}
process.stdout.write(JSON.stringify({ elements: ids.size(), global_ids: found.size }));
process.exit(0);
