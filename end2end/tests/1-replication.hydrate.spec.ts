import { readFileSync } from 'node:fs';
import { expect, test, type Page } from '@playwright/test';
import { PRIMARY, SECONDARY, Workspace, api, complaints, group, open, signIn, syncNow } from './panel';

// What accounts for every object, and what decides which of them are carried: the still pages of a group.

async function openTab(page: Page, name: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Of this group' }).getByRole('link', { name, exact: true }).click();
  await expect(page.getByRole('link', { name, exact: true, includeHidden: false }).and(page.locator('[aria-current="page"]'))).toBeVisible();
}

async function download(page: Page, name: string | RegExp): Promise<string> {
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name }).first().click()]);
  return readFileSync(await file.path(), 'utf8');
}

test('every object is in the ledger, with its history, and can be taken away as a file', async ({ page, request }) => {
  const found = complaints(page);
  const { group: { id } } = await group(request);
  await signIn(page, 'viewer');
  await open(page, `/groups/${id}`);
  await openTab(page, 'Ledger');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Ledger');

  await page.getByLabel('Part of a name, or an id').fill('smoke');
  await page.getByLabel('Kind', { exact: true }).selectOption({ label: 'Jobs' });
  await page.getByRole('button', { name: 'Filter' }).click();
  await expect(page).toHaveURL(/text=smoke/);
  const jobs = page.getByRole('table', { name: 'Objects of this group' });
  await expect(jobs.getByRole('link', { name: 'dr-smoke-test' })).toBeVisible();
  const csv = await download(page, /CSV/);
  expect(csv.split('\n')[0]).toContain('kind');
  expect(csv).toContain('dr-smoke-test');
  const rows = JSON.parse(await download(page, /JSON/));
  expect(JSON.stringify(rows)).toContain('dr-smoke-test');

  await jobs.getByRole('link', { name: 'dr-smoke-test' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('dr-smoke-test');
  await expect(page.getByText(/create/).first()).toBeVisible();
  expect(await download(page, /CSV/)).toContain('create');
  expect(found).toEqual([]);
});

test('two syncs are compared', async ({ page, request }) => {
  const { group: { id } } = await group(request);
  await signIn(page, 'viewer');
  await open(page, `/groups/${id}`);
  await openTab(page, 'Compare syncs');
  const syncs = (await api(request, 'viewer', `/groups/${id}`)).sync_runs.filter((run: any) => run.done > 0);
  const [newest, oldest] = [syncs[0], syncs[syncs.length - 1]];
  await page.getByLabel('First sync').selectOption(oldest.id);
  await page.getByLabel('Second sync').selectOption(newest.id);
  await page.getByRole('button', { name: 'Compare', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Object by object' })).toBeVisible();
  await expect(page.getByRole('navigation', { name: 'Differences' }).getByRole('link').first()).toBeVisible();
});

test('an admin decides what is replicated; what makes no sense is said beside its field', async ({ page, request }) => {
  const found = complaints(page);
  const { group: { id } } = await group(request);
  const settings = async () => (await api(request, 'viewer', `/groups/${id}/settings`)).settings;
  await signIn(page, 'admin');
  await open(page, `/groups/${id}`);
  await openTab(page, 'Replication');
  await page.getByLabel(/At most so many per cent/).fill('130');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText(/0 to 100/).first()).toBeVisible();
  expect((await settings()).brake.most_percent).not.toBe(130);

  await page.getByLabel(/At most so many per cent/).fill('20');
  await page.getByRole('button', { name: 'Add a filter' }).click();
  const filter = page.getByRole('group', { name: 'Filter 1' });
  await filter.getByLabel('By').selectOption({ index: 0 });
  await filter.getByRole('textbox').first().fill('/Shared/scratch');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('Saved. It holds from the next plan on.')).toBeVisible();
  expect(await settings()).toMatchObject({ brake: { most_percent: 20 }, filters: [{ by: { path: '/Shared/scratch' } }] });

  await page.getByRole('button', { name: 'Remove: filter 1' }).click();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('Saved. It holds from the next plan on.')).toBeVisible();
  expect((await settings()).filters).toEqual([]);
  expect(found).toEqual([]);
});

test('a viewer reads the settings and is told why they cannot be saved', async ({ page, request }) => {
  const { group: { id } } = await group(request);
  await signIn(page, 'viewer');
  for (const path of ['settings', 'region-map']) {
    await open(page, `/groups/${id}/${path}`);
    await expect(page.getByRole('button', { name: 'Save', exact: true })).toBeDisabled();
  }
});

test('a rule of the region map shows what it touches while it is typed', async ({ page, request }) => {
  const found = complaints(page);
  const { group: { id } } = await group(request);
  await signIn(page, 'admin');
  await open(page, `/groups/${id}`);
  await openTab(page, 'Region map');
  // Nothing is typed yet, and what looks regional is warned of.
  await expect(page.getByRole('heading', { name: /^\d+ regional values? without a rule$/ })).toBeVisible();
  await expect(page.getByText('They are carried over as they are, and may mean nothing on the other side.')).toBeVisible();
  const regional = page.getByRole('table', { name: 'Values that look regional and fit no rule' }).getByRole('row');
  await expect(regional.filter({ hasText: PRIMARY }).first()).toBeVisible();
  const unmapped = await regional.count();
  await page.getByRole('button', { name: 'Add a rule' }).click();
  const rule = page.getByRole('group', { name: 'Rule 1' });
  await rule.getByLabel('Compares').selectOption({ label: 'Its beginning' });
  // Nobody presses a button here.
  await rule.getByLabel(`In ${PRIMARY}`).fill('there is no such value');
  await expect(rule.getByText(/^Touches nothing in/)).toBeVisible();
  await rule.getByLabel(`In ${PRIMARY}`).fill('s3://farshore-landing/');
  await rule.getByLabel(`In ${SECONDARY}`).fill('s3://farshore-landing-west/');
  await expect(rule.getByText(/^Touches [1-9]\d* values? in/)).toBeVisible();
  await expect(rule.getByLabel(`In ${SECONDARY}`)).toHaveValue('s3://farshore-landing-west/');
  await expect(rule.getByLabel(`In ${SECONDARY}`)).toBeFocused();

  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('Saved. It holds from the next plan on.')).toBeVisible();
  const { settings } = await api(request, 'viewer', `/groups/${id}/settings`);
  expect(settings.region_map).toHaveLength(1);

  await page.getByRole('button', { name: 'Remove: rule 1' }).click();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('No rules yet')).toBeVisible();
  await expect(regional).toHaveCount(unmapped);
  expect(found).toEqual([]);
});

