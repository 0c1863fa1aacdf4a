// Items 1 and 3: at the published limits, which the workspaces enforce. The first copy, and a sync in which nothing
// has changed.
import { CHANGED, NO_CHANGE, syncTo, withState } from './engine.mjs';
import { assertWithinLimits, clearCalls, floor, perObject, printCalls, readsOf } from './calls.mjs';
import { figure, rounded } from './figures.mjs';
import { withWorkspaces } from './workspaces.mjs';

const CONTENT = { notebooks: 5000, jobs: 1000, clusters: 200, pools: 50 };
const GOAL_RATIO = 1.1;
const GOAL_TIMES_FASTER = 20;
/** A job's list is held: on the passive side it has its owner alone, which a new job has anyway. */
const LISTS_IN_FORCE = CONTENT.notebooks + CONTENT.clusters + CONTENT.pools;
const REQUIRED = {
  'workspace/export': CONTENT.notebooks,
  'workspace/import': CONTENT.notebooks,
  'jobs/create': CONTENT.jobs,
  'permissions/get': LISTS_IN_FORCE + CONTENT.jobs,
  'permissions/set': LISTS_IN_FORCE,
};

export function publishedLimits() {
  return withWorkspaces((source, target) => withState(async (state) => {
    await source.fill(CONTENT);
    await source.behave({ kind: 'published_limits' });
    await target.behave({ kind: 'published_limits' });
    const objects = Object.values(CONTENT).reduce((sum, count) => sum + count);

    const first = await syncTo(CHANGED, source, target, state);
    console.log(`first copy of ${objects} objects with their access control lists`);
    const calls = await printCalls(source, target);
    const least = await floor(source, target, REQUIRED);
    await assertWithinLimits(source, target);

    await clearCalls(source, target);
    const second = await syncTo(NO_CHANGE, source, target, state);
    console.log('sync in which nothing changed');
    await printCalls(source, target);
    const reads = await readsOf(source, target);
    await assertWithinLimits(source, target);
    return [
      figure(`1: first copy of ${objects} objects at the published limits`, first.seconds, 's', rounded(least * GOAL_RATIO, 1)),
      figure('1: its floor', least, 's'),
      figure('1: times the floor', first.seconds / least, '×', GOAL_RATIO),
      { ...perObject(calls, objects), what: '1: calls per object' },
      figure('1: processor time of the engine', first.cpu_s, 's'),
      figure('1: most memory of the engine', first.peak_mb, 'MB'),
      figure('3: sync in which nothing changed', second.seconds, 's', rounded(first.seconds / GOAL_TIMES_FASTER, 1)),
      figure('3: times faster than the first copy', first.seconds / second.seconds, '×'),
      // One list on each side tells whether there are access control lists at all.
      figure('3: objects read, beside two lists', reads - 2, 'objects'),
    ];
  }));
}
