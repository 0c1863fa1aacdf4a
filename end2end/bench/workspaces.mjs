// Simulated workspaces, each a process of its own, and what only a simulated one has: content in bulk, limits that
// are switched on, counters.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { BINARY } from './binary.mjs';

export const TOKEN = 'dapi-bench';

class Workspace {
  constructor(process, url) {
    this.process = process;
    this.url = url;
  }

  async control(method, path, body) {
    const answer = await fetch(`${this.url}/_simulator/${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  /** A GET of the workspace's own API. */
  async api(path) {
    const answer = await fetch(`${this.url}${path}`, { headers: { authorization: `Bearer ${TOKEN}` } });
    if (!answer.ok) throw new Error(`GET ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  fill(content) {
    return this.control('POST', 'fill', content);
  }

  /** Replaces what the workspace does to every call: `{ kind: 'latency', ms: 20 }`, `{ kind: 'published_limits' }`. */
  behave(...effects) {
    return this.control('PUT', 'faults', effects.map((effect) => ({ effect })));
  }

  clearCalls() {
    return this.control('DELETE', 'calls');
  }

  /** `{ calls, throttled, peak_concurrent, endpoints: [{ endpoint, calls, limit, peak_in_window, … }] }` */
  calls() {
    return this.control('GET', 'calls');
  }
}

async function start(region) {
  const args = ['simulate', '--listen', '127.0.0.1:0', '--token', TOKEN, '--region', region];
  const process = spawn(BINARY, args, { stdio: ['ignore', 'pipe', 'inherit'], env: { ...globalThis.process.env, RUST_LOG: 'warn' } });
  const lines = createInterface({ input: process.stdout });
  for await (const line of lines) {
    const url = line.match(/http:\/\/\S+/)?.[0];
    if (url) return new Workspace(process, url);
  }
  throw new Error(`the simulated workspace in ${region} did not start`);
}

/** Two empty workspaces for as long as `use` takes. */
export async function withWorkspaces(use) {
  const [source, target] = [await start('us-east-1'), await start('us-west-2')];
  try {
    return await use(source, target);
  } finally {
    for (const { process } of [source, target]) {
      const ended = new Promise((resolve) => process.on('exit', resolve));
      process.kill('SIGKILL');
      await ended;
    }
  }
}
