import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from '../../cli/root';

/** A fenced block of a page: its language and, after it, the kind of file that the block is a part of. */
export interface CodeBlock {
  readonly page: string;
  /** The line of the opening fence, from 1. */
  readonly line: number;
  /** @default - an empty string */
  readonly language: string;
  /** The word after the language, such as `server`, which GitHub does not show. @default - an empty string */
  readonly context: string;
  readonly text: string;
}

/** The paths of all pages, from the root: those in the root and in docs/. */
export const pages: readonly string[] = [
  ...readdirSync(root).filter((file) => file.endsWith('.md')),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => join('docs', file)),
].sort();

/** The code blocks of a page, from top to bottom. @param text @default - what the page has on disk */
export function blocksOf(page: string, text = read(page)): readonly CodeBlock[] {
  return [...text.matchAll(fenced)].map(({ index, 2: info = '', 3: code = '' }) => {
    const [language = '', context = ''] = info.trim().split(/\s+/);
    return { page, line: text.slice(0, index).split('\n').length, language, context, text: code };
  });
}

/** A page without its code blocks, with each line where it was. */
export function proseOf(page: string, text = read(page)): string {
  return text.replaceAll(fenced, (block) => block.replaceAll(/[^\n]/g, ''));
}

/** The links of a page that lead to a file or heading that does not exist, each with its line. */
export function brokenLinks(page: string, text = read(page)): readonly string[] {
  return proseOf(page, text)
    .split('\n')
    .flatMap((line, index) =>
      [...line.replaceAll(/`[^`]*`/g, '').matchAll(/\]\(([^()\s]*)\)/g)]
        .filter(([, target = '']) => !/^https?:\/\//.test(target) && !isReached(page, target, text))
        .map(([, target]) => `${page}:${index + 1} ${target}`),
    );
}

function isReached(page: string, target: string, text: string): boolean {
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? page : join(dirname(page), path);
  if (file !== page && !existsSync(join(root, file))) return false;
  return (
    anchor === undefined || (file.endsWith('.md') && anchorsOf(file, file === page ? text : read(file)).has(anchor))
  );
}

/** The anchors that GitHub gives the headings of a page (github-slugger 2.0.0): a repeated one ends in a number. */
export function anchorsOf(page: string, text = read(page)): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of proseOf(page, text).matchAll(/^#{1,6} (.+)$/gm)) {
    const slug = heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-');
    let anchor = slug;
    for (let count = 1; anchors.has(anchor); count++) anchor = `${slug}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** Also one that is indented in a list. */
const fenced = /^( *)```(.*)\n([\s\S]*?)^\1```$/gm;

function read(page: string): string {
  return readFileSync(join(root, page), 'utf8');
}
