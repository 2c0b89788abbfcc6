// Run Khronos' glTF validator over many files in one process.
// Standard input: one path per line. Standard output: a JSON object {path: [{code, severity, pointer, message}]}.
// Severities are the validator's: 0 error, 1 warning, 2 information, 3 hint.
import { readFileSync } from "node:fs";
import validator from "gltf-validator";

const paths = readFileSync(0, "utf8").split("\n").filter(Boolean);
const found = {};
for (const path of paths) {
  try {
    const report = await validator.validateBytes(new Uint8Array(readFileSync(path)), { uri: path, maxIssues: 1000 });
    found[path] = report.issues.messages;
  } catch (error) {
    found[path] = [{ code: "NOT_GLTF", severity: 0, pointer: "", message: String(error) }];
  }
}
process.stdout.write(JSON.stringify(found));
