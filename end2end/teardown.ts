import { execFileSync } from 'node:child_process';

/** The simulated workspaces outlive the panel on purpose; after the tests nobody needs them. */
export default function endSimulators(): void {
  execFileSync('.ci/demo-reset', { cwd: '..', env: { ...process.env, FARSHORE_DEMO_FOLDER: '.test/browser' } });
}
