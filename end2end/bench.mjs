// What Farshore takes: sizes, times, memory. Prints tables, writes .test/bench.json, and says on what machine. Figures,
// not a test: a goal that is missed is shown, and fails nothing. BENCH_ITEMS chooses, such as BENCH_ITEMS=2,4.
import { demoCopy } from './bench/demo_copy.mjs';
import { keep, load, machine } from './bench/figures.mjs';
import { growth } from './bench/growth.mjs';
import { latency } from './bench/latency.mjs';
import { planPage } from './bench/plan_page.mjs';
import { publishedLimits } from './bench/published_limits.mjs';
import { sizes } from './bench/sizes.mjs';

/** Item 3 is measured after the first copy of item 1. */
const ITEMS = { sizes, demo: demoCopy, 1: publishedLimits, 2: latency, 4: growth, 5: planPage };
const ORDER = ['sizes', 'demo', '2', '1', '4', '5'];

function chosen() {
  const wanted = process.env.BENCH_ITEMS?.split(',').map((item) => item.trim()).filter(Boolean);
  const unknown = wanted?.find((item) => !ITEMS[item] && item !== '3');
  if (unknown) throw new Error(`there is no item ${unknown}: choose among ${ORDER.join(', ')}`);
  return ORDER.filter((item) => !wanted || wanted.includes(item) || (item === '1' && wanted.includes('3')));
}

console.log(machine());
for (const item of chosen()) {
  const before = load();
  try {
    const figures = await ITEMS[item]();
    console.table(figures);
    console.log(`load ${before} before, ${load()} after`);
    keep(item, figures);
  } catch (error) {
    console.error(`bench: ${item}: ${error.message}`);
    process.exitCode = 1;
  }
}
console.log('written to .test/bench.json');
