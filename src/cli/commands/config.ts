/** `gesso config`: every setting, what it is now, where that came from, and what is wrong. */
import { wrapText } from '../format-table.ts';
import { openTerminal } from '../terminal.ts';
import type { CliWorld, SettingReport } from '../world.ts';

const INDENT = '    ';

/** Returns the exit code: 1 when a setting is wrong. */
export async function showConfig(world: CliWorld, { json }: { readonly json: boolean }): Promise<number> {
  const report = await world.parts.describeSettings(world.env);
  const code = report.faults.length > 0 ? 1 : 0;
  if (json) {
    world.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    return code;
  }
  showSettings(world, report.settings);
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

/** Two lines a setting read well at any width, where a table of four columns does not. */
function showSettings(world: CliWorld, settings: readonly SettingReport[]): void {
  const terminal = openTerminal(world.stdout, world.env);
  const name_width = Math.max(...settings.map(({ name }) => name.length));
  for (const { name, value, source, description } of settings) {
    const shown = value === null ? terminal.paint('dim', 'not set') : value;
    const from =
      source === 'default'
        ? ''
        : terminal.paint('green', `  (from ${source === 'file' ? 'a file' : 'the environment'})`);
    terminal.line(`${terminal.paint('cyan', name.padEnd(name_width))}  ${shown}${from}`);
    const room = Math.max(20, (terminal.width ?? Number.POSITIVE_INFINITY) - INDENT.length);
    for (const line of wrapText(description, room)) terminal.line(INDENT + terminal.paint('dim', line));
  }
}
