/** `gesso`: reads the arguments, runs one command, and turns whatever goes wrong into a sentence and an exit code. */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { backUp, restore } from './commands/backup.ts';
import { checkCatalog } from './commands/catalog.ts';
import { showConfig } from './commands/config.ts';
import { runDoctor } from './commands/doctor.ts';
import { generate } from './commands/generate.ts';
import { cancelJob, listJobs, showJob, waitForJob } from './commands/jobs.ts';
import { listModels, showModel } from './commands/models.ts';
import {
  createAccount,
  listAccounts,
  refundGeneration,
  showLedger,
  showWallet,
  topUpWallet,
  verifyLedger,
} from './commands/money.ts';
import { listRequests, purgeRequest, showRequest } from './commands/requests.ts';
import { serve } from './commands/serve.ts';
import { showUsage } from './commands/usage.ts';
import { addKeyCommands } from './key-commands.ts';
import { printError } from './print-error.ts';
import type { CliWorld } from './world.ts';

/** Resolves to the exit code: 0 fine, 1 failure, 2 wrong usage. Never rejects. */
export async function runCli(world: CliWorld): Promise<number> {
  const outcome = { code: 0 };
  try {
    await buildProgram(world, outcome).parseAsync([...world.arguments], { from: 'user' });
    return outcome.code;
  } catch (error) {
    // Commander has printed its own message by now; `--help` and `--version` end this way too.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    return printError(world, error);
  }
}

const jsonOption = (): Option => new Option('--json', 'print JSON on stdout, and nothing else there').default(false);

