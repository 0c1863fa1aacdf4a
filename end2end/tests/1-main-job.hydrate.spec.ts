import { expect, test } from '@playwright/test';
import { GROUP, PRIMARY, SECONDARY, api, complaints, group, hydrated, open, signIn, touchGroup } from './panel';

// The product's main job, from the browser, in order; each step builds on the one before.
test.describe.configure({ mode: 'serial' });

test('1. a person signs in by a role, and only on a loopback demo', async ({ page }) => {
  const found = complaints(page);
  await page.goto('/');
  await expect(page).toHaveURL(/\/sign-in\?next=/);
  await page.getByLabel('Name').fill('nobody');
  await page.getByLabel('Password').fill('not the password');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page.getByText('The name or the password is not right.')).toBeVisible();
  await signIn(page, 'viewer');
  await hydrated(page);
  await expect(page.getByText('No failover group yet')).toBeVisible();
  expect(found).toEqual([]);
});

test('2. an admin pairs the two workspaces in a wizard that can be left and resumed', async ({ page }) => {
  const found = complaints(page);
  await signIn(page, 'admin');
  await open(page, '/pair');
  await page.getByRole('button', { name: 'Begin' }).click();
  await expect(page).toHaveURL(/\/pair\/[0-9a-f-]{36}/);

  // Typed as soon as the fields are there: the page is not rendered anew under the one who types.
  const name = page.getByLabel('Name', { exact: false }).first();
  const host = page.getByLabel('Host', { exact: false }).first();
  await name.fill('Analytics east');
  await host.fill('http://127.0.0.1:7791');
  await page.waitForTimeout(1_500);
  await expect(name).toHaveValue('Analytics east');
  await expect(host).toHaveValue('http://127.0.0.1:7791');

  // A token that is refused says so, and what was typed stays.
  await page.getByLabel('Token', { exact: false }).first().fill('dapi-wrong');
  await page.getByRole('button', { name: /test/i }).click();
  await expect(page.getByText('The token is accepted')).toBeVisible();
  await expect(page.getByText(/failed/i).first()).toBeVisible();
  await expect(name).toHaveValue('Analytics east');

  await page.getByRole('link', { name: new RegExp(PRIMARY) }).first().click();
  await expect(page.getByLabel('Name', { exact: false }).first()).toHaveValue(`Analytics ${PRIMARY}`);
  await page.getByRole('button', { name: /test/i }).click();
  await page.getByRole('link', { name: /^Go on/ }).click();

  // Left and resumed: the overview leads back.
  await open(page, '/');
  await page.getByRole('link', { name: /^Go on: / }).click();
  await expect(page.getByRole('heading', { name: 'Counterpart' })).toBeVisible();
  await page.getByRole('link', { name: new RegExp(SECONDARY) }).first().click();
  await expect(page.getByLabel('Name', { exact: false }).first()).toHaveValue(`Analytics ${SECONDARY}`);
  await page.getByRole('button', { name: /test/i }).click();
  await page.getByRole('link', { name: /^Go on/ }).click();

  await hydrated(page);
  await page.getByLabel('Name of the failover group').fill(GROUP);
  await page.getByLabel('Smoke job').selectOption({ label: 'dr-smoke-test' });
  await page.getByRole('button', { name: 'Go on: review' }).click();
  await page.getByRole('button', { name: 'Create the failover group' }).click();
  await expect(page).toHaveURL(/\/groups\/[0-9a-f-]{36}/);
  await expect(page.getByRole('heading', { level: 1 })).toContainText(GROUP);
  expect(found).toEqual([]);
});

