/** Gathers every component's settings, reads them once, and lists every fault at once. */
import { readFileSync } from 'node:fs';
import { batchSettings } from './core/batch/settings.ts';
import { engineSettings } from './core/engines/settings.ts';
import { routingSettings } from './core/routing/settings.ts';
import { readSettings, type SettingFault, type SettingTable, type SettingValues } from './core/settings.ts';
import { walletSettings } from './core/wallet/settings.ts';
import { webhookSettings } from './core/webhooks/settings.ts';
import { httpSettings } from './http/settings.ts';
import { mediaSettings } from './media/settings.ts';
import { netSettings } from './net/settings.ts';
import { providerSettings } from './providers/settings.generated.ts';
import { providerWebhookSettings } from './providers/shared/webhook-settings.ts';
import { storeSettings } from './store/settings.ts';
import { systemSettings } from './system/settings.ts';

export const settingTable = {
  ...systemSettings,
  ...httpSettings,
  ...storeSettings,
  ...mediaSettings,
  ...netSettings,
  ...routingSettings,
  ...walletSettings,
  ...webhookSettings,
  ...batchSettings,
  ...providerSettings,
  ...providerWebhookSettings,
  ...engineSettings,
} satisfies SettingTable;

export type Config = SettingValues<typeof settingTable>;

type Environment = Readonly<Record<string, string | undefined>>;

export class ConfigError extends Error {
  readonly faults: readonly SettingFault[];
  constructor(faults: readonly SettingFault[]) {
    super(`Some settings are not right:\n${faults.map(({ name, message }) => `  ${name} ${message}`).join('\n')}`);
    this.name = 'ConfigError';
    this.faults = faults;
  }
}

/** Throws ConfigError naming every setting that is wrong. */
export function loadConfig(environment: Environment): Config {
  const { values, faults } = readSettings(settingTable, withSecretFiles(environment));
  if (faults.length > 0) throw new ConfigError(faults);
  return values;
}

/** Names in the environment that look like ours and are not: most often a slip of the pen. */
export function unknownSettings(environment: Environment): string[] {
  return Object.keys(environment).filter(
    (name) => name.startsWith('GESSO_') && !isKnown(name) && !isKnown(name.replace(/_FILE$/, '')),
  );
}

function isKnown(name: string): boolean {
  return Object.hasOwn(settingTable, name) || ['GESSO_URL', 'GESSO_API_KEY'].includes(name);
}

/** NAME_FILE names a file that holds the secret NAME, as container platforms hand secrets over. */
export function withSecretFiles(environment: Environment): Environment {
  const table: SettingTable = settingTable;
  const filled: Record<string, string | undefined> = { ...environment };
  for (const [name, row] of Object.entries(table)) {
    const path = environment[`${name}_FILE`];
    if (row.secret !== true || path === undefined || path === '') continue;
    try {
      filled[name] = readFileSync(path, 'utf8').trim();
    } catch (error) {
      throw new ConfigError([{ name: `${name}_FILE`, message: `cannot be read: ${(error as Error).message}` }]);
    }
  }
  return filled;
}
