/** A drawing that grows element by element. Coordinates are whole pixels. */
export type Svg = string;

/** An element with its attributes in the given order; the content is markup. */
export function element(name: string, attributes: Readonly<Record<string, string | number>>, content?: Svg): Svg {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(String(value))}"`);
  return content === undefined ? `<${name}${written.join('')}/>` : `<${name}${written.join('')}>${content}</${name}>`;
}

/** Text as markup. */
export function escaped(text: string): Svg {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/**
 * A text that fits a width in a monospaced face of 11 pixels, in which a character takes 6.6: the middle is left out of
 * what is longer, for names tend to differ at both ends. Nothing is measured, so every machine draws the same.
 */
export function fitted(text: string, width: number): string {
  const most = Math.floor(width / 6.6);
  if (text.length <= most) return text;
  const head = Math.ceil((most - 1) / 2);
  return `${text.slice(0, head)}…${text.slice(text.length - (most - 1 - head))}`;
}
