// What is in a workspace, by name instead of by id, so that two copies can be compared; and what was done to it.

/** Every page of a list. */
async function list(workspace, path, field) {
  const objects = [];
  let token = '';
  do {
    const page = await workspace.api(token ? `${path}${path.includes('?') ? '&' : '?'}page_token=${token}` : path);
    objects.push(...(page[field] ?? []));
    token = page.next_page_token ?? '';
  } while (token);
  return objects;
}

async function tree(workspace, folder = '/') {
  const { objects = [] } = await workspace.api(`/api/2.0/workspace/list?path=${encodeURIComponent(folder)}`);
  const folders = objects.filter(({ object_type }) => object_type === 'DIRECTORY');
  const below = await Promise.all(folders.map(({ path }) => tree(workspace, path)));
  return [...objects, ...below.flat()];
}

/** Does the work for each, several at a time. */
async function each(items, work) {
  const waiting = items.entries();
  const results = [];
  await Promise.all(Array.from({ length: 16 }, async () => {
    for (const [at, item] of waiting) results[at] = await work(item);
  }));
  return results;
}

/** One line for each object with everything about it, and one for each access control list; sorted. */
export async function contentOf(workspace) {
  const jobs = await list(workspace, '/api/2.2/jobs/list?limit=100&expand_tasks=true', 'jobs');
  const clusters = (await list(workspace, '/api/2.1/clusters/list?page_size=100', 'clusters')).filter(({ cluster_source }) => cluster_source !== 'JOB');
  const pools = await list(workspace, '/api/2.0/instance-pools/list', 'instance_pools');
  const objects = await tree(workspace);
  const names = new Map([
    ...clusters.map(({ cluster_id, cluster_name }) => [cluster_id, `cluster ${cluster_name}`]),
    ...pools.map(({ instance_pool_id, instance_pool_name }) => [instance_pool_id, `pool ${instance_pool_name}`]),
  ]);
  // Ids, marks and times are of one workspace alone.
  const told = (object, own) => JSON.stringify(object, (key, value) => {
    if (own.includes(key) || key === 'farshore_mark') return undefined;
    return typeof value === 'string' ? names.get(value) ?? value : value;
  });
  const notebooks = objects.filter(({ object_type }) => object_type === 'NOTEBOOK');
  const lines = [
    ...jobs.map(({ settings }) => `job ${told(settings, [])}`),
    ...clusters.map((cluster) => `cluster ${told(cluster, ['cluster_id', 'state_message', 'start_time', 'terminated_time', 'last_state_loss_time', 'last_restarted_time', 'last_activity_time', 'spark_context_id', 'default_tags', 'termination_reason', 'spec'])}`),
    ...pools.map((pool) => `pool ${told(pool, ['instance_pool_id', 'default_tags', 'stats', 'status'])}`),
    ...objects.filter((object) => object.object_type !== 'NOTEBOOK').map(({ object_type, path }) => `${object_type} ${path}`),
    ...await each(notebooks, async ({ path, language }) => {
      const { content } = await workspace.api(`/api/2.0/workspace/export?format=SOURCE&path=${encodeURIComponent(path)}`);
      return `notebook ${path} ${language} ${content}`;
    }),
    ...await each([
      ...notebooks.map(({ path, object_id }) => ['notebooks', object_id, path]),
      ...jobs.map(({ job_id, settings }) => ['jobs', job_id, settings.name]),
      ...clusters.map(({ cluster_id, cluster_name }) => ['clusters', cluster_id, cluster_name]),
      ...pools.map(({ instance_pool_id, instance_pool_name }) => ['instance-pools', instance_pool_id, instance_pool_name]),
    ], async ([type, id, name]) => {
      const { access_control_list: entries } = await workspace.api(`/api/2.0/permissions/${type}/${id}`);
      const direct = entries.map(({ all_permissions, ...who }) => told({ ...who, levels: all_permissions.filter(({ inherited }) => !inherited).map(({ permission_level }) => permission_level) }, ['display_name']));
      return `list of ${type} ${name}: ${direct.sort().join(' ')}`;
    }),
  ];
  return lines.sort();
}

/** Every call that has changed something, as it says so itself; sorted, because the order depends on timing. */
export async function changesOf(workspace) {
  const changes = await workspace.control('GET', 'changes');
  return changes.filter(({ actor }) => actor === 'api').map(({ method, summary }) => `${method} ${summary}`).sort();
}

/** What only one of two sorted lists has, for people: so much of it as helps. */
export function difference(expected, found) {
  const count = (lines) => lines.reduce((counts, line) => counts.set(line, (counts.get(line) ?? 0) + 1), new Map());
  const [wanted, had] = [count(expected), count(found)];
  const lines = [...new Set([...expected, ...found])].map((line) => [line, (had.get(line) ?? 0) - (wanted.get(line) ?? 0)]);
  return lines.filter(([, surplus]) => surplus !== 0).map(([line, surplus]) => `${surplus > 0 ? '+' : ''}${surplus} ${line.slice(0, 300)}`);
}
