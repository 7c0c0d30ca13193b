import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { platformFrom } from './model/platform';
import { serversFrom } from './model/spec';
import packageJson from './package.json';
import entry from './testing/fixtures/platforms/test-cluster';
import { scriptOf, shownCommands } from './testing/pages/commands';
import { blocksOf, brokenLinks, pages, proseOf } from './testing/pages/markdown';
import { compiler, modulesOf, type PageModule, run } from './testing/pages/typescript';
import { runExample } from './worker/catalog/example';
import { loadCatalog } from './worker/catalog/load';

// What README and docs/ show is true: links lead somewhere, code compiles and runs, commands exist. Their flags are held by
// testing/pages/commands.test.ts, which takes longer.

test.each(pages)('%s links to files and headings that exist', (page) => {
  expect(brokenLinks(page)).toEqual([]);
});

test('the README leads to every page of docs/', () => {
  const linked = new Set([...proseOf('README.md').matchAll(/\]\(([^)#]*)/g)].map(([, target = '']) => target));
  const led = pages.filter((page) => linked.has(page) || [...linked].some((folder) => page.startsWith(`${folder}/`)));
  expect(pages.filter((page) => page.startsWith('docs/') && !led.includes(page))).toEqual([]);
});

test.each(pages)('%s names files and folders that exist', (page) => {
  const named = [...proseOf(page).matchAll(/`((?:[\w.-]+\/)+[\w.-]*)`/g)].map(([, path = '']) => path);
  const ours = /^(charts|dns|gitops|worker|model|cli|testing|imports|interop|bench|docs)\//;
  expect(named.filter((path) => ours.test(path) && !existsSync(join(__dirname, path)))).toEqual([]);
});

test('every npm command on a page is a script, and every program in a shell block is a known one', () => {
  const { scripts } = packageJson;
  const programs = /^(npm|npx|node|git|kubectl|kubeseal|flux|curl|cat|jq)$/;
  const unknown = shownCommands.filter((command) => {
    const script = scriptOf(command)?.script;
    return script === undefined ? !programs.test(command.words[0] ?? '') : !(script in scripts);
  });
  expect(shownCommands.length).toBeGreaterThan(100);
  expect(unknown.map(({ page, line, text }) => `${page}:${line} ${text}`)).toEqual([]);
});

const blocks = pages.flatMap((page) => blocksOf(page));
const readers: Readonly<Record<string, (text: string) => unknown>> = { json: JSON.parse, yaml: (text) => parse(text) };

test('every code block says in which language it is, and JSON and YAML can be read', () => {
  const unread = blocks.filter(({ language, text }) => {
    if (/^(sh|ts|mermaid|text)$/.test(language)) return false;
    try {
      return readers[language]?.(text) === undefined;
    } catch {
      return true;
    }
  });
  expect(blocks.length).toBeGreaterThan(30);
  expect(unread.map(({ page, line, language }) => `${page}:${line} ${language}`)).toEqual([]);
});

const modules = pages.flatMap(modulesOf);

test('every TypeScript block compiles', () => {
  mkdirSync(join(__dirname, '.cache'), { recursive: true });
  const folder = mkdtempSync(join(__dirname, '.cache', 'pages-'));
  try {
    for (const { block, path, source } of modules) {
      const file = join(folder, block.page, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, source);
    }
    const config = { extends: join(__dirname, 'tsconfig.json'), include: ['.'], exclude: [] };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
    const { stdout } = spawnSync(process.execPath, [compiler, '--project', folder], { encoding: 'utf8' });
    expect(stdout).toBe('');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

for (const page of pages) {
  const beside = modules.filter(({ block }) => block.page === page);
  for (const module of beside) {
    const title = `${page}:${module.block.line}`;
    const exported = () => run(module, beside, require).default;
    if (module.path.endsWith('.test.ts')) describe(title, () => declareTests(exported));
    else test(`${title} ${whatRuns(module)}`, () => check(module, exported()));
  }
}

/** A block whose tests cannot be declared fails on its own, and not the tests of every page. */
function declareTests(load: () => unknown): void {
  try {
    load();
  } catch (error) {
    test('can be loaded', () => {
      throw error;
    });
  }
}

function whatRuns({ path, block: { context } }: PageModule): string {
  if (/^servers\/.*\/server\.ts$/.test(path) || context === 'server') return 'is a declaration without a problem';
  if (/^(platform|annotations)$/.test(context)) return 'is a platform without a problem';
  if (/\/tools\//.test(path) || context === 'run') return 'is a tool that does what its examples say';
  return 'can be loaded';
}

async function check(module: PageModule, exported: unknown): Promise<void> {
  const what = whatRuns(module);
  if (what.startsWith('is a declaration')) {
    const platforms = ['staging', 'production'].map(platformNamed);
    const { problems } = serversFrom({ name: 'weather', entry: exported, tools: ['forecast'] }, platforms);
    expect(problems).toEqual([]);
  } else if (what.startsWith('is a platform')) {
    expect(platformFrom('production', exported)).toMatchObject({ name: 'production' });
  } else if (what.startsWith('is a tool')) {
    const toolkit = { name: 'weather', version: '1.0.0', description: 'Weather.' };
    const { tools } = loadCatalog(toolkit, new Map([['forecast', exported]]));
    for (const tool of tools)
      for (const example of tool.definition.examples) {
        const { expected, received } = await runExample(tool, example);
        expect(received).toEqual(expected);
      }
  }
}

/** A platform with everything that a declaration may ask for. */
function platformNamed(name: string) {
  const { chart: _chart, ...plain } = entry;
  const dns = { ...entry.dns, zone: `${name}.example.com` };
  const platform = platformFrom(name, { ...plain, dns, monitoring: { namespace: 'monitoring' } }, false);
  if ('name' in platform) return platform;
  throw new Error(platform.map(({ message }) => message).join('\n'));
}
