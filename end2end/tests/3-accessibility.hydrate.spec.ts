import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import { api, group, hydrated, open, signIn } from './panel';

// No violation on any page, in either theme, wide and narrow.
const SIZES = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
];

for (const theme of ['light', 'dark'] as const) {
  for (const size of SIZES) {
    test(`axe finds nothing: ${theme}, ${size.width} px`, async ({ page, request }) => {
      await page.setViewportSize(size);
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
      await page.goto('/sign-in');
      await hydrated(page);
      await check(page, '/sign-in');
      const { group: { id } } = await group(request);
      const [sync] = (await api(request, 'viewer', `/groups/${id}`)).sync_runs;
      const [run] = await api(request, 'viewer', `/runs?group=${id}`);
      const [{ department }] = (await api(request, 'viewer', '/departments')).departments;
      const { rows: [row] } = await api(request, 'viewer', `/groups/${id}/ledger?kind=jobs`);
      const object = `/groups/${id}/objects?kind=jobs&key=${encodeURIComponent(row.object.key)}`;
      await signIn(page, 'admin');
      for (const path of [
        '/',
        '/pair',
        `/groups/${id}`,
        `/groups/${id}/edit`,
        `/groups/${id}/ledger`,
        object,
        `/groups/${id}/compare`,
        `/groups/${id}/people`,
        `/groups/${id}/rate-budget`,
        `/groups/${id}/settings`,
        `/groups/${id}/region-map`,
        '/workspaces',
        `/groups/${id}/failover`,
        `/groups/${id}/failback`,
        `/syncs/${sync.id}`,
        `/runs/${run.id}`,
        '/approvals',
        '/departments',
        `/departments/${department.id}/edit`,
        '/audit',
        '/no-such-page',
      ]) {
        await open(page, path);
        await check(page, path);
        const { scroll, inner } = await page.evaluate(() => ({
          scroll: document.documentElement.scrollWidth,
          inner: window.innerWidth,
        }));
        expect(scroll, `${path} scrolls sideways`).toBeLessThanOrEqual(inner);
      }
    });
  }
}

async function check(page: import('@playwright/test').Page, path: string): Promise<void> {
  // The demo's bar stays at the foot of the window: a link that it happens to cover in part is not a small one.
  await page.evaluate(() => document.querySelector<HTMLElement>('.demo-bar')?.style.setProperty('position', 'static'));
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze();
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
  expect(found, path).toEqual([]);
}