test('people are compared, and what differs is listed until it does not', async ({ page, request }) => {
  const { group: { id } } = await group(request);
  const somebody = 'only-here@farshore.example';
  const east = new Workspace(request, PRIMARY);
  const user = await east.createUser(somebody);
  await signIn(page, 'operator');
  await open(page, `/groups/${id}`);
  await openTab(page, 'People');
  await page.getByRole('button', { name: 'Compare now' }).click();
  const row = page.getByRole('row').filter({ hasText: somebody });
  await expect(async () => {
    await page.goto(`/groups/${id}/people?text=only-here`);
    await expect(row.first()).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 20_000 });

  await east.deleteUser(user);
  await page.getByRole('button', { name: 'Compare now' }).click();
  await expect(async () => {
    await page.goto(`/groups/${id}/people?text=only-here`);
    await expect(row).toHaveCount(0, { timeout: 1_000 });
  }).toPass({ timeout: 20_000 });
});

test('the rate budget moves by itself', async ({ page, request }) => {
  const found = complaints(page);
  const { group: { id } } = await group(request);
  await signIn(page, 'viewer');
  await open(page, `/groups/${id}`);
  await openTab(page, 'Rate budget');
  await expect(page.getByRole('table').first()).toContainText('/s');
  const lastMinute = page.getByText(/ calls? in the last minute/);
  const calls = async () => {
    const counts = (await lastMinute.allTextContents()).map((words) => Number(/(\d+) calls? in the last minute/.exec(words)?.[1]));
    return counts.reduce((sum, count) => sum + count, 0);
  };
  // Calls of a minute ago drop out meanwhile: what counts is how many came, of which a look at the health makes few.
  let [before, came] = [await calls(), 0];
  const syncing = syncNow(request, id);
  await expect.poll(async () => {
    const now = await calls();
    came += Math.max(0, now - before);
    before = now;
    return came;
  }, { intervals: [100] }).toBeGreaterThan(10);
  await syncing;
  expect(found).toEqual([]);
});

test('a workspace that needs no counterpart is noted with its reason', async ({ page }) => {
  await signIn(page, 'admin');
  await open(page, '/workspaces');
  await page.getByLabel('Name', { exact: true }).fill('Sandbox');
  await page.getByLabel('Address or workspace id').fill('https://sandbox.cloud.databricks.com');
  await page.getByLabel('Why it needs no counterpart').fill('Experiments only; nothing in it is missed.');
  await page.getByRole('button', { name: 'Note it' }).click();
  const row = page.getByRole('row').filter({ hasText: 'Sandbox' });
  await expect(row).toContainText('sandbox.cloud.databricks.com');
  await row.getByRole('button', { name: 'Take it off the list' }).click();
  await expect(page.getByText('None is noted')).toBeVisible();
});

test('what failed is run again alone', async ({ page, request }) => {
  const { group: { id } } = await group(request);
  const [active, passive] = [new Workspace(request, PRIMARY), new Workspace(request, SECONDARY)];
  const path = '/Shared/Once refused';
  await active.importNotebook(path, Buffer.from('x = 1\n'));
  const effect = { kind: 'error', status: 403, error_code: 'PERMISSION_DENIED', message: 'Not today.' };
  await passive.setFaults([{ path_prefix: '/api/2.0/workspace/import', effect }]);
  await signIn(page, 'operator');
  await open(page, `/groups/${id}`);
  await page.getByRole('button', { name: 'Sync now' }).click();
  await expect(page.getByText(/object of \d+ failed/)).toBeVisible({ timeout: 60_000 });
  await passive.setFaults([]);
  await page.getByRole('button', { name: /again/i }).first().click();
  await expect(page.getByText(/copied to us-west-2/)).toBeVisible({ timeout: 60_000 });
  await active.deleteNotebook(path);
  await open(page, `/groups/${id}`);
  await page.getByRole('button', { name: 'Sync now' }).click();
  await expect(page.getByText(/copied to us-west-2|Nothing to do\.|deleted/).first()).toBeVisible({ timeout: 60_000 });
});
