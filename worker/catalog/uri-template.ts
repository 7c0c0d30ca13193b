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

/** What is wrong with a template: one sentence, or undefined. */
export function templateError(template: string): string | undefined {
  const names = [...template.matchAll(expression)].map(([, name = '']) => name);
  const odd = names.find((name) => !/^[A-Za-z_]\w*$/.test(name));
  if (odd !== undefined) return `{${odd}} is no variable; level 1 of RFC 6570 has names alone, such as {city}`;
  if (isTemplate(template.replace(expression, ''))) return 'a brace has no partner';
  if (new Set(names).size < names.length) return 'a variable comes twice';
  return /\}\{/.test(template) ? 'two variables have no text between them, so nobody can tell them apart' : undefined;
}

/**
 * Makes the function that reads a URI by a template without errors: the decoded variables, or undefined when the URI does not
 * fit. The SDK's own class does not decode what it finds (1.32.2), and its expressions were open to attack (CVE-2026-0621):
 * here nothing is tried twice, and a variable ends where a segment does.
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
      // A percent sign that encodes nothing: no expansion of the template gives this URI.
      return undefined;
    }
  };
}

/**
 * What stands between texts in a URI that begins with the first of them and ends in the last. Found from the end, each text
 * where it comes last, so the time grows with the URI alone: an expression for `{a}-{b}` takes its square, which is hours
 * for the longest body.
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
