// Item 5: the page of a plan of 50,000 objects, as the panel answers it.
import { figure } from './figures.mjs';
import { call, fill, get, pair, standing, withPanel } from './panel.mjs';

const CONTENT = { notebooks: 48000, jobs: 2000 };
const GOAL_S = 1;
const PAGES = { 'the first page': '', 'the last page': '?page=LAST', 'found by name': '?text=notebook%20047', 'of one kind': '?kind=jobs' };

/** The slowest of three, with the answer. */
async function slowest(path) {
  let worst = 0;
  let size = 0;
  for (let time = 0; time < 3; time += 1) {
    const began = performance.now();
    const answer = await get(path);
    const body = await answer.text();
    if (!answer.ok) throw new Error(`GET ${path}: ${answer.status} ${body}`);
    worst = Math.max(worst, (performance.now() - began) / 1000);
    size = body.length;
  }
  return { worst, size };
}

export function planPage() {
  return withPanel(async () => {
    await fill(CONTENT);
    const group = await pair();
    const { sync_run_ids: [id] } = await call('operator', 'POST', `/groups/${group}/syncs`, { is_applied_at_once: false });
    const page = await standing(id);
    if (page.run.state !== 'planned') throw new Error(`the plan ended as ${page.run.state}: ${page.run.message}`);
    const last = Math.ceil(page.page.total / page.page.per_page);
    const figures = [figure('5: objects in the plan', page.page.total, 'objects')];
    for (const [what, query] of Object.entries(PAGES)) {
      const asked = query.replace('LAST', last);
      const api = await slowest(`/api/v1/syncs/${id}${asked}`);
      const html = await slowest(`/syncs/${id}${asked}`);
      figures.push(figure(`5: ${what}, API`, api.worst, 's', GOAL_S));
      figures.push(figure(`5: ${what}, HTML of ${Math.round(html.size / 1000)} kB`, html.worst, 's', GOAL_S));
    }
    return figures;
  });
}
