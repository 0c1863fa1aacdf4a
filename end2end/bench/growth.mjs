// Item 4: what the first copy of one object takes, however many there are.
import { CHANGED, NO_CHANGE, syncTo, withState } from './engine.mjs';
import { figure } from './figures.mjs';
import { withWorkspaces } from './workspaces.mjs';

const SIZES = [1000, 10000, 50000];
/** Of a thousand objects; the rest are notebooks. Every one of them has an access control list of its own. */
const JOBS = 40;
const CLUSTERS = 4;
const POOLS = 2;
const GOAL_MB = 300;
const GOAL_SHARE = 1.15;

function content(objects) {
  const of = (share) => Math.round(objects * share / 1000);
  const others = { jobs: of(JOBS), clusters: of(CLUSTERS), pools: of(POOLS) };
  return { ...others, notebooks: objects - others.jobs - others.clusters - others.pools };
}

function copy(objects) {
  return withWorkspaces((source, target) => withState(async (state) => {
    await source.fill(content(objects));
    const first = await syncTo(CHANGED, source, target, state, ['--unlimited']);
    const unchanged = await syncTo(NO_CHANGE, source, target, state, ['--unlimited']);
    return { objects, first, unchanged };
  }));
}

export async function growth() {
  const copies = [];
  for (const objects of SIZES) copies.push(await copy(objects));
  const each = ({ objects, first }) => first.seconds * 1000 / objects;
  const cpuOfEach = ({ objects, first }) => first.cpu_s * 1000 / objects;
  const times = copies.map(each);
  // What starting takes, and waiting for the end of a second, is in both and falls out.
  const oneMore = copies.slice(1).map((larger, place) => {
    const smaller = copies[place];
    const ms = (larger.first.seconds - smaller.first.seconds) * 1000 / (larger.objects - smaller.objects);
    return figure(`4: time of one more, from ${smaller.objects} to ${larger.objects}`, ms, 'ms');
  });
  const most = copies.at(-1);
  return [
    ...copies.flatMap((copied) => [
      figure(`4: first copy of ${copied.objects} objects`, copied.first.seconds, 's'),
      figure('4: time of one', each(copied), 'ms'),
      figure('4: processor time of one', cpuOfEach(copied), 'ms'),
      figure('4: sync in which nothing changed', copied.unchanged.seconds, 's'),
    ]),
    ...oneMore,
    figure('4: the longest time of one, in terms of the shortest', Math.max(...times) / Math.min(...times), '×', GOAL_SHARE),
    figure(`4: most memory of the engine, first copy of ${most.objects}`, most.first.peak_mb, 'MB', GOAL_MB),
    figure('4: most memory of the engine, nothing changed', most.unchanged.peak_mb, 'MB', GOAL_MB),
  ];
}
