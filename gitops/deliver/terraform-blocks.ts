import { isRecord } from '../../model/json';

/** A top-level block of a Terraform file, such as `resource "cloudflare_dns_record" "weather" { … }`. */
export interface TerraformBlock {
  /** Such as `resource` or `data`. */
  readonly kind: string;
  readonly labels: readonly string[];
  /** Its own single-line attributes: a plain string unchanged, anything else as a template, `${local.zone_id}`. */
  readonly attributes: ReadonlyMap<string, string>;
}

/**
 * The blocks of a `.tf` or `.tf.json` file, parsed far enough to compare addresses and names. Expressions are not evaluated;
 * an invalid file has no blocks.
 */
export function terraformBlocks(text: string, path: string): readonly TerraformBlock[] {
  return path.endsWith('.json') ? jsonBlocks(text) : hclBlocks(text);
}

function jsonBlocks(text: string): readonly TerraformBlock[] {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    // Terraform reports it.
    return [];
  }
  return entriesIn(content).flatMap(([kind, types]) => {
    // These have no labels: each list entry is a block.
    if (/^(moved|import|removed)$/.test(kind)) return [types].flat().map((body) => jsonBlock(kind, [], body));
    return entriesIn(types).flatMap(([type, body]) =>
      ['resource', 'data'].includes(kind)
        ? entriesIn(body).map(([label, inner]) => jsonBlock(kind, [type, label], inner))
        : [jsonBlock(kind, [type], body)],
    );
  });
}

function jsonBlock(kind: string, labels: readonly string[], body: unknown): TerraformBlock {
  const texts = entriesIn(body).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as const] : []));
  return { kind, labels, attributes: new Map(texts) };
}

/** The entries of an object; every level may also be a list of objects (Terraform 1.11, JSON configuration syntax). */
function entriesIn(value: unknown): readonly [string, unknown][] {
  return [value].flat().flatMap((each) => (isRecord(each) ? Object.entries(each) : []));
}

/** Replaces strings by their index and comments by a space, so that every remaining brace belongs to a block. */
function hclBlocks(text: string): readonly TerraformBlock[] {
  const texts: string[] = [];
  const plain = text.replaceAll('\r\n', '\n').replace(textOrComment, (found) => {
    if (!/^["<]/.test(found)) return ' ';
    return `"${texts.push(found.startsWith('"') ? found.slice(1, -1) : '') - 1}"`;
  });
  const textOf = (number: string) => texts[Number(number)] ?? '';
  const meaningOf = (word: string) =>
    /^"\d+"$/.test(word)
      ? textOf(word.slice(1, -1))
      : `\${${word.replace(/"(\d+)"/g, (_, number: string) => JSON.stringify(textOf(number)))}}`;
  const blocks: TerraformBlock[] = [];
  let [depth, start, open] = [0, 0, 0];
  for (const { 0: brace, index } of plain.matchAll(/[{}]/g)) {
    if (brace === '{' && depth === 0) open = index;
    depth += brace === '{' ? 1 : -1;
    if (brace !== '}' || depth !== 0) continue;
    const [kind = '', ...labels] = plain.slice(start, open).match(/"\d+"|[\w-]+/g) ?? [];
    const attributes = attributesIn(plain.slice(open + 1, index), meaningOf);
    blocks.push({
      kind,
      labels: labels.map((label) => (label.startsWith('"') ? meaningOf(label) : label)),
      attributes,
    });
    start = index + 1;
  }
  return blocks;
}

function attributesIn(body: string, meaningOf: (word: string) => string): ReadonlyMap<string, string> {
  let own = body;
  for (let inner = ''; inner !== own; ) [inner, own] = [own, own.replace(/\{[^{}]*\}/g, '')];
  return new Map(
    [...own.matchAll(/^\s*([\w-]+)\s*=\s*(\S.*?)\s*$/gm)].map(([, name = '', value = '']) => [name, meaningOf(value)]),
  );
}

/** A template in a string, which may contain nested strings. */
const template = /\$\{(?:[^{}"]|"(?:\\.|[^"\\])*"|\{[^{}]*\})*\}/.source;

/**
 * A comment of three kinds, a heredoc, or a string. The alternatives for a string exclude each other; otherwise an unterminated
 * string would backtrack exponentially.
 */
const textOrComment = new RegExp(
  [
    /\/\*[\s\S]*?\*\//.source,
    /(?:#|\/\/)[^\n]*/.source,
    /<<-?(\w+)\n[\s\S]*?\n\s*\1(?=\n|$)/.source,
    `"(?:\\\\.|\\$\\$\\{|${template}|(?!\\$\\$\\{|${template})[^"\\\\])*"`,
  ].join('|'),
  'g',
);
