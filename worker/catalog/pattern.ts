/**
 * The source of a regular expression that means the same to every JSON Schema validator, or undefined.
 *
 * Validators compile patterns differently: Ajv with the flag `u`, others with RE2 or the Rust or Python engine. Some model
 * APIs reject a whole tool list for one unsupported pattern. So only the common subset is published: literals, classes,
 * groups, alternatives, quantifiers, `^`, `$`. The worker checks every pattern in full.
 */
export function portablePattern({ source, flags }: RegExp): string | undefined {
  // `g` only affects where a search starts, which zod resets. All other flags change what matches.
  if (!/^[gu]*$/.test(flags) || !compiles(source)) return undefined;
  let rest = source;
  let mandatory = 0;
  while (rest !== '') {
    const [token = ''] = tokens.exec(rest) ?? [];
    if (token === '') return undefined;
    rest = rest.slice(token.length);
    if (!matchesAnything.test(token)) continue;
    // Without `u` these match half of a surrogate pair, with it the whole pair, so quantifiers would count differently.
    if (flags.includes('u') || /^\*/.test(rest)) continue;
    mandatory += 1;
    if (!/^\+/.test(rest) || mandatory > 1 || /[()]/.test(source)) return undefined;
  }
  return source;
}

const escaped = String.raw`\\[dwsDWSbnrtfv^$\\.*+?()[\]{}|/-]`;
const plain = String.raw`[^\\^$.*+?()[\]{}|\ud800-\udfff]`;
const inClass = String.raw`(?:${escaped}|[^\\[\]\ud800-\udfff])`;
/** One token of the common subset. RE2 limits quantifiers to 1000. */
const tokens = new RegExp(
  String.raw`^(?:${escaped}|\[\^?${inClass}+\]|\((?:\?:)?|\)|\||\^|\$|\.|[*+?]\??|\{(?:\d{1,3}|1000)(?:,(?:\d{1,3}|1000)?)?\}\??|${plain})`,
);
const matchesAnything = /^(?:\.$|\[\^|\\[DWS]$|\[.*\\[DWS])/s;

function compiles(source: string): boolean {
  try {
    new RegExp(source, 'u');
    return true;
  } catch {
    // Valid only without the flag, such as `[\w-.]` and `\_`.
    return false;
  }
}
