/** `gesso doctor`: one line for each thing that Gesso needs, and what to do where it is not right. */
import { doctorChecks, type Finding } from '../doctor-checks.ts';
import { wrapText } from '../format-table.ts';
import { startSpinner } from '../spinner.ts';
import { openTerminal, type Terminal } from '../terminal.ts';
import type { CliWorld } from '../world.ts';

/** Returns the exit code: 1 when there is a fault. */
export async function runDoctor(world: CliWorld, { json }: { readonly json: boolean }): Promise<number> {
  const terminal = openTerminal(world.stdout, world.env);
  const findings: (Finding & { readonly check: string })[] = [];
  for (const { name, run } of doctorChecks) {
    const spinner = startSpinner(world.stderr, openTerminal(world.stderr, world.env), world.now, `Checking ${name}`);
    const finding = await run(world).catch((error: unknown): Finding => {
      const text = error instanceof Error ? error.message : String(error);
      return { state: 'fault', text, fix: 'Run it again with LOG_LEVEL=debug, and mend what it names.' };
    });
    spinner.stop();
    findings.push({ check: name, ...finding });
    if (!json) for (const line of lines(terminal, name, finding)) terminal.line(line);
  }
  const count = (state: Finding['state']) => findings.filter((one) => one.state === state).length;
  const faults = count('fault');
  if (json) world.stdout.write(`${JSON.stringify({ ok: faults === 0, checks: findings }, null, 2)}\n`);
  else terminal.line(summary(terminal, faults, count('warning')));
  return faults > 0 ? 1 : 0;
}

const marks = {
  ok: { text: 'ok     ', style: 'green' },
  warning: { text: 'warning', style: 'yellow' },
  fault: { text: 'FAULT  ', style: 'red' },
} as const;

const NAME_WIDTH = 10;

function lines(terminal: Terminal, name: string, { state, text, fix }: Finding): string[] {
  const { text: mark, style } = marks[state];
  const margin = ' '.repeat(mark.length + NAME_WIDTH + 2);
  const width = Math.max(24, (terminal.width ?? Number.POSITIVE_INFINITY) - margin.length);
  const [first = '', ...rest] = wrapText(text, width);
  return [
    `${terminal.paint(style, mark)} ${name.padEnd(NAME_WIDTH)} ${first}`,
    ...rest.map((line) => margin + line),
    ...(fix === undefined ? [] : wrapText(`-> ${fix}`, width).map((line) => margin + terminal.paint('cyan', line))),
  ];
}

function summary(terminal: Terminal, faults: number, warnings: number): string {
  if (faults > 0) return terminal.paint(['bold', 'red'], `${faults} ${faults === 1 ? 'fault' : 'faults'} to mend.`);
  if (warnings > 0)
    return terminal.paint('yellow', `No faults; ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}.`);
  return terminal.paint('green', 'Everything is as it should be.');
}
