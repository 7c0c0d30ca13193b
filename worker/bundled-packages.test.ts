import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { recordedRepository } from '../testing/repository-copy';
import { bundle } from './build.mjs';

const repository = recordedRepository();
const folder = mkdtempSync(join(tmpdir(), 'build-'));

/** Adds a server with one tool to the copy. @returns its folder, from the root */
function server(name: string, run: string, files: Readonly<Record<string, string>> = {}): string {
  const tool = `import { defineTool, z } from '#tool';
${Object.keys(files).length > 0 ? "import { helper } from '../lib/helper';" : ''}
export default defineTool({
  description: 'A test tool.',
  input: z.strictObject({ text: z.string().describe('A text.') }),
  output: z.string(),
  examples: [{ input: { text: 'a' }, output: 'a' }],
  run: ${run},
});
`;
  const declaration = `import { defineServer } from '#server';
export default defineServer({ team: 't', description: 'A test server.', version: '1.0.0' });
`;
  for (const [file, text] of Object.entries({ ...files, 'server.ts': declaration, 'tools/say.ts': tool })) {
    const path = join(repository, 'servers', name, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  return `servers/${name}`;
}

/** The output of a bundled worker after one call over stdio, in a folder without packages. */
function answerOf(file: string, tool: string): string {
  const clientInfo = { name: 'test', version: '1' };
  const messages = [
    { id: 1, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo } },
    { method: 'notifications/initialized' },
    { id: 2, method: 'tools/call', params: { name: tool, arguments: { text: 'there' } } },
  ];
  const input = messages.map((message) => `${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`).join('');
  const env = { PATH: process.env.PATH, ARCADE_SERVER_TRANSPORT: 'stdio' };
  return spawnSync(process.execPath, [file], { cwd: folder, env, input, encoding: 'utf8' }).stdout;
}

const dynamicImport = "async ({ text }) => (await import('zod')).z.string().parse(text)";

test('a bundle requires only Node, also for dynamic imports', async () => {
  const file = join(folder, 'worker.cjs');
  await bundle(repository, server('lonely', dynamicImport), file);
  expect(readdirSync(folder).sort()).toEqual(['worker.cjs', 'worker.cjs.map']);
  expect(answerOf(file, 'Lonely_Say')).toContain('"result":"there"');
});

test('caches bundled packages, and bundles them again after another installation', async () => {
  const file = join(folder, 'again.cjs');
  const again = async () => {
    await bundle(repository, server('again', dynamicImport), file);
    const [cached = ''] = readdirSync(join(repository, 'build')).filter((name) => name.startsWith('packages-'));
    return { bundle: readFileSync(file, 'utf8'), cached: join(repository, 'build', cached) };
  };
  const first = await again();
  const { ino } = statSync(first.cached);
  expect(await again()).toEqual(first);
  expect(statSync(first.cached).ino).toBe(ino);
  writeFileSync(first.cached, `// of another installation\n${readFileSync(first.cached, 'utf8')}`);
  expect(await again()).toEqual(first);
  expect(readFileSync(first.cached, 'utf8')).not.toContain('of another installation');
});

test('names a package of the lockfile that is not installed', async () => {
  const path = join(repository, 'package-lock.json');
  const lockfile = JSON.parse(readFileSync(path, 'utf8'));
  writeFileSync(path, JSON.stringify({ packages: { ...lockfile.packages, 'node_modules/not-installed': {} } }));
  const missing = server('missing', '({ text }) => helper(text)', {
    'lib/helper.ts': "import 'not-installed';\nexport const helper = (text: string) => text;\n",
  });
  await expect(bundle(repository, missing, join(folder, 'missing.cjs'))).rejects.toMatchObject({
    errors: [{ text: expect.stringContaining('"not-installed"') }],
  });
  expect(existsSync(join(folder, 'missing.cjs'))).toBe(false);
});
