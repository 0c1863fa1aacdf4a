// Sizes of WASM and CSS as a browser loads them.
import { readFileSync, readdirSync } from 'node:fs';
import { brotliCompressSync } from 'node:zlib';
import { ROOT } from './binary.mjs';
import { figure } from './figures.mjs';

const GOALS_KB = { wasm: 400, css: 20 };

export function sizes() {
  const folder = `${ROOT}target/site/pkg`;
  const files = readdirSync(folder);
  return Object.entries(GOALS_KB).map(([ending, goal]) => {
    const found = files.filter((file) => file.endsWith(`.${ending}`));
    if (found.length !== 1) throw new Error(`${folder} holds ${found.length} files .${ending}: remove it and run make build`);
    const content = readFileSync(`${folder}/${found[0]}`);
    // What was compressed when it was built is what is sent.
    const sent = files.includes(`${found[0]}.br`) ? readFileSync(`${folder}/${found[0]}.br`) : brotliCompressSync(content);
    return figure(`${ending}, brotli`, sent.length / 1000, 'kB', goal);
  });
}
