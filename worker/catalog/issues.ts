/** Something about a value that does not fit: where, the code of the reference, and a sentence for a model. */
export interface Issue {
  readonly path: string;
  readonly code: string;
  readonly reason: string;
}

/** How many issues of one call are listed: a list of a million wrong items must not become a response of 50 MB. */
const listedAtMost = 100;

/** Collects what is wrong with a value. */
export class Issues {
  count = 0;
  readonly listed: Issue[] = [];

  push(issue: Issue): void {
    this.count += 1;
    if (this.listed.length < listedAtMost) this.listed.push(issue);
  }

  add(parent: Place | null, key: string | number, code: string, reason: string): undefined {
    this.count += 1;
    if (this.listed.length < listedAtMost) this.listed.push({ path: pathTo(parent, key), code, reason });
  }

  /** Each issue in one line, joined as the reference does it. */
  describe(line: (issue: Issue) => string): string {
    const more = this.count - this.listed.length;
    return this.listed.map(line).join('; ') + (more === 0 ? '' : `; and ${more} more`);
  }
}

/** The position of a value. Its text is made only when something does not fit. */
export interface Place {
  readonly parent: Place | null;
  readonly key: string | number;
}

function pathTo(parent: Place | null, key: string | number): string {
  const keys = [shortened(key)];
  for (let place = parent; place !== null; place = place.parent) keys.unshift(shortened(place.key));
  return keys.filter((part) => part !== '').join('.');
}

/** Callers choose these names and we echo them in responses and logs, so their length is capped. */
function shortened(key: string | number): string | number {
  return typeof key === 'string' && key.length > 100 ? `${key.slice(0, 100)}…` : key;
}