test('3. the first copy is planned, seen, applied and watched; then exactly what changed is carried', async ({ page, request }) => {
  const found = complaints(page);
  await signIn(page, 'operator');
  const { group: { id } } = await group(request);
  await open(page, `/groups/${id}`);
  await page.getByRole('button', { name: 'Plan the first sync' }).click();
  await expect(page).toHaveURL(/\/syncs\//);
  await expect(page.getByText(/objects to write in us-west-2/)).toBeVisible({ timeout: 60_000 });
  await hydrated(page);
  await page.getByRole('button', { name: /^Apply/ }).click();

  // Determinate, with n of m, and a reload in the middle loses nothing.
  await expect(page.getByRole('progressbar')).toBeVisible();
  await page.reload();
  await expect(page.getByText(/objects were copied to us-west-2/)).toBeVisible({ timeout: 120_000 });

  await open(page, `/groups/${id}`);
  await page.getByRole('button', { name: 'Sync now' }).click();
  await expect(page.getByText('Nothing to do.')).toBeVisible({ timeout: 60_000 });

  await hydrated(page);
  await page.getByRole('button', { name: `Change a notebook and a job in ${PRIMARY}` }).click();
  await expect(page.getByRole('status').filter({ hasText: 'Changed the notebook' })).toBeVisible();
  await open(page, `/groups/${id}`);
  await page.getByRole('button', { name: 'Sync now' }).click();
  await expect(page.getByText(/2 objects were copied to us-west-2/)).toBeVisible({ timeout: 60_000 });
  expect(found).toEqual([]);
});

test('4. a department owns targets, and the overview shows them beside measured figures', async ({ page, request }) => {
  await signIn(page, 'admin');
  await open(page, '/departments');
  await page.getByLabel('Name').first().fill('Finance');
  await page.getByLabel(/RPO/).first().fill('30');
  await page.getByLabel(/RTO/).first().fill('60');
  await page.getByRole('button', { name: /Create/ }).click();
  await expect(page.getByRole('heading', { name: 'Finance' })).toBeVisible();

  const { group: { id } } = await group(request);
  await open(page, `/groups/${id}/edit`);
  await page.getByLabel('Department').selectOption({ label: 'Finance' });
  await page.getByRole('button', { name: /Save/ }).click();
  await expect(page).toHaveURL(new RegExp(`/groups/${id}`));
  await open(page, '/');
  await expect(page.getByText('Finance').first()).toBeVisible();
  await expect(page.getByText(/RPO 30 min/).first()).toBeVisible();
});

test('5. the primary region goes down and the overview notices within 15 seconds', async ({ page }) => {
  await signIn(page, 'viewer');
  await hydrated(page);
  await page.getByRole('button', { name: `Take ${PRIMARY} down` }).click();
  await expect(page.getByText(/does not answer|unreachable/i).first()).toBeVisible({ timeout: 15_000 });
});

test('6. requested by one, approved by another, watched live; the fence stays as an obligation', async ({ page, browser, request }) => {
  const found = complaints(page);
  const { group: { id } } = await group(request);
  await signIn(page, 'operator');
  await open(page, `/groups/${id}/failover`);
  await expect(page.getByText(/The replication point is/)).toBeVisible();
  await page.getByRole('radio', { name: /Forced/ }).check();
  await page.getByLabel('Reason').fill('The region does not answer </textarea><script>document.title = "taken over"</script>');
  await page.locator('input[name="confirm_name"]').fill(GROUP);
  await page.getByRole('button', { name: 'Request failover' }).click();
  await expect(page).toHaveURL(/\/runs\//);
  const run = page.url();
  await hydrated(page);
  await expect(page.getByText('Waits for approval')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Approve' })).toBeDisabled();
  expect(await page.title()).not.toContain('taken over');

  // Another person, another browser.
  const context = await browser.newContext();
  const approver = await context.newPage();
  await signIn(approver, 'approver');
  await expect(approver.getByText(`Approve the failover of ${GROUP}`)).toBeVisible();
  await approver.goto(run);
  await hydrated(approver);
  // The page is read anew while the approver types: the comment stays.
  const comment = approver.getByLabel('Comment');
  const goAhead = 'Go ahead </textarea><script>document.title = "taken over"</script>';
  await comment.fill(goAhead);
  const reread = approver.waitForResponse(/\/sfn\/read/);
  await touchGroup(request);
  await reread;
  await approver.waitForTimeout(500);
  await expect(comment).toHaveValue(goAhead);
  await approver.getByRole('button', { name: 'Approve' }).click();
  await expect(approver.getByText('Waits for approval')).toBeHidden();
  await context.close();

  // The operator's page follows by itself.
  await expect(page.getByText('Completed with exceptions').first()).toBeVisible({ timeout: 120_000 });
  expect(await page.title()).not.toContain('taken over');
  await expect(page.getByText('Fence of the old primary')).toBeVisible();
  const card = await group(request);
  expect(card.group.active_region).toBe(SECONDARY);
  expect(card.open_fences).toBe(1);
  await open(page, `/groups/${id}`);
  await expect(page.getByText(/active/i).first()).toBeVisible();
  expect(found).toEqual([]);
});

test('7. the region returns, is fenced within 10 seconds, and the group fails back', async ({ page, browser, request }) => {
  const found = complaints(page);
  const { group: { id } } = await group(request);
  const [failover] = await api(request, 'viewer', `/runs?group=${id}`);
  await signIn(page, 'operator');
  await open(page, `/runs/${failover.id}`);
  await page.getByRole('button', { name: `Bring ${PRIMARY} up` }).click();
  await expect(page.getByText('No job run started there before the fence held.').first()).toBeVisible({ timeout: 12_000 });
  expect((await group(request)).open_fences).toBe(0);

  await open(page, `/groups/${id}/failback`);
  await page.getByLabel('Reason').fill('The region is back and was looked at.');
  await page.locator('input[name="confirm_name"]').fill(GROUP);
  await page.getByRole('button', { name: 'Request failback' }).click();
  await expect(page).toHaveURL(/\/runs\//);
  const run = page.url();
  await hydrated(page);

  const context = await browser.newContext();
  const approver = await context.newPage();
  await signIn(approver, 'approver-2');
  await approver.goto(run);
  await hydrated(approver);
  await approver.getByRole('button', { name: 'Approve' }).click();
  await context.close();

  await expect(page.getByText('Completed: every step was done.')).toBeVisible({ timeout: 120_000 });
  const card = await group(request);
  expect(card.group.active_region).toBe(PRIMARY);
  expect(card.group.suspension).toBeNull();
  expect(found).toEqual([]);
});
