/** Every setting as `gesso config` shows it. Pure: the table and the environment are arguments. */
import { suggest } from '../core/catalog/suggest.ts';
import { readSettings, type SettingTable } from '../core/settings.ts';
import type { Environment, SettingReport, SettingsReport } from './world.ts';

/** `environment` as it is, `filled` with secrets read from the files that NAME_FILE names. */
export function describeSettings(
  table: SettingTable,
  {
    environment,
    filled,
    unknown,
  }: { readonly environment: Environment; readonly filled: Environment; readonly unknown: readonly string[] },
): SettingsReport {
  const { faults } = readSettings(table, filled);
  const { values } = readSettings(table, {});
  const settings = Object.entries(table).map(([name, { description, secret }]): SettingReport => {
    const own = filled[name];
    const isSet = own !== undefined && own !== '';
    const fallback: unknown = (values as Record<string, unknown>)[name]; // The table's names are the values' names.
    const shown = isSet ? own : fallback === undefined || fallback === '' ? null : String(fallback);
    return {
      name,
      value: secret === true ? (isSet ? 'set' : null) : shown,
      source: isSet ? (environment[name] ? 'environment' : 'file') : 'default',
      description,
      secret: secret === true,
    };
  });
  // Some names begin with GESSO_ and some do not, which is the slip that most people make.
  const names = new Map([...Object.keys(table), 'GESSO_URL', 'GESSO_API_KEY'].map((name) => [bare(name), name]));
  return {
    settings,
    faults,
    unknown: unknown.map((name) => ({
      name,
      did_you_mean: names.get(suggest(bare(name), names.keys())[0] ?? '') ?? null,
    })),
  };
}

function bare(name: string): string {
  return name.replace(/^GESSO_/, '');
}
