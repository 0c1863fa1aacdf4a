import { defineConfig } from '@playwright/test';

// The panel under test has ports and a folder of its own, so that it can run beside somebody's demo.
export const PANEL = 'http://127.0.0.1:3790';
const FOLDER = '.test/browser';

export default defineConfig({
  testDir: 'tests',
  // One panel, one story: the later files look at what the first one made.
  workers: 1,
  fullyParallel: false,
  retries: 0,
  timeout: 180_000,
  expect: { timeout: 20_000 },
  reporter: [['list']],
  outputDir: 'test-results',
  use: {
    baseURL: PANEL,
    actionTimeout: 15_000,
    screenshot: 'only-on-failure',
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
  webServer: {
    command: [
      `FARSHORE_DEMO_FOLDER=${FOLDER} .ci/demo-reset`,
      `exec target/release/farshore serve --demo --demo-folder ${FOLDER} --listen 127.0.0.1:3790 --demo-ports 7791,7792`,
    ].join(' && '),
    cwd: '..',
    url: `${PANEL}/readyz`,
    timeout: 60_000,
    reuseExistingServer: false,
    gracefulShutdown: { signal: 'SIGTERM', timeout: 5_000 },
  },
  globalTeardown: './teardown.ts',
});
