/** Thrown by an admission whose idempotency key another request took first; nothing has been written. */
export class KeyTaken extends Error {}
