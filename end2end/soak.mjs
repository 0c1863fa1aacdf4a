// kill -9 of the sync engine at twenty random moments of a first copy of 5,000 objects: what is there afterwards equals
// what an undisturbed copy leaves, and the workspace has seen the same changing calls. The seed is printed, and taken
// as an argument.
import { changesOf, contentOf, difference } from './bench/content.mjs';
import { CHANGED, NO_CHANGE, start, sync, syncTo, withState } from './bench/engine.mjs';
import { machine } from './bench/figures.mjs';
import { withWorkspaces } from './bench/workspaces.mjs';

const CONTENT = { notebooks: 3950, jobs: 800, clusters: 200, pools: 50 };
const KILLS = 20;
const LATENCY_MS = 10;
/** Syncs after the last kill: the first one finds what is left, another one nothing. */
const MOST_SYNCS = 3;

/** Numbers from 0 to 1 that depend on the seed alone (mulberry32). */
function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function prepared(source, target) {
  await source.fill(CONTENT);
  await target.behave({ kind: 'latency', ms: LATENCY_MS });
}

/** What one copy leaves: the content, the changing calls, how long it took. */
const left = async (target, seconds) => ({ content: await contentOf(target), changes: await changesOf(target), seconds });

const undisturbed = () => withWorkspaces((source, target) => withState(async (state) => {
  await prepared(source, target);
  const { seconds } = await syncTo(CHANGED, source, target, state, ['--unlimited']);
  return left(target, seconds);
}));

const countChanges = async (target) => (await target.control('GET', 'state')).counts.changes;

/**
 * Starts a sync and kills it after a while; false when it was done before. With `isWriting` the while begins with the
 * first change: what was interrupted is compared first, and most kills are to come later than that.
 */
async function kill(source, target, state, afterMs, isWriting) {
  const before = await countChanges(target);
  const engine = start(source, target, state, ['--unlimited']);
  engine.stdout.resume();
  engine.stderr.resume();
  let isOver = false;
  const ended = new Promise((resolve) => engine.on('close', (code, signal) => { isOver = true; resolve(signal === 'SIGKILL'); }));
  while (isWriting && !isOver && await countChanges(target) === before) await pause(5);
  await Promise.race([pause(afterMs), ended]);
  engine.kill('SIGKILL');
  return ended;
}

const disturbed = (seed, meanMs) => withWorkspaces((source, target) => withState(async (state) => {
  await prepared(source, target);
  const draw = random(seed);
  let killed = 0;
  for (let number = 1; number <= KILLS; number += 1) {
    const afterMs = Math.round(draw() * 2 * meanMs);
    const isWriting = number % 4 !== 0;
    if (await kill(source, target, state, afterMs, isWriting)) killed += 1;
    const moment = isWriting ? 'its first change' : 'its start';
    console.log(`kill ${number}, ${afterMs} ms after ${moment}: ${await countChanges(target)} changing calls so far`);
  }
  let done;
  for (let number = 0; number < MOST_SYNCS && done?.code !== NO_CHANGE; number += 1) {
    done = await sync(source, target, state, ['--unlimited']);
    if (![NO_CHANGE, CHANGED].includes(done.code)) throw new Error(`the sync ended with ${done.code}:\n${done.said}`);
  }
  if (done.code !== NO_CHANGE) throw new Error(`after ${MOST_SYNCS} undisturbed syncs there was still something to do`);
  return { killed, ...(await left(target)) };
}));

function compare(what, expected, found) {
  const differs = difference(expected, found);
  console.log(`${what}: ${expected.length} expected, ${found.length} found, ${differs.length} differ`);
  differs.slice(0, 20).forEach((line) => console.log(`  ${line}`));
  return differs.length === 0;
}

const seed = Number(process.argv[2] ?? process.env.FARSHORE_SOAK_SEED ?? Date.now() % 1_000_000);
console.log(`${machine()}; seed ${seed}: repeat with make soak SEED=${seed}`);
const expected = await undisturbed();
console.log(`undisturbed: ${expected.seconds.toFixed(1)} s, ${expected.changes.length} changing calls`);
// So that the kills are spread over the whole copy, and none comes after its end.
const found = await disturbed(seed, 0.9 * expected.seconds * 1000 / KILLS);
console.log(`${found.killed} of ${KILLS} syncs were killed before their end`);
const checks = [
  found.killed === KILLS,
  compare('objects and lists', expected.content, found.content),
  compare('changing calls', expected.changes, found.changes),
];
if (checks.includes(false)) process.exitCode = 1;
console.log(checks.includes(false) ? 'soak: FAILED' : 'soak: the copy equals an undisturbed one');
