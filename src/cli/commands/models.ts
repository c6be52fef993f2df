import type { CliWorld } from '../world.ts';
export async function listModels(_world: CliWorld, _o: { json: boolean }): Promise<void> {}
export async function showModel(_world: CliWorld, _id: string, _o: { json: boolean }): Promise<void> {}
