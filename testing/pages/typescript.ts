import { dirname, join, normalize } from 'node:path';
import { transformSync } from 'esbuild';
import { root } from '../../cli/root';
import { blocksOf, type CodeBlock } from './markdown';

/** A TypeScript block of a page as a module. */
export interface PageModule {
  readonly block: CodeBlock;
  /** Its path from the root, which a comment in its first line names. @default - a name with its line number */
  readonly path: string;
  readonly source: string;
}

/**
 * The TypeScript blocks of a page. A whole file names its path in its first line, `// servers/weather/tools/forecast.ts`; a
 * part of a file names the kind of file in its fence, such as ```ts server; any other block is a file by itself.
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
 * Runs a module of a page. Its relative imports come from the same page.
 * @param load loads all other imports, like the caller's `require`
 * @returns its exports
 */
export function run(
  module: PageModule,
  beside: readonly PageModule[],
  load: (specifier: string) => unknown,
): { readonly default?: unknown } {
  const { code } = transformSync(module.source, { loader: 'ts', format: 'cjs', target: 'node20' });
  const loaded: { exports: { readonly default?: unknown } } = { exports: {} };
  const within = (specifier: string) => {
    const path = `${normalize(join(dirname(module.path), specifier))}.ts`;
    const found = specifier.startsWith('.') ? beside.find((other) => other.path === path) : undefined;
    return found === undefined ? load(specifier) : run(found, beside, load);
  };
  // `jest` is not a global: Jest puts it in the scope of each module.
  new Function('require', 'module', 'exports', 'jest', code)(within, loaded, loaded.exports, jest);
  return loaded.exports;
}

/** The path of the compiler, to run it in a separate process. */
export const compiler = join(root, 'node_modules/typescript/bin/tsc');

/** Turns a part of a file into a whole file, by the kind of file. */
const wholes: Readonly<Record<string, (text: string) => string>> = {
  server: (text) => `import { defineServer } from '#server';
export default defineServer({ ${missingFrom(text, server)} ${text} });
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

/** The members that a part does not set itself. */
function missingFrom(text: string, members: Readonly<Record<string, string>>): string {
  const present = new Set([...text.matchAll(/^(\w+):/gm)].map(([, name]) => name));
  return Object.entries(members)
    .filter(([name]) => !present.has(name))
    .map(([name, value]) => `${name}: ${value},`)
    .join(' ');
}

/** A platform of the plain runtime, without a certificate if its secrets are not sealed. */
function platform(text: string): string {
  const isElsewhere = /kind: '(external|existing)'/.test(text);
  return `import { definePlatform } from '#platform';
import entry from '${join(root, 'testing/fixtures/platforms/test-cluster')}';
const { chart: _chart, certificate, ...rest } = entry;
export default definePlatform({ ...rest, ...(${isElsewhere} ? {} : { certificate }), ${text} });
`;
}
