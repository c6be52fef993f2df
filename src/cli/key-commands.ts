/** The options of `gesso keys …`, and what of the API's body each of them is. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  changeKey,
  createKey,
  type KeySettingOptions,
  listKeys,
  revokeKey,
  rotateKey,
  showKey,
} from './commands/keys.ts';
import type { CliWorld } from './world.ts';

type Parse = (text: string) => unknown;

const list: Parse = (text) => text.split(',').map((part) => part.trim());

const number: Parse = (text) => {
  if (!/^\d{1,9}(\.\d{1,6})?$/.test(text)) throw new InvalidArgumentError('Give a number such as 60 or 2.50.');
  return Number(text);
};

const seconds: Parse = (text) => {
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw new InvalidArgumentError('Give a date such as 2027-01-31 or 2027-01-31T12:00:00Z.');
  return Math.floor(time / 1000);
};

/** When a key is changed, `none` takes away what it had. */
const settings: readonly { readonly flags: string; readonly description: string; readonly parse?: Parse }[] = [
  { flags: '--models <globs>', description: 'models that it may use, by comma: bytedance/*,gpt-image-1', parse: list },
  { flags: '--providers <globs>', description: 'providers that it may use, by comma: fal,byteplus', parse: list },
  { flags: '--monthly-budget-usd <dollars>', description: 'what it may spend in a month', parse: number },
  { flags: '--total-budget-usd <dollars>', description: 'what it may spend in all', parse: number },
  { flags: '--requests-per-minute <count>', description: 'generating requests a minute', parse: number },
  { flags: '--requests-burst <count>', description: 'how many of them may come at once', parse: number },
  { flags: '--images-per-minute <count>', description: 'pictures a minute', parse: number },
  { flags: '--images-burst <count>', description: 'how many of them may be asked for at once', parse: number },
  { flags: '--expires-at <date>', description: 'when it ends: 2027-01-31', parse: seconds },
  { flags: '--tag <tag>', description: 'what its requests are booked under that bear no tag' },
];

function withSettings(command: Command, isChange: boolean): Command {
  for (const { flags, description, parse = (text: string) => text } of settings) {
    const told = isChange ? `${description}; "none" takes it away` : description;
    command.addOption(
      new Option(flags, told).argParser((text: string) => (isChange && text === 'none' ? text : parse(text))),
    );
  }
  return command.addOption(
    new Option('--scopes <scopes>', 'what it may do, by comma: generate,read,manage').argParser(list),
  );
}

export function addKeyCommands(program: Command, world: CliWorld, jsonOption: () => Option): void {
  const keys = program.command('keys').description('make, limit, rotate and revoke API keys');
  const id = 'id of the key, as `gesso keys list` shows it';
  withSettings(
    keys
      .command('create')
      .description('make a key; it is printed once, alone on stdout')
      .addOption(new Option('--mode <mode>', 'what it may do').choices(['live', 'test', 'admin']).makeOptionMandatory())
      .requiredOption('--name <name>', 'what you will know it by')
      .option('--account <id>', 'whose key it is; your own account when absent')
      .option('--parent <id>', 'the key that it is made under, whose budgets and limits bind it too'),
    false,
  )
    .addOption(jsonOption())
    .action(
      ({ mode, name, account, parent, json, ...rest }) =>
        createKey(world, { mode, name, account, parent, json, settings: rest as KeySettingOptions }), // As the table above has them.
    );
  keys
    .command('list')
    .description('list the keys of this account')
    .option('--account <id>', 'whose keys; your own account when absent')
    .addOption(jsonOption())
    .action((options) => listKeys(world, options));
  keys
    .command('show')
    .description('show the settings of a key, and what it has spent')
    .argument('<id>', id)
    .addOption(jsonOption())
    .action((key, options) => showKey(world, key, options));
  withSettings(
    keys
      .command('change')
      .description('change the settings of a key')
      .argument('<id>', id)
      .option('--name <name>', 'what you will know it by'),
    true,
  )
    .addOption(jsonOption())
    .action(
      (key, { name, json, ...rest }) => changeKey(world, key, { name, json, settings: rest as KeySettingOptions }), // As the table above has them.
    );
  keys
    .command('rotate')
    .description('a new key for the same id; the old one dies when the new one is first used, or after its grace')
    .argument('<id>', id)
    .addOption(
      new Option('--grace-s <seconds>', 'how long the old key is good at most').default(86_400).argParser(number),
    )
    .addOption(jsonOption())
    .action((key, options) => rotateKey(world, key, options));
  keys
    .command('revoke')
    .description('end a key for good, and those under it')
    .argument('<id>', id)
    .addOption(jsonOption())
    .action((key, options) => revokeKey(world, key, options));
}
