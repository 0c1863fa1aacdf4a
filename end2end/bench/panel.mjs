// The panel in its demo mode, with the two simulated workspaces that it brings along.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, openSync } from 'node:fs';
import { BINARY, ROOT } from './binary.mjs';

const FOLDER = `${ROOT}.test/bench`;
const LOG = `${ROOT}.test/bench.log`;
const LISTEN = '127.0.0.1:3150';
const PORTS = { 'us-east-1': 7151, 'us-west-2': 7152 };
const PATIENCE_MS = 300_000;

// What somebody's shell names for their own panel must not become the database of this one.
function environment() {
  const { FARSHORE_DATABASE_URL: _database, FARSHORE_KEY_FILE: _key, ...rest } = process.env;
  return { ...rest, FARSHORE_DEMO_FOLDER: FOLDER };
}

/** A GET of the panel as a browser sends it, signed in by a token. */
export function get(path) {
  return fetch(`http://${LISTEN}${path}`, { headers: { authorization: 'Bearer demo-operator' } });
}

export async function call(persona, method, path, body) {
  const answer = await fetch(`http://${LISTEN}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer demo-${persona}`, 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

/** Adds content in bulk to the workspace that is going to be the source. */
export async function fill(content) {
  const answer = await fetch(`http://127.0.0.1:${PORTS['us-east-1']}/_simulator/fill`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(content),
  });
  if (!answer.ok) throw new Error(`fill: ${answer.status} ${await answer.text()}`);
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
  mkdirSync(`${ROOT}.test`, { recursive: true });
  const log = openSync(LOG, 'w');
  const panel = spawn(BINARY, args, { cwd: ROOT, env: environment(), stdio: ['ignore', log, log] });
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

export async function pair() {
  const { pairing } = await call('admin', 'POST', '/pairings');
  let { version } = pairing;
  for (const [side, region] of [['primary', 'us-east-1'], ['secondary', 'us-west-2']]) {
    const input = { version, side, name: region, host: `http://127.0.0.1:${PORTS[region]}`, token: `dapi-demo-${region}` };
    version = (await call('admin', 'POST', `/pairings/${pairing.id}/test`, input)).pairing.version;
  }
  await call('admin', 'PUT', `/pairings/${pairing.id}/settings`, { version, group_name: 'Bench' });
  return (await call('admin', 'POST', `/pairings/${pairing.id}/finish`)).group_id;
}

export function standing(id) {
  return until('the sync', async () => {
    const page = await call('operator', 'GET', `/syncs/${id}`);
    return ['planning', 'applying'].includes(page.run.state) ? undefined : page;
  });
}

/** A panel that nobody has used before, for as long as `use` takes. */
export async function withPanel(use) {
  // A run that was interrupted may have left its simulated workspaces behind, which hold a copy already.
  const reset = () => execFileSync(`${ROOT}.ci/demo-reset`, { env: environment(), stdio: 'ignore' });
  reset();
  const stop = await start().catch((error) => { reset(); throw error; });
  try {
    return await use();
  } finally {
    await stop();
    reset();
  }
}
