// What a sync has asked of the two workspaces, endpoint by endpoint, as these have counted it.
import { figure, rounded } from './figures.mjs';

/** Both workspaces' counters, with which side it is. */
async function endpoints(source, target) {
  const sides = [['source', await source.calls()], ['target', await target.calls()]];
  return sides.flatMap(([side, counts]) => counts.endpoints.map((counted) => ({ side, ...counted })));
}

export async function clearCalls(source, target) {
  await source.clearCalls();
  await target.clearCalls();
}

/** Prints them as a table, and how many there were in all. */
export async function printCalls(source, target) {
  const counted = await endpoints(source, target);
  console.table(counted.map(({ side, endpoint, calls, limit, peak_in_window }) => ({
    side, endpoint, calls, ...(limit && { 'at most': `${limit.calls} in ${limit.window_ms / 1000} s`, 'were at most': peak_in_window }),
  })));
  return counted.reduce((sum, { calls }) => sum + calls, 0);
}

/** Fails when a published limit was exceeded even once, by the workspaces' own counters. */
export async function assertWithinLimits(source, target) {
  for (const { side, endpoint, limit, peak_in_window, throttled } of await endpoints(source, target)) {
    if (throttled > 0 || (limit && peak_in_window > limit.calls)) {
      throw new Error(`${endpoint} of the ${side}: ${peak_in_window} calls where ${limit?.calls} are allowed, ${throttled} throttled`);
    }
  }
}

/** What of these was read although a sync in which nothing changed has no reason to. */
export async function readsOf(source, target) {
  const counted = await endpoints(source, target);
  const isRead = ({ endpoint }) => ['workspace/export', 'permissions/get', 'GET jobs/get', 'GET clusters/get'].includes(endpoint);
  return counted.filter(isRead).reduce((sum, { calls }) => sum + calls, 0);
}

/**
 * The least time that these calls take: endpoints overlap, so that the slowest one decides. `required` is how often
 * each published limit is used at least.
 */
export async function floor(source, target, required) {
  const counted = await endpoints(source, target);
  const rows = counted.filter(({ endpoint, limit }) => limit && required[endpoint]).map(({ endpoint, calls, limit }) => ({
    endpoint, required: required[endpoint], calls, 'limit per s': rounded(limit.calls * 1000 / limit.window_ms, 2),
    'floor, s': rounded(required[endpoint] * limit.window_ms / limit.calls / 1000, 1),
  })).filter(({ calls, required: least }) => calls >= least);
  console.table(rows);
  return Math.max(...rows.map((row) => row['floor, s']));
}

export const perObject = (calls, objects) => figure('calls per object', calls / objects, 'calls');
