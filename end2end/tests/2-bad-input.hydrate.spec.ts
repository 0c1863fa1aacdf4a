import { expect, test } from '@playwright/test';
import { GROUP, PRIMARY, SECONDARY, Workspace, api, complaints, group, hydrated, open, signIn, touchGroup } from './panel';

const HUGE = '/Shared/A notebook with all its results';

// What a person sees of an object that a workspace does not take.
test('a notebook of 12 MB fails alone, with cause and remedy, and holds the replication point back', async ({ page, request }) => {
  const found = complaints(page);
  const { group: { id } } = await group(request);
  const point = async () => (await api(request, 'viewer', `/groups/${id}`)).pairs[0].pair.replication_point;
  const [active, passive] = [new Workspace(request, PRIMARY), new Workspace(request, SECONDARY)];
  await signIn(page, 'operator');
  await open(page, `/groups/${id}`);
  await page.getByRole('button', { name: 'Sync now' }).click();
  await expect(page.getByText(/Nothing to do\.|copied to us-west-2/)).toBeVisible({ timeout: 60_000 });
  const before = await point();

  await active.importNotebook(HUGE, Buffer.alloc(12 * 1024 * 1024, 'x = 1\n'));
  const message = 'The size of the content to import exceeded the maximum of 10485760 bytes.';
  const effect = { kind: 'error', status: 400, error_code: 'MAX_NOTEBOOK_SIZE_EXCEEDED', message };
  await passive.setFaults([{ path_prefix: '/api/2.0/workspace/import', effect }]);
  await open(page, `/groups/${id}`);
  await page.getByRole('button', { name: 'Plan a sync' }).click();
  // The notebook and its access control list, which waits for it.
  await expect(page.getByText('2 objects to write in us-west-2')).toBeVisible({ timeout: 60_000 });
  await hydrated(page);
  await page.getByRole('button', { name: 'Apply this plan' }).click();

  await expect(page.getByText('1 object of 2 failed.')).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText(/the replication point stays where it was/).first()).toBeVisible();
  await expect(page.getByText(/exceeded the maximum of 10485760 bytes/).first()).toBeVisible();
  await expect(page.getByText(/split the notebook/).first()).toBeVisible();
  const item = page.getByRole('listitem').filter({ hasText: HUGE }).filter({ hasText: 'create' });
  await expect(item.getByText('failed', { exact: true })).toBeVisible();
  expect(await point()).toBe(before);

  // Without it everything is equal again.
  await passive.setFaults([]);
  await active.deleteNotebook(HUGE);
  await open(page, `/groups/${id}`);
  await page.getByRole('button', { name: 'Sync now' }).click();
  await expect(page.getByText(/Nothing to do\./)).toBeVisible({ timeout: 60_000 });
  expect(await point()).not.toBe(before);
  expect(found).toEqual([]);
});

test('what somebody types beside a failed step stays while the page is read anew', async ({ page, request }) => {
  const found = complaints(page);
  const { group: { id } } = await group(request);
  const data = { kind: 'failover', mode: 'planned', reason: 'A step is to fail.', confirm_name: GROUP };
  const { run } = await api(request, 'operator', `/groups/${id}/runs`, { method: 'POST', data });
  const passive = new Workspace(request, SECONDARY);
  const effect = { kind: 'error', status: 403, error_code: 'PERMISSION_DENIED', message: 'Not today.' };
  await passive.setFaults([{ path_prefix: '/api/2.0/preview/scim', effect }]);
  await api(request, 'approver', `/runs/${run.id}/commands`, { method: 'POST', data: { command: 'approve' } });

  await signIn(page, 'operator');
  await open(page, `/runs/${run.id}`);
  await expect(page.getByText('Paused by failed step').first()).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText(/Not today/).first()).toBeVisible();
  await page.getByText('Skip this step…').click();
  const reason = page.locator('#skip-words');
  await reason.fill('It was looked at by hand.');
  const reread = page.waitForResponse(/\/sfn\/read/);
  await touchGroup(request);
  await reread;
  await page.waitForTimeout(500);
  await expect(reason).toBeVisible();
  await expect(reason).toHaveValue('It was looked at by hand.');

  // Nothing was begun, so that giving up leaves everything as it was.
  await passive.setFaults([]);
  await page.getByText('Abandon the run…').click();
  await page.locator('#abandon-words').fill('A rehearsal.');
  await page.getByRole('button', { name: 'Abandon the run' }).click();
  await expect(page.getByText(/^Abandoned by/).first()).toBeVisible();
  expect((await group(request)).group.active_region).toBe(PRIMARY);
  expect(found).toEqual([]);
});
