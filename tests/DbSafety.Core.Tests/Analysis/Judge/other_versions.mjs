// Parses with libpg_query of PostgreSQL 18, then 13: a JSON string a line comes in, {"major", "tree"} or null goes out.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const load = createRequire(`${process.argv[2]}/package.json`);
const versions = [];
for (const major of [18, 13]) {
  const parser = load(`libpg-query-${major}`);
  if (parser.loadModule) await parser.loadModule();
  versions.push({ major, parse: parser.parseSync ?? parser.parseQuerySync });
}

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const sql = JSON.parse(line);
  let answer = null;
  for (const { major, parse } of versions) {
    try {
      answer = { major, tree: parse(sql) };
      break;
    } catch { /* the next version may know it */ }
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
