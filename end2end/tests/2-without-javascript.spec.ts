import { expect, test } from '@playwright/test';
import { GROUP, SECONDARY, Workspace, api, group, signIn } from './panel';

// Every page reads, and requesting, approving and retrying work, before or without WASM.
test.use({ javaScriptEnabled: false });

test('every page reads', async ({ page, request }) => {
  const { group: { id } } = await group(request);
  const [sync] = (await api(request, 'viewer', `/groups/${id}`)).sync_runs;
  const [run] = await api(request, 'viewer', `/runs?group=${id}`);
  await signIn(page, 'admin');
  const pages: [string, RegExp][] = [
    ['/', /Overview/],
    [`/groups/${id}`, new RegExp(GROUP)],
    [`/groups/${id}/edit`, new RegExp(GROUP)],
    [`/groups/${id}/failover`, /failover/],
    [`/groups/${id}/failback`, /failback/],
    [`/syncs/${sync.id}`, /Sync of/],
    [`/runs/${run.id}`, /Fail/],
    ['/approvals', /Approvals/],
    ['/departments', /Departments/],
    ['/audit', /Audit/],
    [`/groups/${id}/ledger`, /Ledger/],
    [`/groups/${id}/compare`, /Compare syncs/],
    [`/groups/${id}/people`, /People/],
    [`/groups/${id}/rate-budget`, /Rate budget/],
    [`/groups/${id}/settings`, /Replication/],
    [`/groups/${id}/region-map`, /Region map/],
    ['/workspaces', /Workspaces/],
    ['/pair', /Pair/],
  ];
  for (const [path, heading] of pages) {
    await page.goto(path);
    await expect(page.getByRole('heading', { level: 1 }), path).toHaveText(heading);
    await expect(page.locator('.skeleton'), `${path} shows a skeleton`).toHaveCount(0);
  }
});

test('a rule of the region map is tried, moved, kept and removed', async ({ page, request }) => {
  const { group: { id } } = await group(request);
  const rules = async () => (await api(request, 'viewer', `/groups/${id}/settings`)).settings.region_map;
  const type = async (number: number, from: string, to: string) => {
    const rule = page.getByRole('group', { name: `Rule ${number}` });
    await rule.getByLabel('Compares').selectOption({ label: 'Its beginning' });
    await rule.getByRole('textbox', { name: /^In / }).nth(0).fill(from);
    await rule.getByRole('textbox', { name: /^In / }).nth(1).fill(to);
    return rule;
  };
  await signIn(page, 'admin');
  await page.goto(`/groups/${id}/region-map`);
  await page.getByRole('button', { name: 'Add a rule' }).click();
  await type(1, 'abfss://landing', 'abfss://landing-west');
  await page.getByRole('button', { name: 'Add a rule' }).click();
  const second = await type(2, 's3://farshore-landing/', 's3://farshore-landing-west/');
  await page.getByRole('button', { name: 'Preview' }).click();
  await expect(second.getByText(/^Touches [1-9]\d* values? in/)).toBeVisible();
  await page.getByRole('button', { name: 'Move up: rule 2' }).click();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('Saved. It holds from the next plan on.')).toBeVisible();
  expect((await rules()).map((rule: any) => rule.primary)).toEqual(['s3://farshore-landing/', 'abfss://landing']);

  await page.getByRole('button', { name: 'Remove: rule 2' }).click();
  await page.getByRole('button', { name: 'Remove: rule 1' }).click();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('No rules yet')).toBeVisible();
  expect(await rules()).toEqual([]);
});

test('a sync, a request and its approval', async ({ page, request }) => {
  const { group: { id } } = await group(request);
  await signIn(page, 'operator');
  await page.goto(`/groups/${id}`);
  await page.getByRole('button', { name: 'Sync now' }).click();
  await expect(page).toHaveURL(/\/syncs\//);

  await page.goto(`/groups/${id}/failover`);
  await page.getByRole('radio', { name: /Planned/ }).check();
  await page.getByLabel('Reason').fill('A rehearsal of the form.');
  await page.locator('input[name="confirm_name"]').fill('Not the name');
  await page.getByRole('button', { name: 'Request failover' }).click();
  await expect(page.getByText(/name/i).first()).toBeVisible();
  await expect(page.getByLabel('Reason')).toHaveValue('A rehearsal of the form.');
  await page.locator('input[name="confirm_name"]').fill(GROUP);
  await page.getByRole('radio', { name: /Planned/ }).check();
  await page.getByRole('button', { name: 'Request failover' }).click();
  await expect(page).toHaveURL(/\/runs\//);
  const run = page.url();

  await signIn(page, 'approver');
  await page.goto(run);
  await page.getByLabel('Comment').fill('Not today.');
  await page.getByRole('button', { name: /^Decline/ }).click();
  await expect(page.getByText('declined').first()).toBeVisible();

  await signIn(page, 'operator');
  await page.goto(run);
  await page.getByText('Cancel the run').first().click();
  await page.getByLabel('Reason').fill('Declined.');
  await page.getByRole('button', { name: 'Cancel the run' }).click();
  await expect(page.getByText(/Cancelled/).first()).toBeVisible();
});

test('a failed step is retried', async ({ page, request }) => {
  const { group: { id } } = await group(request);
  const data = { kind: 'failover', mode: 'planned', reason: 'A step is to fail.', confirm_name: GROUP };
  const { run } = await api(request, 'operator', `/groups/${id}/runs`, { method: 'POST', data });
  const passive = new Workspace(request, SECONDARY);
  const effect = { kind: 'error', status: 403, error_code: 'PERMISSION_DENIED', message: 'Not today.' };
  await passive.setFaults([{ path_prefix: '/api/2.0/preview/scim', effect }]);

  await signIn(page, 'approver');
  await page.goto(`/runs/${run.id}`);
  await page.getByRole('button', { name: 'Approve' }).click();
  await signIn(page, 'operator');
  await expect(async () => {
    await page.goto(`/runs/${run.id}`);
    await expect(page.getByText('Paused by failed step').first()).toBeVisible({ timeout: 500 });
  }).toPass({ timeout: 60_000 });
  await expect(page.getByText(/Not today/).first()).toBeVisible();

  await passive.setFaults([]);
  await page.getByRole('button', { name: 'Retry this step' }).click();
  await expect(page).toHaveURL(new RegExp(`/runs/${run.id}`));
  await expect(async () => {
    await page.goto(`/runs/${run.id}`);
    await expect(page.getByText('Completed: every step was done.')).toBeVisible({ timeout: 500 });
  }).toPass({ timeout: 120_000 });
  await expect(page.getByText('Verify the passive region (attempt 2)')).toBeVisible();
});
