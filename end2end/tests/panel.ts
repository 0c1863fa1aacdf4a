import { expect, type APIRequestContext, type Page } from '@playwright/test';

export const PRIMARY = 'us-east-1';
export const SECONDARY = 'us-west-2';
export const GROUP = 'Production';

export type Persona = 'admin' | 'operator' | 'approver' | 'approver-2' | 'owner' | 'viewer';

const TITLES: Record<Persona, string> = {
  admin: 'Admin',
  operator: 'Operator',
  approver: 'Approver',
  'approver-2': 'Second approver',
  owner: 'Department owner',
  viewer: 'Viewer',
};

/** Signs in with one click, as the demo offers it. */
export async function signIn(page: Page, persona: Persona): Promise<void> {
  await page.context().clearCookies({ name: 'farshore_session' });
  await page.goto('/sign-in');
  await page.getByRole('button', { name: `Sign in as ${TITLES[persona]}`, exact: true }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Overview');
}

/** A click before this moment would be lost. */
export async function hydrated(page: Page): Promise<void> {
  await page.locator('html[data-hydrated]').waitFor({ state: 'attached' });
}

export async function open(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await hydrated(page);
}

/** The API on behalf of a persona, for what a test needs to know and a page does not show. */
export async function api(request: APIRequestContext, persona: Persona, path: string): Promise<any> {
  const answer = await request.get(`/api/v1${path}`, { headers: { authorization: `Bearer demo-${persona}` } });
  expect(answer.ok(), `GET ${path}: ${answer.status()}`).toBeTruthy();
  return answer.json();
}

/** The one group of the story. */
export async function group(request: APIRequestContext): Promise<any> {
  const groups = await api(request, 'viewer', '/groups');
  expect(groups).toHaveLength(1);
  return groups[0];
}

/** Collects what the browser complains about: panics of the WASM, failed hydration, refused scripts. */
export function complaints(page: Page): string[] {
  const found: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('Failed to load resource')) found.push(message.text());
  });
  page.on('pageerror', (error) => found.push(`${error.message}\n${error.stack}`));
  return found;
}
