/** `gesso config`: every setting, what it is now, where that came from, and what is wrong. */
import { type Column, formatTable } from '../format-table.ts';
import { openTerminal } from '../terminal.ts';
import type { CliWorld, SettingReport } from '../world.ts';

/** Returns the exit code: 1 when a setting is wrong. */
export async function showConfig(world: CliWorld, { json }: { readonly json: boolean }): Promise<number> {
  const report = await world.parts.describeSettings(world.env);
  const code = report.faults.length > 0 ? 1 : 0;
  if (json) {
    world.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    return code;
  }
  showTable(world, report.settings);
  const notes = openTerminal(world.stderr, world.env);
  for (const { name, message } of report.faults) {
    notes.line(`${notes.paint(['bold', 'red'], 'fault:')} ${name} ${message}`);
  }
  for (const { name, did_you_mean } of report.unknown) {
    const hint = did_you_mean === null ? '' : ` Did you mean ${did_you_mean}?`;
    notes.line(`${notes.paint('yellow', 'unknown:')} there is no setting ${name}.${hint}`);
  }
  return code;
}

function showTable(world: CliWorld, settings: readonly SettingReport[]): void {
  const terminal = openTerminal(world.stdout, world.env);
  const paintValue = (line: string, [, value, source]: readonly string[]): string => {
    if (value === 'not set') return terminal.paint('dim', line);
    return source === 'default' ? line : terminal.paint('green', line);
  };
  const columns: readonly Column[] = [
    { title: 'SETTING', paint: (line) => terminal.paint('cyan', line) },
    { title: 'VALUE', wrap_min: 10, paint: paintValue },
    { title: 'FROM' },
    { title: 'WHAT IT DOES', wrap_min: 30, paint: (line) => terminal.paint('dim', line) },
  ];
  const rows = settings.map(({ name, value, source, description }) => [name, value ?? 'not set', source, description]);
  for (const line of formatTable(terminal, columns, rows)) terminal.line(line);
}
