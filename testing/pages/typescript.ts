import { dirname, join, normalize } from 'node:path';
import { transformSync } from 'esbuild';
import { root } from '../../cli/root';
import { blocksOf, type CodeBlock } from './markdown';

/** A TypeScript block of a page as a module. */
export interface PageModule {
  readonly block: CodeBlock;
  /** Where it belongs, from the root: what its first line says in a comment. @default - a name made of its line */
  readonly path: string;
  readonly source: string;
}

/**
 * The TypeScript blocks of a page. One that is a whole file names it in its first line, `// servers/weather/tools/forecast.ts`;
 * a part of a file names in its fence what it is a part of, such as ```ts server; anything else is a file by itself.
 */
export function modulesOf(page: string): readonly PageModule[] {
  return blocksOf(page)
    .filter(({ language }) => language === 'ts')
    .map((block) => {
      const { line, context, text } = block;
      const path = /^\/\/ ((?:servers|platforms)\/\S+\.ts)$/m.exec(text.split('\n', 1)[0] ?? '')?.[1];
      if (path !== undefined) return { block, path, source: text };
      const wrap = wholes[context] ?? ((whole: string) => whole);
      return {
        block,
        path: `${context || 'block'}-${line}${context === 'test' ? '.test' : ''}.ts`,
        source: wrap(text),
      };
    });
}

/**
 * Runs a module of a page; what it imports from beside itself comes from the same page.
 * @param load loads everything else, as the caller's own `require` does
 * @returns its exports
 */
export function run(
  module: PageModule,
  beside: readonly PageModule[],
  load: (specifier: string) => unknown,
): { readonly default?: unknown } {
  const { code } = transformSync(module.source, { loader: 'ts', format: 'cjs', target: 'node20' });
  const made: { exports: { readonly default?: unknown } } = { exports: {} };
  const within = (specifier: string) => {
    const path = `${normalize(join(dirname(module.path), specifier))}.ts`;
    const found = specifier.startsWith('.') ? beside.find((other) => other.path === path) : undefined;
    return found === undefined ? load(specifier) : run(found, beside, load);
  };
  // Jest's own object is in no global, but in the scope of each of its modules.
  new Function('require', 'module', 'exports', 'jest', code)(within, made, made.exports, jest);
  return made.exports;
}

/** The file of the compiler, for a process of its own. */
export const compiler = join(root, 'node_modules/typescript/bin/tsc');

/** What parts of a file are parts of: text around them that makes a file. */
const wholes: Readonly<Record<string, (text: string) => string>> = {
  server: (text) => `import { defineServer } from '#server';
export default defineServer({ ${besides(text, server)} ${text} });
`,
  platform: (text) => platform(text),
  annotations: (text) => platform(`ways: { ingress: { ${ingress} ${text} } },`),
  run: (text) => `import { defineTool, z } from '#tool';
export default defineTool({
  description: 'Shown on a page.', input: z.strictObject({}), output: z.string(), asks: true,
  examples: [{ input: {}, context: { answers: [{ size: 'M' }] }, output: 'M' }],
  run: async (_, context) => { ${text} },
});
`,
  test: (text) => `import { defineTool, z } from '#tool';
import { callTool } from '#tool/testing';
const slow = defineTool({
  description: 'Never ends.', input: z.strictObject({}), output: z.string(), examples: [{ input: {}, fails: 'NETWORK_TRANSPORT_RUNTIME_TIMEOUT' }], run: () => new Promise<string>(() => {}),
});
test('does what the page says', async () => { ${text} });
afterEach(() => { jest.useRealTimers(); });
`,
  problem: (text) => `import { Problem } from '${join(root, 'model/problem')}';
export function refuse(server: { name: string; sealedFile: string }, key: string, found: string): never { ${text} }
`,
};

const server = { team: "'dispatch'", description: "'Weather.'", version: "'1.0.0'", image: "'1.0.0'" };
const ingress = "className: 'other', address: 'ingress.example.com', namespace: 'ingress',";

/** The members that a text does not have. */
function besides(text: string, members: Readonly<Record<string, string>>): string {
  const said = new Set([...text.matchAll(/^(\w+):/gm)].map(([, name]) => name));
  return Object.entries(members)
    .filter(([name]) => !said.has(name))
    .map(([name, value]) => `${name}: ${value},`)
    .join(' ');
}

/** A platform of the plain runtime; one whose secrets are elsewhere has no certificate. */
function platform(text: string): string {
  const isElsewhere = /kind: '(external|existing)'/.test(text);
  return `import { definePlatform } from '#platform';
import entry from '${join(root, 'testing/fixtures/platforms/test-cluster')}';
const { chart: _chart, certificate, ...rest } = entry;
export default definePlatform({ ...rest, ...(${isElsewhere} ? {} : { certificate }), ${text} });
`;
}
