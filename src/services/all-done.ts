/** Throws what the first of them threw, but not before the others have ended: nothing goes on after its generation. */
export async function allDone(works: readonly Promise<void>[]): Promise<void> {
  const ends = await Promise.allSettled(works);
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
