/** Something about a value that does not fit: where, the code of the reference, and the words for a model. */
export interface Misfit {
  readonly path: string;
  readonly code: string;
  readonly reason: string;
}

/** At most so many misfits are told of one call: a list of a million wrong items must not make an answer of 50 MB. */
const toldAtMost = 100;

export class Misfits {
  count = 0;
  readonly told: Misfit[] = [];

  push(misfit: Misfit): void {
    this.count += 1;
    if (this.told.length < toldAtMost) this.told.push(misfit);
  }

  add(parent: Place | null, key: string | number, code: string, reason: string): undefined {
    this.count += 1;
    if (this.told.length < toldAtMost) this.told.push({ path: pathTo(parent, key), code, reason });
  }

  /** Each misfit in one line, joined as the reference does it. */
  describe(line: (misfit: Misfit) => string): string {
    const more = this.count - this.told.length;
    return this.told.map(line).join('; ') + (more === 0 ? '' : `; and ${more} more`);
  }
}

/** Where a value stands. The text is made only when something does not fit. */
export interface Place {
  readonly parent: Place | null;
  readonly key: string | number;
}

function pathTo(parent: Place | null, key: string | number): string {
  const keys = [shortened(key)];
  for (let place = parent; place !== null; place = place.parent) keys.unshift(shortened(place.key));
  return keys.filter((part) => part !== '').join('.');
}

/** A caller may call a member as he likes; the text of it goes into answers and logs. */
function shortened(key: string | number): string | number {
  return typeof key === 'string' && key.length > 100 ? `${key.slice(0, 100)}…` : key;
}
