// The first copy of the demo in the panel, and a sync in which nothing has changed.
import { figure } from './figures.mjs';
import { call, pair, standing, withPanel } from './panel.mjs';

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
  return { seconds: (performance.now() - began) / 1000, objects: page.run.total };
}

export function demoCopy() {
  return withPanel(async () => {
    const group = await pair();
    const first = await sync(group);
    if (first.objects === 0) throw new Error('the first copy found nothing to copy');
    const unchanged = await sync(group);
    if (unchanged.objects !== 0) throw new Error(`${unchanged.objects} objects changed although nobody changed any`);
    return [
      figure(`first copy of the demo in the panel, ${first.objects} objects`, first.seconds, 's'),
      figure('sync in which nothing changed', unchanged.seconds, 's'),
    ];
  });
}
