import { expect, test } from '@playwright/test';
import { PRIMARY, SECONDARY, Workspace, api, complaints, group, hydrated, open, signIn, syncNow } from './panel';

// What a plan shows of each object before it is written, and what holds a plan back; each test goes on with the
// notebook of the one before.
test.describe.configure({ mode: 'serial' });

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

test('the deletion brake holds a sync until somebody has looked at what it deletes', async ({ page, request }) => {
  const found = complaints(page);
  const { group: { id } } = await group(request);
  const [active, passive] = [new Workspace(request, PRIMARY), new Workspace(request, SECONDARY)];
  const setBrake = async (brake: unknown) => {
    const { version, settings } = await api(request, 'viewer', `/groups/${id}/settings`);
    await api(request, 'admin', `/groups/${id}/settings`, { method: 'PUT', data: { version, settings: { ...settings, brake } } });
    return settings.brake;
  };
  const usual = await setBrake({ most_objects: 0, most_percent: 0 });
  await active.deleteNotebook(NOTEBOOK);

  await signIn(page, 'operator');
  await open(page, `/groups/${id}`);
  await page.getByRole('button', { name: 'Sync now' }).click();
  const held = page.getByText(/^The deletion brake holds this plan: .*lets a sync delete 0 without being asked\. Nothing was written\./);
  await expect(held).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText('Planned, not applied')).toBeVisible();
  await expect(page.getByText(/^Deletes \d objects? in us-west-2\.$/)).toBeVisible();
  expect(await passive.has(NOTEBOOK)).toBe(true);
  const sync = page.url();

  // The group says so as well, and whoever may not decide is told.
  await signIn(page, 'viewer');
  await open(page, `/groups/${id}`);
  await expect(page.getByRole('table', { name: 'Syncs of this group' }).getByText(/^The deletion brake holds this plan/).first()).toBeVisible();
  await open(page, sync);
  await expect(page.getByRole('button', { name: 'Apply this plan' })).toBeDisabled();

  await signIn(page, 'operator');
  await open(page, sync);
  await page.getByRole('link', { name: 'Look at each of them' }).click();
  await expect(page).toHaveURL(/\?action=delete$/);
  await expect(page.getByRole('listitem').filter({ hasText: NOTEBOOK }).filter({ hasText: 'notebook' }).first()).toBeVisible();
  await page.getByRole('button', { name: 'Apply this plan' }).click();
  await expect(page.getByText(/^\d objects? (was|were) deleted in us-west-2/)).toBeVisible({ timeout: 60_000 });
  expect(await passive.has(NOTEBOOK)).toBe(false);
  await setBrake(usual);
  expect(found).toEqual([]);
});
