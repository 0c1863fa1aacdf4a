// The sync engine in a process of its own, as `farshore sync` runs it, with what it took: wall time, time of the
// processors, the most memory that it ever had.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { TOKEN } from './workspaces.mjs';
import { BINARY } from './binary.mjs';

const SAMPLE_MS = 20;
const TICKS_PER_S = 100;
/** What `farshore sync apply` ends with. */
export const NO_CHANGE = 0;
export const CHANGED = 2;

/** A folder for the state file, for as long as `use` takes. */
export async function withState(use) {
  const folder = mkdtempSync(`${tmpdir()}/farshore-bench-`);
  try {
    return await use(`${folder}/state.db`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Starts a sync. `options` are more arguments of the command. */
export function start(source, target, state, options = []) {
  const { FARSHORE_DATABASE_URL: _database, ...env } = process.env;
  const tokens = { FARSHORE_SOURCE_TOKEN: TOKEN, FARSHORE_TARGET_TOKEN: TOKEN };
  const args = ['sync', 'apply', '--source', source.url, '--target', target.url, '--state', state, ...options];
  return spawn(BINARY, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...env, ...tokens } });
}

/** Linux keeps both until the process is waited for; the last look is at most a sample before its end. */
function usage(pid, last) {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const times = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
    const peak = status.match(/^VmHWM:\s+(\d+) kB/m);
    return peak ? { peak_mb: Number(peak[1]) / 1024, cpu_s: (Number(times[11]) + Number(times[12])) / TICKS_PER_S } : last;
  } catch {
    return last;
  }
}

/** Runs a sync to its end: `{ code, seconds, cpu_s, peak_mb, said }`. */
export async function sync(source, target, state, options = []) {
  const began = performance.now();
  const engine = start(source, target, state, options);
  let used = { peak_mb: 0, cpu_s: 0 };
  const sampling = setInterval(() => { used = usage(engine.pid, used); }, SAMPLE_MS);
  let said = '';
  engine.stdout.on('data', (data) => { said += data; });
  engine.stderr.on('data', (data) => { said += data; });
  const code = await new Promise((resolve, reject) => { engine.on('close', resolve); engine.on('error', reject); });
  clearInterval(sampling);
  return { code, seconds: (performance.now() - began) / 1000, ...used, said };
}

/** A sync that has to end in this way. */
export async function syncTo(code, ...args) {
  const done = await sync(...args);
  if (done.code !== code) throw new Error(`the sync ended with ${done.code} instead of ${code}:\n${done.said}`);
  return done;
}
