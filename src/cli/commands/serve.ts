/** `gesso serve`: runs the server until it is told to stop. */
import type { App } from '../../contracts/app.ts';
import { banner, snippets } from '../banner.ts';
import { CliError } from '../cli-error.ts';
import { findFirstKeys, forgetFirstKeys, keepFirstKeys } from '../first-keys.ts';
import { prettyLog } from '../log-lines.ts';
import { openTerminal, type Terminal } from '../terminal.ts';
import { watchStop } from '../watch-stop.ts';
import type { CliWorld } from '../world.ts';

export async function serve(world: CliWorld): Promise<void> {
  const terminal = openTerminal(world.stdout, world.env);
  const notes = openTerminal(world.stderr, world.env);
  const { GESSO_DATA_DIR: data_dir } = await world.parts.settings(world.env);
  await refuseSecond(world, data_dir);
  await tellUnknownSettings(world, notes);
  const stop = watchStop(world, () => notes.line('Ending at once.'));
  try {
    const log = terminal.isTerminal ? prettyLog(terminal) : { write: (line: string) => void world.stdout.write(line) };
    const app = await world.parts.createApp(world.env, { log });
    try {
      // Keys are told once: they are in a file before anything else can go wrong, such as the port.
      const keys_file = await saveKeys(app, data_dir);
      const url = await app.listen();
      if (terminal.isTerminal) {
        showBanner(world, terminal, app, { url, keys_file });
        if (app.firstKeys !== null && keys_file !== null) await forgetFirstKeys(keys_file);
      } else
        notes.line(
          `Gesso ${world.version} listens at ${url}.${keys_file === null ? '' : ` Its first keys are in ${keys_file}.`}`,
        );
      const signal = await stop.requested;
      const advice = signal === 'SIGINT' ? ' Press Ctrl-C again to end at once.' : '';
      notes.line(`Stopping: work in hand is finished first.${advice}`);
    } finally {
      await app.close();
    }
  } finally {
    stop.release();
  }
}

async function refuseSecond(world: CliWorld, data_dir: string): Promise<void> {
  const server = await world.parts.findServer(data_dir);
  if (server === null) return;
  const where = server.url === null ? '' : ` at ${server.url}`;
  throw new CliError(`Gesso already runs${where} (process ${server.pid}) on the data in ${data_dir}.`, {
    code: 'already_running',
    fix: `Use that one, stop it with \`kill ${server.pid}\`, or start another on its own data: GESSO_DATA_DIR=./other PORT=8081 gesso serve.`,
  });
}

async function tellUnknownSettings(world: CliWorld, notes: Terminal): Promise<void> {
  const { unknown } = await world.parts.describeSettings(world.env);
  for (const { name, did_you_mean } of unknown) {
    const hint = did_you_mean === null ? '`gesso config` lists all settings.' : `Did you mean ${did_you_mean}?`;
    notes.line(`${notes.paint('yellow', 'warning:')} there is no setting ${name}. ${hint}`);
  }
}

/** New keys go to a file of the owner. A terminal then shows them and the file goes; a log must not collect them. */
async function saveKeys(app: App, data_dir: string): Promise<string | null> {
  return app.firstKeys === null ? findFirstKeys(data_dir) : keepFirstKeys(data_dir, app.firstKeys);
}

function showBanner(
  world: CliWorld,
  terminal: Terminal,
  app: App,
  { url, keys_file }: { readonly url: string; readonly keys_file: string | null },
): void {
  const { version } = world;
  for (const line of banner(terminal, { version, url, notes: app.notes, keys: app.firstKeys, keys_file }))
    terminal.line(line);
  if (app.firstKeys !== null) for (const line of snippets(terminal, url, app.firstKeys.test)) terminal.line(line);
  terminal.line(terminal.paint('dim', '  Stop with Ctrl-C.'));
  terminal.line();
}
