// How much script each window loads, compressed, as it ships in ui/dist: `node weight.mjs`. A page may load so much and
// no more: the start of every window waits for it.
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const MOST = 200_000;
const dist = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'ui', 'dist');

/** Every script that a page loads: those it names, and those that they import, at once or later. */
function scripts(page) {
  const named = [...readFileSync(join(dist, page), 'utf8').matchAll(/(?:src|href)="\/?([^"]+\.js)"/g)].map(([, path]) => normalize(path));
  const found = new Set(named);
  for (const path of found) {
    const imports = readFileSync(join(dist, path), 'utf8').matchAll(/(?:from|import)\s*\(?\s*["'`](\.{1,2}\/[^"'`]+\.js)["'`]/g);
    for (const [, other] of imports) found.add(normalize(join(dirname(path), other)));
  }
  return [...found];
}

const pages = readdirSync(dist).filter((name) => name.endsWith('.html'));
console.log('| window | scripts | bytes | compressed |\n|---|---|---|---|');
let heavy = 0;
for (const page of pages) {
  const files = scripts(page).map((path) => readFileSync(join(dist, path)));
  const plain = files.reduce((sum, file) => sum + file.length, 0);
  const packed = files.reduce((sum, file) => sum + gzipSync(file, { level: 9 }).length, 0);
  console.log(`| ${page.replace('.html', '')} | ${files.length} | ${plain} | ${packed} |`);
  if (files.length === 0 || packed > MOST) heavy += 1;
}
console.log(`weight: ${pages.length} windows, at most ${MOST} bytes of script each, ${heavy} with more or with none`);
process.exit(pages.length > 0 && heavy === 0 ? 0 : 1);
