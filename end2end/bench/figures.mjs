// What is measured, as rows of one table: what, how much of which unit, and against which goal.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { ROOT } from './binary.mjs';

const FILE = `${ROOT}.test/bench.json`;

export const rounded = (figure, digits) => Number(figure.toFixed(digits));

/** A figure; with a goal also how many times the goal it is. */
export function figure(what, measured, unit, goal) {
  const row = { what, measured: rounded(measured, measured < 10 ? 2 : 1), unit };
  return goal === undefined ? row : { ...row, goal, ratio: rounded(measured / goal, 2) };
}

export function machine() {
  const model = cpus()[0]?.model ?? 'unknown';
  return `${cpus().length} × ${model}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform}`;
}

/** How many processes wanted to run, about, in the last minute: figures of a busy machine are worse. */
export const load = () => rounded(loadavg()[0], 1);

/** Adds the figures of one item to what was measured before; those of other items stay. */
export function keep(item, figures) {
  mkdirSync(`${ROOT}.test`, { recursive: true });
  let kept = { items: {} };
  try {
    const before = JSON.parse(readFileSync(FILE, 'utf8'));
    if (before.machine === machine() && before.items) kept = before;
  } catch {
    // The first time, or one that was broken off.
  }
  const items = { ...kept.items, [item]: { measured_at: new Date().toISOString(), load: load(), figures } };
  writeFileSync(FILE, `${JSON.stringify({ machine: machine(), items }, null, 2)}\n`);
}
