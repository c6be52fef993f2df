import { fileURLToPath } from 'node:url';

/** The engines that the suite is walked over. */
export const enginesFile = fileURLToPath(new URL('engines/engines.toml', import.meta.url));
