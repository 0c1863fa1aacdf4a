import { fileURLToPath } from 'node:url';

/** The repository, with a slash at its end. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What is measured: what ships, unless another one is named. */
export const BINARY = process.env.FARSHORE_BINARY ?? `${ROOT}target/release/farshore`;
