import { expect, test } from '@playwright/test';
import { PRIMARY, Workspace, api, complaints, group, hydrated, open, signIn, syncNow } from './panel';

// What a plan shows of each object before it is written.

const NOTEBOOK = '/Shared/Thirty steps';

/** Thirty lines, of which the twelfth is given. */
function source(twelfth: string): Buffer {
  const lines = Array.from({ length: 30 }, (_, at) => (at === 11 ? twelfth : `step_${at + 1} = ${at + 1}`));
  return Buffer.from(`${lines.join('\n')}\n`);
}

test('a changed notebook shows its changed lines in their place, on a wide screen and on a phone', async ({ page, request }) => {
  const found = complaints(page);
  const { group: { id } } = await group(request);
  const active = new Workspace(request, PRIMARY);
  await active.importNotebook(NOTEBOOK, source('threshold = 0.5'));
  await syncNow(request, id);
  await active.importNotebook(NOTEBOOK, source('threshold = 0.75'));

  await signIn(page, 'operator');
  await open(page, `/groups/${id}`);
  await page.getByRole('button', { name: 'Plan a sync' }).click();
  await expect(page.getByText('1 object to write in us-west-2')).toBeVisible({ timeout: 60_000 });
  await hydrated(page);
  const item = page.getByRole('listitem').filter({ hasText: NOTEBOOK });
  await item.getByText('2 lines', { exact: true }).click();
  const diff = item.getByRole('region', { name: 'source: 1 removed, 1 added' });
  for (const size of [{ width: 1440, height: 900 }, { width: 390, height: 844 }]) {
    await page.setViewportSize(size);
    await expect(diff).toBeVisible();
    await expect(diff.locator('.diff-old')).toHaveText('−threshold = 0.5');
    await expect(diff.locator('.diff-new')).toHaveText('+threshold = 0.75');
    await expect(diff.getByText('step_11 = 11')).toBeVisible();
    await expect(diff.getByText('step_20 = 20')).toHaveCount(0);
    const sideways = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(sideways, `scrolls sideways at ${size.width} px`).toBeLessThanOrEqual(0);
  }

  await page.getByRole('button', { name: 'Apply this plan' }).click();
  await expect(page.getByText(/1 object was copied to us-west-2/)).toBeVisible({ timeout: 60_000 });
  // The page was read anew meanwhile, and what somebody reads stays open.
  await expect(diff).toBeVisible();
  await item.getByRole('link', { name: NOTEBOOK }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(NOTEBOOK);
  await expect(page.getByRole('region', { name: 'source: 1 removed, 1 added' }).locator('.diff-new')).toHaveText('+threshold = 0.75');
  expect(found).toEqual([]);
});
