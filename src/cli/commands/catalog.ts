/** `gesso catalog check`: reads every page of the catalogue and tells all faults at once. */
import { openTerminal } from '../terminal.ts';
import type { CliWorld } from '../world.ts';

/** Returns the exit code: 1 when there is a fault. */
export async function checkCatalog(world: CliWorld, { json }: { readonly json: boolean }): Promise<number> {
  const { models, offers, faults } = await world.parts.checkCatalog();
  const code = faults.length > 0 ? 1 : 0;
  if (json) {
    world.stdout.write(`${JSON.stringify({ models, offers, faults }, null, 2)}\n`);
    return code;
  }
  const terminal = openTerminal(world.stdout, world.env);
  for (const fault of faults) terminal.line(`${terminal.paint('red', 'fault:')} ${fault}`);
  const count = faults.length === 0 ? 'no faults' : `${faults.length} ${faults.length === 1 ? 'fault' : 'faults'}`;
  if (faults.length > 0)
    terminal.line(terminal.paint('bold', `${count}: each is mended in the file that it names, under catalog/.`));
  else terminal.line(`${models} models, ${offers} offers, ${count}.`);
  return code;
}
