/**
 * The source of a regular expression that says the same to every reader of a JSON Schema, or undefined.
 *
 * Readers compile it in their own way: Ajv with the flag `u`, others with RE2, Rust's or Python's engine, and some APIs
 * of models refuse a whole list for one pattern that they cannot read. So only what all of them read alike is told:
 * literals, classes, groups, alternatives, bounds, `^`, `$`. The worker checks the whole of every rule itself.
 */
export function portablePattern({ source, flags }: RegExp): string | undefined {
  // `g` says where the next search begins, which zod sets to the start. All other flags change what fits.
  if (!/^[gu]*$/.test(flags) || !compiles(source)) return undefined;
  let rest = source;
  let mandatory = 0;
  while (rest !== '') {
    const [token = ''] = tokens.exec(rest) ?? [];
    if (token === '') return undefined;
    rest = rest.slice(token.length);
    if (!matchesAnything.test(token)) continue;
    // Without `u` these match half of a character beyond U+FFFF, with it the whole: bounds would count differently.
    if (flags.includes('u') || /^\*/.test(rest)) continue;
    mandatory += 1;
    if (!/^\+/.test(rest) || mandatory > 1 || /[()]/.test(source)) return undefined;
  }
  return source;
}

const escaped = String.raw`\\[dwsDWSbnrtfv^$\\.*+?()[\]{}|/-]`;
const plain = String.raw`[^\\^$.*+?()[\]{}|\ud800-\udfff]`;
const inClass = String.raw`(?:${escaped}|[^\\[\]\ud800-\udfff])`;
/** One token of the part of the language that every engine reads alike. Bounds up to 1000 are RE2's. */
const tokens = new RegExp(
  String.raw`^(?:${escaped}|\[\^?${inClass}+\]|\((?:\?:)?|\)|\||\^|\$|\.|[*+?]\??|\{(?:\d{1,3}|1000)(?:,(?:\d{1,3}|1000)?)?\}\??|${plain})`,
);
const matchesAnything = /^(?:\.$|\[\^|\\[DWS]$|\[.*\\[DWS])/s;

function compiles(source: string): boolean {
  try {
    new RegExp(source, 'u');
    return true;
  } catch {
    // Legal without the flag alone, such as `[\w-.]` and `\_`.
    return false;
  }
}
