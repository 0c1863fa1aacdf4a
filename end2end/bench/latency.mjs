// Item 2: without limits, every call answered after 20 ms.
import { CHANGED, NO_CHANGE, syncTo, withState } from './engine.mjs';
import { clearCalls, perObject, printCalls } from './calls.mjs';
import { figure } from './figures.mjs';
import { withWorkspaces } from './workspaces.mjs';

const CONTENT = { notebooks: 501, jobs: 101 };
const GOAL_S = { first: 4, unchanged: 0.5 };
/** Of so many runs the median counts. */
const RUNS = 3;

const median = (numbers) => numbers.toSorted((left, right) => left - right)[Math.floor(numbers.length / 2)];

function run(isShown) {
  return withWorkspaces((source, target) => withState(async (state) => {
    await source.fill(CONTENT);
    for (const workspace of [source, target]) await workspace.behave({ kind: 'latency', ms: 20 });
    const first = await syncTo(CHANGED, source, target, state, ['--unlimited']);
    const calls = isShown ? await printCalls(source, target) : undefined;
    await clearCalls(source, target);
    const unchanged = await syncTo(NO_CHANGE, source, target, state, ['--unlimited']);
    return { first, unchanged, calls };
  }));
}

export async function latency() {
  const runs = [];
  for (let number = 0; number < RUNS; number += 1) runs.push(await run(number === 0));
  const seconds = (which) => median(runs.map((run) => run[which].seconds));
  const objects = CONTENT.notebooks + CONTENT.jobs;
  return [
    figure(`2: first copy of ${objects} objects, 20 ms a call, median of ${RUNS}`, seconds('first'), 's', GOAL_S.first),
    { ...perObject(runs[0].calls, objects), what: '2: calls per object' },
    figure('2: sync in which nothing changed', seconds('unchanged'), 's', GOAL_S.unchanged),
    figure('2: processor time of the engine, first copy', median(runs.map((run) => run.first.cpu_s)), 's'),
  ];
}
