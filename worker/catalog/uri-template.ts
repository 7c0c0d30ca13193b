/** A name in braces: the only expression of level 1 (RFC 6570). */
const expression = /\{([^{}]*)\}/g;

/** The variables of a template, such as `{ city: string }` of `weather://{city}/now`. */
export type Variables<Uri extends string> = Uri extends `${string}{${infer Name}}${infer Rest}`
  ? { readonly [Each in Name]: string } & Variables<Rest>
  : unknown;

/** Whether a URI has variables. */
export function isTemplate(uri: string): boolean {
  return /[{}]/.test(uri);
}

/** The error in a template, in one sentence. Undefined for a valid one. */
export function templateError(template: string): string | undefined {
  const names = [...template.matchAll(expression)].map(([, name = '']) => name);
  const odd = names.find((name) => !/^[A-Za-z_]\w*$/.test(name));
  if (odd !== undefined) return `{${odd}} is not a variable; level 1 of RFC 6570 allows only names, such as {city}`;
  if (isTemplate(template.replace(expression, ''))) return 'it has an unmatched brace';
  if (new Set(names).size < names.length) return 'it uses a variable twice';
  return /\}\{/.test(template) ? 'two variables have no text between them, which is ambiguous' : undefined;
}

/**
 * Creates a matcher for a valid template: it returns the decoded variables, or undefined if the URI does not match. The SDK's
 * class does not decode variables (1.32.2), and its regular expressions allowed ReDoS (CVE-2026-0621): this matcher never
 * backtracks, and a variable does not span path segments.
 */
export function templateReader(template: string): (uri: string) => Readonly<Record<string, string>> | undefined {
  const names = [...template.matchAll(expression)].map(([, name = '']) => name);
  const texts = template.split(/\{[^{}]*\}/);
  return (uri) => {
    const values = valuesIn(uri, texts);
    if (values === undefined) return undefined;
    try {
      return Object.fromEntries(names.map((name, index) => [name, decodeURIComponent(values[index] ?? '')]));
    } catch {
      // Invalid percent-encoding: no expansion of the template gives this URI.
      return undefined;
    }
  };
}

/**
 * The values between the literal texts of a template. Searches from the end, for the last occurrence of each text, in linear
 * time: a regular expression for `{a}-{b}` takes quadratic time, which is hours for the longest body.
 */
function valuesIn(uri: string, [first = '', ...others]: readonly string[]): readonly string[] | undefined {
  const values: string[] = [];
  let end = uri.length;
  for (const [fromEnd, text] of others.reverse().entries()) {
    const at = fromEnd === 0 ? end - text.length : uri.lastIndexOf(text, end - text.length - 1);
    if (at < first.length || !uri.startsWith(text, at)) return undefined;
    if (fromEnd > 0) values.unshift(uri.slice(at + text.length, end));
    end = at;
  }
  values.unshift(uri.slice(first.length, end));
  return uri.startsWith(first) && values.every((value) => /^[^/?#{}]+$/.test(value)) ? values : undefined;
}