function buildProgram(world: CliWorld, outcome: { code: number }): Command {
  const program = new Command('gesso')
    .description('One self-hosted API, catalogue and arena for every image model.')
    .version(world.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .exitOverride()
    .showHelpAfterError('(`gesso --help` shows what there is)')
    .configureOutput({
      writeOut: (text) => void world.stdout.write(text),
      writeErr: (text) => void world.stderr.write(text),
      getOutHelpWidth: () => world.stdout.columns ?? 100,
      getErrHelpWidth: () => world.stderr.columns ?? 100,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
  program.addHelpText('after', examples);
  addServe(program, world);
  addGenerate(program, world);
  addModels(program, world);
  addKeyCommands(program, world, jsonOption);
  addMoney(program, world, outcome);
  addJobs(program, world, outcome);
  addHistory(program, world);
  addBackup(program, world, outcome);
  addChecks(program, world, outcome);
  return program;
}

const examples = `
Examples:
  gesso serve                                       run the server on http://127.0.0.1:8080
  gesso generate "a red fox in the snow" -o fox.png
  gesso generate "make it night" --edit fox.png -o night.png
  gesso generate "a red fox" --model seedream-4 --test

Commands talk to the server that runs here, or to GESSO_URL with GESSO_API_KEY; with neither they do the work themselves.`;

function addServe(program: Command, world: CliWorld): void {
  program
    .command('serve')
    .description('run the server until it is stopped (settings come from the environment: see `gesso config`)')
    .action(() => serve(world));
}

function addGenerate(program: Command, world: CliWorld): void {
  program
    .command('generate')
    .description('draw pictures from a prompt, or change pictures with --edit')
    .argument('<prompt>', 'what to draw, or what to change')
    .option('-o, --output <file>', 'where to write; the default is named after the prompt')
    .option('-m, --model <id>', 'model, alias or pin such as fal/seedream-4', 'gesso/sketch')
    .option('-s, --size <size>', '1024x768, 16:9, 2K or auto')
    .option('--seed <number>', 'the same seed draws the same picture', wholeNumber)
    .option('-n, --n <count>', 'how many pictures, 1 to 10', wholeNumber, 1)
    .option('-f, --format <format>', 'png, jpeg, gif, webp or avif; else what the name of the file says')
    .option('-e, --edit <file>', 'a picture to change or to draw upon; may be repeated', collect, [])
    .option('--mask <file>', 'a PNG as large as the first picture; transparent = may change')
    .option('--test', 'test mode: the built-in engine draws for any model, and nothing is spent', false)
    .option('--no-preview', 'do not show the picture in the terminal')
    .addOption(jsonOption())
    .action((prompt, { n, ...options }) => generate(world, prompt, { ...options, n }));
}

function addModels(program: Command, world: CliWorld): void {
  program
    .command('models')
    .description('list the models, or show everything about one')
    .argument('[id]', 'model or alias')
    .addOption(jsonOption())
    .action((id: string | undefined, options) =>
      id === undefined ? listModels(world, options) : showModel(world, id, options),
    );
}

function addMoney(program: Command, world: CliWorld, outcome: { code: number }): void {
  const accounts = program.command('accounts').description('make and list accounts');
  accounts
    .command('create')
    .description('make an account with a live and a test wallet; its id is printed alone on stdout')
    .requiredOption('--name <name>', 'what you will know it by')
    .addOption(new Option('--billing <how>', 'how it pays').choices(['prepaid', 'unmetered']).default('prepaid'))
    .addOption(jsonOption())
    .action((options) => createAccount(world, options));
  accounts
    .command('list')
    .description('list the accounts and their wallets')
    .addOption(jsonOption())
    .action((options) => listAccounts(world, options));
  const wallet = program.command('wallet').description('look at wallets and pay into them');
  wallet
    .command('show')
    .description('show the wallets of an account')
    .argument('<account>', 'id of the account, as `gesso accounts list` shows it')
    .addOption(jsonOption())
    .action((account, options) => showWallet(world, account, options));
  wallet
    .command('top-up')
    .description('pay into a wallet; the fee comes on top and is shown')
    .argument('<account>', 'id of the account')
    .argument('<dollars>', 'what shall reach the wallet, e.g. 10.00')
    .addOption(new Option('--mode <mode>', 'which wallet').choices(['live', 'test']).default('live'))
    .option('--reference <text>', 'what the payment is called elsewhere; the same one is never counted twice')
    .option('--dry-run', 'only tell what it would cost', false)
    .addOption(jsonOption())
    .action((account, amount, options) => topUpWallet(world, account, amount, options));
  wallet
    .command('refund')
    .description('give back what a generation was charged, to the wallet that paid it')
    .argument('<generation>', 'id of the generation')
    .argument('[dollars]', 'how much; all that is left of the charge when absent')
    .addOption(jsonOption())
    .action((generation, amount: string | undefined, options) => refundGeneration(world, generation, amount, options));
  const ledger = program.command('ledger').description('look after the books');
  ledger
    .command('show')
    .description('show what the house took beside what providers billed and may yet bill')
    .addOption(jsonOption())
    .action((options) => showLedger(world, options));
  ledger
    .command('verify')
    .description('recompute every balance from its rows; ends with 1 when something disagrees')
    .addOption(jsonOption())
    .action(async (options) => {
      outcome.code = await verifyLedger(world, options);
    });
}

function addJobs(program: Command, world: CliWorld, outcome: { code: number }): void {
  const jobs = program
    .command('jobs')
    .description('look at generations that wait, run or are done; wait for or cancel one');
  jobs
    .command('list', { isDefault: true })
    .description('list the newest (this is what `gesso jobs` does)')
    .option('--status <status>', 'queued, running, completed, failed or canceled')
    .option('-m, --model <id>', 'only this model')
    .option('--tag <tag>', 'only what is booked under this tag')
    .option('--since <time>', 'from this day or time on, e.g. 2026-11-20')
    .option('-n, --limit <count>', 'how many, 1 to 100', wholeNumber, 20)
    .addOption(jsonOption())
    .action((options) => listJobs(world, options));
  jobs
    .command('show')
    .alias('get')
    .description('show one as it is now')
    .argument('<id>', 'id of the generation')
    .addOption(jsonOption())
    .action((id, options) => showJob(world, id, options));
  jobs
    .command('wait')
    .description('wait until it has ended; prints the URLs of its pictures, and ends with 1 when there are none')
    .argument('<id>', 'id of the generation')
    .addOption(jsonOption())
    .action(async (id, options) => {
      outcome.code = await waitForJob(world, id, options);
    });
  jobs
    .command('cancel')
    .description('cancel one: what has not begun costs nothing')
    .argument('<id>', 'id of the generation')
    .addOption(jsonOption())
    .action((id, options) => cancelJob(world, id, options));
}

function addHistory(program: Command, world: CliWorld): void {
  const mode = (): Option => new Option('--mode <mode>', 'only these').choices(['live', 'test']);
  const requests = program
    .command('requests')
    .description('look at what was asked for, or delete what it says and shows');
  requests
    .command('list', { isDefault: true })
    .description('list the newest requests (this is what `gesso requests` does)')
    .option('--status <status>', 'queued, running, completed, failed or canceled')
    .option('-m, --model <id>', 'only this model')
    .option('--tag <tag>', 'only what is booked under this tag')
    .option('--key <id>', 'only this key')
    .option('--since <time>', 'from this day or time on, e.g. 2026-11-20')
    .addOption(mode())
    .option('-n, --limit <count>', 'how many, 1 to 100', wholeNumber, 20)
    .addOption(jsonOption())
    .action((options) => listRequests(world, options));
  requests
    .command('show')
    .description('show everything about one request')
    .argument('<id>', 'id of the request')
    .addOption(jsonOption())
    .action((id, options) => showRequest(world, id, options));
  requests
    .command('purge')
    .description('delete prompt, parameters and pictures of a request; its cost stays')
    .argument('<id>', 'id of the request')
    .addOption(jsonOption())
    .action((id, options) => purgeRequest(world, id, options));
  program
    .command('usage')
    .description('show what was used and charged')
    .option('--by <groups>', 'day, model, provider, key, tag, or several with commas', 'day')
    .option('--from <time>', 'first day or time that counts; 30 days ago when absent')
    .option('--to <time>', 'first day or time that does not count any more; now when absent')
    .option('-m, --model <id>', 'only this model')
    .option('--tag <tag>', 'only what is booked under this tag')
    .option('--key <id>', 'only this key')
    .addOption(mode())
    .option('--csv', 'print CSV on stdout', false)
    .addOption(jsonOption())
    .action((options) => showUsage(world, options));
}

function addBackup(program: Command, world: CliWorld, outcome: { code: number }): void {
  program
    .command('backup')
    .description('write everything that is kept into one file, while the server runs or not')
    .argument('<file>', 'where to, e.g. gesso.tar.zst; - for stdout')
    .option('--media', 'pictures and files too, not only what is said of them', false)
    .addOption(jsonOption())
    .action((file, options) => backUp(world, file, options));
  program
    .command('restore')
    .description('put a backup into an empty database: all of it, or nothing')
    .argument('<file>', 'what `gesso backup` wrote; - for stdin')
    .addOption(jsonOption())
    .action(async (file, options) => {
      outcome.code = await restore(world, file, options);
    });
}

function addChecks(program: Command, world: CliWorld, outcome: { code: number }): void {
  program
    .command('config')
    .description('show every setting, where its value comes from, and what is wrong')
    .addOption(jsonOption())
    .action(async (options) => {
      outcome.code = await showConfig(world, options);
    });
  program
    .command('doctor')
    .description('check that everything Gesso needs is here')
    .addOption(jsonOption())
    .action(async (options) => {
      outcome.code = await runDoctor(world, options);
    });
  program
    .command('catalog')
    .description('look after the catalogue of models')
    .command('check')
    .description('read every page of the catalogue and tell all faults')
    .addOption(jsonOption())
    .action(async (options) => {
      outcome.code = await checkCatalog(world, options);
    });
}

function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('Give a whole number.');
  return Number(text);
}

function collect(value: string, before: readonly string[]): string[] {
  return [...before, value];
}
