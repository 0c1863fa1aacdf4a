// Sizes of WASM and CSS as a browser loads them, and the first copy of the demo at the published rate limits of the
// client. Prints a table, writes .test/bench.json, and says on what machine.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { brotliCompressSync } from 'node:zlib';

const ROOT = new URL('..', import.meta.url).pathname;
const FOLDER = `${ROOT}.test/bench`;
const PANEL = 'http://127.0.0.1:3150';
const PORTS = [7151, 7152];
const GOALS = { wasm: 400, css: 20 };

const kilobytes = (bytes) => Math.round(bytes / 100) / 10;

function sizes() {
  const folder = `${ROOT}target/site/pkg`;
  return Object.entries(GOALS).map(([ending, goal]) => {
    const name = readdirSync(folder).find((file) => file.endsWith(`.${ending}`));
    const content = readFileSync(`${folder}/${name}`);
    const brotli = kilobytes(brotliCompressSync(content).length);
    return { what: `${ending}, brotli`, measured: brotli, unit: 'kB', goal, ratio: Math.round((brotli / goal) * 100) / 100 };
  });
}

async function call(persona, method, path, body) {
  const answer = await fetch(`${PANEL}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer demo-${persona}`, 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

async function until(what, ask, tries = 1200) {
  for (let i = 0; i < tries; i += 1) {
    const found = await ask().catch(() => undefined);
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${what}: gave up waiting`);
}

async function pair() {
  const { pairing } = await call('admin', 'POST', '/pairings');
  let version = pairing.version;
  for (const [side, region, port] of [['primary', 'us-east-1', PORTS[0]], ['secondary', 'us-west-2', PORTS[1]]]) {
    const input = { version, side, name: region, host: `http://127.0.0.1:${port}`, token: `dapi-demo-${region}` };
    version = (await call('admin', 'POST', `/pairings/${pairing.id}/test`, input)).pairing.version;
  }
  await call('admin', 'PUT', `/pairings/${pairing.id}/settings`, { version, group_name: 'Bench' });
  return (await call('admin', 'POST', `/pairings/${pairing.id}/finish`)).group_id;
}

async function still(id) {
  return until('the sync', async () => {
    const page = await call('operator', 'GET', `/syncs/${id}`);
    return ['planning', 'applying'].includes(page.run.state) ? undefined : page;
  });
}

// Planned and applied as it was planned: the time of both, as nobody takes time to look.
async function sync(group) {
  const began = performance.now();
  const { sync_run_ids: [id] } = await call('operator', 'POST', `/groups/${group}/syncs`, { is_applied_at_once: false });
  let page = await still(id);
  if (page.run.state === 'planned') {
    await call('operator', 'POST', `/syncs/${id}/apply`, { plan_hash: page.plan_hash });
    page = await still(id);
  }
  if (page.run.state !== 'completed') throw new Error(`the sync ended as ${page.run.state}: ${page.run.message}`);
  return { seconds: Math.round((performance.now() - began) / 10) / 100, objects: page.run.total };
}

async function copies() {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  const arguments_ = ['serve', '--demo', '--demo-folder', FOLDER, '--listen', '127.0.0.1:3150', '--demo-ports', PORTS.join(',')];
  const panel = spawn(`${ROOT}target/release/farshore`, arguments_, { cwd: ROOT, stdio: 'ignore' });
  try {
    await until('the panel', async () => (await fetch(`${PANEL}/readyz`)).ok);
    const group = await pair();
    const first = await sync(group);
    // The second run reads once what the first one wrote; from the third on only what changed is read.
    await sync(group);
    const unchanged = await sync(group);
    return [
      { what: `first copy of the demo, ${first.objects} objects`, measured: first.seconds, unit: 's' },
      { what: 'sync in which nothing changed', measured: unchanged.seconds, unit: 's' },
    ];
  } finally {
    panel.kill();
    for (const region of ['us-east-1', 'us-west-2']) process.kill(Number(readFileSync(`${FOLDER}/${region}.pid`, 'utf8')));
  }
}

const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform}`;
const figures = [...sizes(), ...(await copies())];
console.log(machine);
console.table(figures);
writeFileSync(`${ROOT}.test/bench.json`, `${JSON.stringify({ machine, figures }, null, 2)}\n`);
