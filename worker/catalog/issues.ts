/** One problem with a value: its path, the Python server's code, and a sentence for a model. */
export interface Issue {
  readonly path: string;
  readonly code: string;
  readonly reason: string;
}

/** The most issues listed per call: a list of a million invalid items must not cause a 50 MB response. */
const maxListed = 100;

/** Collects the issues with a value. */
export class Issues {
  count = 0;
  readonly listed: Issue[] = [];
  /** How many numbers in a result became null because JSON cannot represent them. */
  nulledNumbers = 0;
  /** The error that a rule threw, for the log. */
  cause: unknown;

  /** Adds an issue with a fixed reason. */
  add(parent: Place | null, key: string | number, code: keyof typeof reasons): undefined {
    this.addAs(parent, key, code, reasons[code]);
  }

  addAs(parent: Place | null, key: string | number, code: string, reason: string): undefined {
    this.count += 1;
    if (this.listed.length < maxListed) this.listed.push({ path: pathTo(parent, key), code, reason });
  }

  /** Adds an issue that a rule reports for a value or a part of it. */
  addBelow(
    parent: Place | null,
    key: string | number,
    path: readonly PropertyKey[],
    code: string,
    reason: string,
  ): void {
    const keys = path.map((part) => (typeof part === 'number' ? part : String(part)));
    const last = keys.pop();
    if (last === undefined) this.addAs(parent, key, code, reason);
    else
      this.addAs(
        keys.reduce<Place>((place, part) => ({ parent: place, key: part }), { parent, key }),
        last,
        code,
        reason,
      );
  }

  /** Adds an issue for a value that could not be checked because its rule threw. */
  notChecked(parent: Place | null, key: string | number, cause: unknown): undefined {
    this.cause ??= cause;
    return this.add(parent, key, 'not_checked');
  }

  /** All issues in one line, joined as in the reference. */
  describe(line: (issue: Issue) => string): string {
    const more = this.count - this.listed.length;
    return this.listed.map(line).join('; ') + (more === 0 ? '' : `; and ${more} more`);
  }
}

/** The reason for each code, copied from the Python server (arcade-mcp-server 1.26.0, pydantic). */
const reasons = {
  string_type: 'Input should be a valid string',
  int_type: 'Input should be a valid integer',
  int_from_float: 'Input should be a valid integer, got a number with a fractional part',
  int_parsing: 'Input should be a valid integer, unable to parse string as an integer',
  // Python integers are unbounded; ours would be rounded silently.
  int_parsing_size: 'Input should be a valid integer, at most 9007199254740991 in absolute value',
  finite_number: 'Input should be a finite number',
  float_type: 'Input should be a valid number',
  float_parsing: 'Input should be a valid number, unable to parse string as a number',
  bool_type: 'Input should be a valid boolean',
  bool_parsing: 'Input should be a valid boolean, unable to interpret input',
  dict_type: 'Input should be a valid dictionary',
  list_type: 'Input should be a valid list',
  not_json: 'Input should be a value that JSON can hold',
  // JSON.parse has rounded it already.
  json_number_size:
    'Input should hold no whole number above 9007199254740991 in absolute value; send such a number as text',
  json_depth: 'Input should not be nested that deep',
  not_checked: 'Input could not be checked: a rule of the tool failed',
  invalid_key: 'Input should not have a member of this name',
  missing: 'Field required',
  extra_forbidden: 'Extra inputs are not permitted',
} as const;

/** The position of a value. Converted to a path only for an issue. */
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
