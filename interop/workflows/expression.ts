/** The contexts that a workflow expression may read: `github`, `matrix`, `secrets` and so on, with their members. */
export type Contexts = Readonly<Record<string, unknown>>;

/**
 * Evaluates the subset of GitHub expressions that our workflows use: members, `[…]`, strings, numbers, `!`, `==`, `!=`, `&&`, `||`, and
 * the functions fromJSON and cancelled (docs.github.com, "Evaluate expressions", 2026-11).
 * @throws Error for any other syntax
 */
export function evaluate(expression: string, contexts: Contexts): unknown {
  const tokens = expression.match(/'(?:[^']|'')*'|&&|\|\||[!=]=|[!()[\].,]|[\w-]+|\S/g) ?? [];
  let at = 0;
  const isNext = (token: string) => tokens[at] === token && at++ >= 0;
  const expect = (token: string) => {
    if (!isNext(token)) throw new Error(`expected "${token}" in ${expression}`);
  };
  const either = (): unknown => {
    let left = both();
    while (isNext('||')) left = ((right) => left || right)(both());
    return left;
  };
  const both = (): unknown => {
    let left = compared();
    while (isNext('&&')) left = ((right) => left && right)(compared());
    return left;
  };
  const compared = (): unknown => {
    const left = single();
    if (isNext('==')) return left === single();
    return isNext('!=') ? left !== single() : left;
  };
  const single = (): unknown => {
    if (isNext('!')) return !single();
    const token = tokens[at++] ?? '';
    if (token.startsWith("'")) return token.slice(1, -1).replaceAll("''", "'");
    if (/^\d+$/.test(token)) return Number(token);
    if (token === '(' || token === 'fromJSON') return grouped(token);
    if (token === 'cancelled') {
      expect('(');
      expect(')');
      return false;
    }
    if (!/^[\w-]+$/.test(token)) throw new Error(`cannot read "${token}" in ${expression}`);
    return members(token === 'null' ? null : contexts[token]);
  };
  const grouped = (opening: string): unknown => {
    if (opening === 'fromJSON') expect('(');
    const value = either();
    expect(')');
    return members(opening === 'fromJSON' ? JSON.parse(String(value)) : value);
  };
  const members = (start: unknown): unknown => {
    let value = start;
    for (;;) {
      if (isNext('.')) value = Object(value)[tokens[at++] ?? ''];
      else if (isNext('[')) {
        const key = either();
        value = Object(value)[String(key)];
        expect(']');
      } else return value ?? null;
    }
  };
  const value = either();
  if (at < tokens.length) throw new Error(`cannot read "${tokens[at]}" in ${expression}`);
  return value;
}

/** Replaces every `${{ … }}` with its value. */
export function interpolate(text: string, contexts: Contexts): string {
  return text.replaceAll(/\$\{\{(.*?)\}\}/gs, (_whole, expression) => String(evaluate(expression, contexts) ?? ''));
}
