// Sizes of WASM and CSS as a browser loads them, and the first copy of the demo. Prints a table, writes
// .test/bench.json, and says on what machine. Figures, not a test: a goal that is missed is shown, and fails nothing.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, openSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FOLDER = `${ROOT}.test/bench`;
const LOG = `${ROOT}.test/bench.log`;
const LISTEN = '127.0.0.1:3150';
const PORTS = { 'us-east-1': 7151, 'us-west-2': 7152 };
const GOALS_KB = { wasm: 400, css: 20 };
const PATIENCE_MS = 300_000;

const rounded = (figure, digits) => Number(figure.toFixed(digits));

// What somebody's shell names for their own panel must not become the database of this one.
function environment() {
  const { FARSHORE_DATABASE_URL: _database, FARSHORE_KEY_FILE: _key, ...rest } = process.env;
  return { ...rest, FARSHORE_DEMO_FOLDER: FOLDER };
}

function sizes() {
  const folder = `${ROOT}target/site/pkg`;
  const files = readdirSync(folder);
  return Object.entries(GOALS_KB).map(([ending, goal]) => {
    const found = files.filter((file) => file.endsWith(`.${ending}`));
    if (found.length !== 1) throw new Error(`${folder} holds ${found.length} files .${ending}: remove it and run make build`);
    const content = readFileSync(`${folder}/${found[0]}`);
    // What was compressed when it was built is what is sent.
    const sent = files.includes(`${found[0]}.br`) ? readFileSync(`${folder}/${found[0]}.br`) : brotliCompressSync(content);
    const measured = rounded(sent.length / 1000, 1);
    return { what: `${ending}, brotli`, measured, unit: 'kB', goal, ratio: rounded(measured / goal, 2) };
  });
}

async function call(persona, method, path, body) {
  const answer = await fetch(`http://${LISTEN}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer demo-${persona}`, 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

/** Asks until there is an answer. An error of the asking is an error, not "not yet". */
async function until(what, ask) {
  const began = performance.now();
  while (performance.now() - began < PATIENCE_MS) {
    const found = await ask();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${what}: not within ${PATIENCE_MS / 1000} s`);
}

async function start() {
  const args = ['serve', '--demo', '--listen', LISTEN, '--demo-ports', Object.values(PORTS).join(',')];
  const log = openSync(LOG, 'w');
  const panel = spawn(`${ROOT}target/release/farshore`, args, { cwd: ROOT, env: environment(), stdio: ['ignore', log, log] });
  const ended = new Promise((resolve) => { panel.on('exit', resolve); panel.on('error', resolve); });
  let isEnded = false;
  ended.then(() => { isEnded = true; });
  await until('the panel is ready', async () => {
    if (isEnded) throw new Error(`the panel ended before it was ready; its log is ${LOG}`);
    return fetch(`http://${LISTEN}/readyz`, { signal: AbortSignal.timeout(1000) }).then((answer) => answer.ok, () => false);
  });
  return async () => {
    panel.kill();
    await ended;
  };
}

async function pair() {
  const { pairing } = await call('admin', 'POST', '/pairings');
  let { version } = pairing;
  for (const [side, region] of [['primary', 'us-east-1'], ['secondary', 'us-west-2']]) {
    const input = { version, side, name: region, host: `http://127.0.0.1:${PORTS[region]}`, token: `dapi-demo-${region}` };
    version = (await call('admin', 'POST', `/pairings/${pairing.id}/test`, input)).pairing.version;
  }
  await call('admin', 'PUT', `/pairings/${pairing.id}/settings`, { version, group_name: 'Bench' });
  return (await call('admin', 'POST', `/pairings/${pairing.id}/finish`)).group_id;
}

function standing(id) {
  return until('the sync', async () => {
    const page = await call('operator', 'GET', `/syncs/${id}`);
    return ['planning', 'applying'].includes(page.run.state) ? undefined : page;
  });
}

/** Planned and applied as it was planned: the time of both, as nobody takes time to look. */
async function sync(group) {
  const began = performance.now();
  const { sync_run_ids: [id] } = await call('operator', 'POST', `/groups/${group}/syncs`, { is_applied_at_once: false });
  let page = await standing(id);
  if (page.run.state === 'planned') {
    await call('operator', 'POST', `/syncs/${id}/apply`, { plan_hash: page.plan_hash });
    page = await standing(id);
  }
  if (page.run.state !== 'completed') throw new Error(`the sync ended as ${page.run.state}: ${page.run.message}`);
  return { seconds: rounded((performance.now() - began) / 1000, 2), objects: page.run.total };
}

async function copies() {
  // A run that was interrupted may have left its simulated workspaces behind, which hold a copy already.
  const reset = () => execFileSync(`${ROOT}.ci/demo-reset`, { env: environment(), stdio: 'ignore' });
  reset();
  const stop = await start().catch((error) => { reset(); throw error; });
  try {
    const group = await pair();
    const first = await sync(group);
    if (first.objects === 0) throw new Error('the first copy found nothing to copy');
    // The second run reads once what the first one wrote; from the third on only what changed is read.
    await sync(group);
    const unchanged = await sync(group);
    if (unchanged.objects !== 0) throw new Error(`${unchanged.objects} objects changed although nobody changed any`);
    return [
      { what: `first copy of the demo, ${first.objects} objects`, measured: first.seconds, unit: 's' },
      { what: 'sync in which nothing changed', measured: unchanged.seconds, unit: 's' },
    ];
  } finally {
    await stop();
    reset();
  }
}

try {
  mkdirSync(`${ROOT}.test`, { recursive: true });
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform}`;
  const figures = [...sizes(), ...(await copies())];
  console.log(machine);
  console.table(figures);
  writeFileSync(`${ROOT}.test/bench.json`, `${JSON.stringify({ machine, figures }, null, 2)}\n`);
  console.log('written to .test/bench.json');
} catch (error) {
  console.error(`bench: ${error.message}`);
  process.exitCode = 1;
}
