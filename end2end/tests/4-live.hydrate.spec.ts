import { expect, test } from '@playwright/test';
import { open, signIn } from './panel';

// Longer than a page waits before it takes the silence of the server for a broken line.
const SILENCE_MS = 20_000;

test('a page on which nothing happens stays live', async ({ page }) => {
  await signIn(page, 'viewer');
  await open(page, '/departments');
  const status = page.getByRole('status').filter({ hasText: /Live|Stale/ });
  await expect(status).toHaveText('Live');
  await page.waitForTimeout(SILENCE_MS);
  await expect(status).toHaveText('Live');
});
