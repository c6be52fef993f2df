/** Thrown when this process must end before the work does, and another one can go on with it. */
export class HandedOver extends Error {
  constructor() {
    super('the work is left to another process');
    this.name = 'HandedOver';
  }
}
