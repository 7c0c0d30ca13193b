import { isRecord } from '../../model/json';

/** A block at the top of a Terraform file, such as `resource "cloudflare_dns_record" "weather" { … }`. */
export interface TerraformBlock {
  /** `resource`, `data` and the like. */
  readonly kind: string;
  readonly labels: readonly string[];
  /** Its own attributes that are written on one line: a text as it is, anything else as a template, `${local.zone_id}`. */
  readonly attributes: ReadonlyMap<string, string>;
}

/**
 * The blocks of a `.tf` or `.tf.json` file, read as far as it takes to compare addresses and names: what is computed stays
 * what it is, and a file that Terraform could not read has none.
 */
export function terraformBlocks(text: string, path: string): readonly TerraformBlock[] {
  return path.endsWith('.json') ? jsonBlocks(text) : hclBlocks(text);
}

function jsonBlocks(text: string): readonly TerraformBlock[] {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    // Terraform will say it.
    return [];
  }
  return entriesIn(content).flatMap(([kind, types]) => {
    // They have no labels: each of the list is a block.
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

/** Every level may be a list of objects (Terraform 1.11, JSON configuration syntax). */
function entriesIn(value: unknown): readonly [string, unknown][] {
  return [value].flat().flatMap((each) => (isRecord(each) ? Object.entries(each) : []));
}

/** Texts become their numbers and comments nothing, so that every brace that is left is one of a block. */
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

/** A template in a text, which may hold texts of its own. */
const template = /\$\{(?:[^{}"]|"(?:\\.|[^"\\])*"|\{[^{}]*\})*\}/.source;

/**
 * A comment of three kinds, a heredoc, or a text. There is one way to read each text, or one without an end would be read in
 * all the others first: what a template takes is nothing else.
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
