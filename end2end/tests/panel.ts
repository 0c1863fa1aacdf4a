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
export async function api(
  request: APIRequestContext,
  persona: Persona,
  path: string,
  { method = 'GET', data }: { method?: string; data?: unknown } = {},
): Promise<any> {
  const headers = { authorization: `Bearer demo-${persona}` };
  const answer = await request.fetch(`/api/v1${path}`, { method, headers, data });
  expect(answer.ok(), `${method} ${path}: ${answer.status()}`).toBeTruthy();
  return answer.json();
}

/** A simulated workspace itself, past the panel. */
export class Workspace {
  private readonly url: string;
  private readonly headers: Record<string, string>;

  constructor(private readonly request: APIRequestContext, region: string) {
    this.url = `http://127.0.0.1:${region === PRIMARY ? 7791 : 7792}`;
    this.headers = { authorization: `Bearer dapi-demo-${region}` };
  }

  /** Replaces the faults in force: which calls are disturbed, and how. */
  async setFaults(faults: unknown[]): Promise<void> {
    await this.expectOk(this.request.put(`${this.url}/_simulator/faults`, { data: faults }));
  }

  async importNotebook(path: string, source: Buffer): Promise<void> {
    const content = { name: 'notebook.py', mimeType: 'text/x-python', buffer: source };
    const multipart = { path, format: 'SOURCE', language: 'PYTHON', overwrite: 'true', content };
    await this.expectOk(this.request.post(`${this.url}/api/2.0/workspace/import`, { headers: this.headers, multipart }));
  }

  async deleteNotebook(path: string): Promise<void> {
    const data = { path };
    await this.expectOk(this.request.post(`${this.url}/api/2.0/workspace/delete`, { headers: this.headers, data }));
  }

  async has(path: string): Promise<boolean> {
    const url = `${this.url}/api/2.0/workspace/get-status?path=${encodeURIComponent(path)}`;
    return (await this.request.get(url, { headers: this.headers })).ok();
  }

  /** Its id. */
  async createUser(name: string): Promise<string> {
    const data = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: name };
    const answer = this.request.post(`${this.url}/api/2.0/preview/scim/v2/Users`, { headers: this.headers, data });
    await this.expectOk(answer);
    return (await (await answer).json()).id;
  }

  async deleteUser(id: string): Promise<void> {
    await this.expectOk(this.request.delete(`${this.url}/api/2.0/preview/scim/v2/Users/${id}`, { headers: this.headers }));
  }

  private async expectOk(answer: ReturnType<APIRequestContext['fetch']>): Promise<void> {
    const done = await answer;
    expect(done.ok(), `${done.url()}: ${done.status()} ${await done.text()}`).toBeTruthy();
  }
}

/** The one group of the story. */
export async function group(request: APIRequestContext): Promise<any> {
  const groups = await api(request, 'viewer', '/groups');
  expect(groups).toHaveLength(1);
  return groups[0];
}

/** A sync that nobody looks at first, to its end. */
export async function syncNow(request: APIRequestContext, id: string): Promise<void> {
  const data = { is_applied_at_once: true };
  const { sync_run_ids: [sync] } = await api(request, 'operator', `/groups/${id}/syncs`, { method: 'POST', data });
  const state = async () => (await api(request, 'viewer', `/syncs/${sync}`)).run.state;
  await expect.poll(state, { timeout: 60_000, intervals: [200] }).toBe('completed');
}

/** Stores the group as it is: every page about it is read anew, as when somebody else has edited it. */
export async function touchGroup(request: APIRequestContext): Promise<void> {
  const { group: { id, version, name, department_id, sync_interval_ms, smoke_job } } = await group(request);
  const data = { version, name, department_id, sync_interval_ms, smoke_job_key: smoke_job?.key };
  await api(request, 'admin', `/groups/${id}`, { method: 'PUT', data });
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
