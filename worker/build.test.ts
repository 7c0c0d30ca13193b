import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { declarationOf, emptyRepository } from '../testing/repository-copy';
import { bundle, foreignImports } from './build.mjs';
import { maxResourceBytes } from './catalog/resource';
import { maxFileBytes } from './server-files.mjs';

const root = emptyRepository();
write('servers/other/lib/names.ts', "export const names = ['one'];");
write('servers/echo/server.ts', declarationOf('echo', "description: 'Echoes text.', version: '1.0.0',"));
write('servers/echo/lib/again.ts', 'export const again = (text: string) => text;');

const allowed = [
  "import { again } from '../lib/again';",
  "import { createHash } from 'node:crypto';",
  "import { trace } from '@opentelemetry/api';",
  "import * as schemas from 'zod/v4';",
];

test.each([
  ['another server', "export { names } from '../../other/lib/names';", '../../other/lib/names'],
  ['the charts', "import '../../../charts/render';", '../../../charts/render'],
  ['the worker past "#tool"', "import '../../../worker/json';", '../../../worker/json'],
  ['a file by its absolute path', `import '${root}/cli/root';`, `${root}/cli/root`],
  ['the declaration of servers', "import '#server';", '#server'],
  ['a package that is not in the lockfile', "import 'left-pad';", 'left-pad'],
  ['a subpath of such a package', "import '@nobody/left-pad/lib';", 'npm install --save-exact @nobody/left-pad'],
  ['another server dynamically', "void import('../../other/lib/names');", '../../other/lib/names'],
  ['another server with require', "require('../../other/lib/names');", '../../other/lib/names'],
])('rejects a tool that imports %s and names the import', async (_, line, text) => {
  write('servers/echo/tools/echo.ts', toolOf(line));
  const [message, ...others] = await foreignImports(root, 'servers/echo');
  expect(message).toMatch(/^TOOL-IMPORT Cannot build servers\/echo\/tools\/echo\.ts: it imports "/);
  expect(message).toContain(text);
  expect(others).toEqual([]);
});

test('the build rejects such a tool too, and keeps the last successful bundle', () => {
  write('servers/echo/tools/echo.ts', toolOf("import '../../other/lib/names';"));
  write('build/echo.cjs', 'the last successful bundle');
  const { status, stderr } = build();
  expect(status).toBe(1);
  expect(stderr).toContain('TOOL-IMPORT Cannot build servers/echo/tools/echo.ts: it imports "../../other/lib/names"');
  expect(readFileSync(join(root, 'build/echo.cjs'), 'utf8')).toBe('the last successful bundle');
});

test('rejects a foreign import in lib/ too', async () => {
  write('servers/echo/tools/echo.ts', toolOf("import '../lib/far';"));
  write('servers/echo/lib/far.ts', "import '../../other/lib/names';");
  expect(await foreignImports(root, 'servers/echo')).toEqual([
    expect.stringContaining('servers/echo/lib/far.ts: it imports "../../other/lib/names"'),
  ]);
});

test('allows imports of lib/, Node, and packages of the lockfile with their subpaths', async () => {
  write('servers/echo/tools/echo.ts', toolOf(allowed.join('\n')));
  expect(await foreignImports(root, 'servers/echo')).toEqual([]);
  const { status, stderr } = build();
  expect([status, stderr]).toEqual([0, '']);
  expect(existsSync(join(root, 'build/echo.cjs.map'))).toBe(true);
});

test('only the bundle of `npm run dev` contains the code that lets local callers use secrets', async () => {
  write('servers/echo/tools/echo.ts', toolOf(''));
  const [image, dev] = ['build/image.cjs', 'build/dev.cjs'].map((file) => join(root, file));
  await bundle(root, 'servers/echo', image ?? '');
  await bundle(root, 'servers/echo', dev ?? '', { trial: 'worker/dev/trial' });
  const [inImage, inDev] = [image, dev].map((file) => readFileSync(file ?? '', 'utf8').includes('TOOL_SECRET_'));
  expect([inImage, inDev]).toEqual([false, true]);
});

test.each([
  ['no tools', 'empty', 'TOOL-FILE'],
  ['a declaration without a description', 'silent', 'SERVER-FIELD'],
])('does not build a server with %s', (_, name, code) => {
  write('servers/empty/server.ts', declarationOf('empty', "description: 'Without tools.', version: '1.0.0',"));
  write('servers/empty/tools/echo.test.ts', '');
  write('servers/silent/server.ts', declarationOf('silent'));
  write('servers/silent/tools/echo.ts', toolOf(''));
  const { status, stderr } = build(name);
  expect(status).toBe(1);
  expect(stderr).toContain(code);
  expect(existsSync(join(root, `build/${name}.cjs`))).toBe(false);
});

test('bundles the files of resources, and rejects links, large files and ambiguous names', async () => {
  write('servers/shown/server.ts', declarationOf('shown', "description: 'Shows it.', version: '1.0.0',"));
  write('servers/shown/tools/echo.ts', toolOf(''));
  write('servers/shown/resources/guide.test.ts', 'not a module');
  write('servers/shown/resources/.DS_Store', 'not a resource');
  write('servers/shown/resources/in/guide.md', '# Guide');
  write(
    'servers/shown/resources/guide.ts',
    "import { defineResource } from '#tool';\nexport default defineResource({ uri: 'docs://guide', file: 'in/guide.md' });\n",
  );
  expect(build('shown')).toMatchObject({ status: 0, stderr: '' });
  const checked = () => spawnSync(process.execPath, ['build/shown.cjs', '--check'], { cwd: root, encoding: 'utf8' });
  expect(checked()).toMatchObject({ status: 0, stderr: '' });
  expect(readFileSync(join(root, 'build/shown.cjs'), 'utf8')).not.toContain('DS_Store');
  write('servers/shown/resources/in/guide.md', Buffer.alloc(maxFileBytes + 1, 'a').toString());
  write('servers/shown/resources/guide', 'a file that would replace the resource');
  symlinkSync(join(root, 'package.json'), join(root, 'servers/shown/resources/other.json'));
  const { status, stderr } = build('shown');
  expect([status, stderr.trim().split('\n')]).toEqual([
    1,
    [
      'TOOL-FILE Cannot build servers/shown: resources/guide has the same name as resources/guide.ts; add a file extension',
      'TOOL-FILE Cannot build servers/shown: resources/in/guide.md has 2097153 bytes, more than 2097152',
      'TOOL-FILE Cannot build servers/shown: resources/other.json is a link; replace it with the file',
    ],
  ]);
  expect(maxFileBytes).toBe(maxResourceBytes);
});

test('rejects a resources folder that is a link', () => {
  write('servers/linked/tools/echo.ts', toolOf(''));
  write('servers/linked/server.ts', declarationOf('linked', "description: 'Linked.', version: '1.0.0',"));
  symlinkSync(join(root, 'model'), join(root, 'servers/linked/resources'));
  const { status, stderr } = build('linked');
  expect([status, stderr.trim()]).toEqual([
    1,
    'TOOL-FILE Cannot build servers/linked: resources is not a folder or is a link; replace it with a folder',
  ]);
});

test('rejects a foreign import in a resource', async () => {
  write('servers/echo/tools/echo.ts', toolOf(''));
  write('servers/echo/resources/guide.ts', "import '../../other/lib/names';");
  const [message] = await foreignImports(root, 'servers/echo');
  rmSync(join(root, 'servers/echo/resources'), { recursive: true });
  expect(message).toContain('servers/echo/resources/guide.ts: it imports "../../other/lib/names"');
});

function build(name = 'echo') {
  return spawnSync(process.execPath, ['worker/build.mjs', name], { cwd: root, encoding: 'utf8' });
}

function toolOf(lines: string): string {
  return `import { defineTool, z } from '#tool';\n${lines}\nexport default defineTool({
  description: 'Echo the text.',
  input: z.strictObject({ text: z.string().describe('The text.') }),
  output: z.string(),
  examples: [{ input: { text: 'a' }, output: 'a' }],
  run: ({ text }) => text,
});
`;
}

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

test.each([
  [
    'a pattern',
    () => {
      const pattern = ['../../other/lib/$', '{n}.ts'].join('');
      write('servers/echo/tools/echo.ts', toolOf(`const n = 'names';\nrequire(\`${pattern}\`);`));
    },
  ],
  [
    'a link',
    () => {
      write('servers/echo/tools/echo.ts', toolOf("import '../lib/linked';"));
      symlinkSync(join(root, 'charts/yaml.ts'), join(root, 'servers/echo/lib/linked.ts'));
    },
  ],
  [
    'a package.json',
    () => {
      write('servers/echo/tools/echo.ts', toolOf("import '../lib/inner';"));
      write('servers/echo/lib/inner/package.json', JSON.stringify({ main: '../../../../charts/yaml.ts' }));
    },
  ],
])('rejects a tool that leaves its folder through %s', async (_, change) => {
  change();
  const [message] = await foreignImports(root, 'servers/echo');
  expect(message).toMatch(/^TOOL-IMPORT Cannot build servers\/echo: its tools include "(servers\/other|charts)\//);
  expect(build().status).toBe(1);
});

test('ignores a tsconfig.json of a server', async () => {
  write('servers/echo/tools/echo.ts', toolOf("import '../lib/again';"));
  const paths = { '../lib/again': ['../../../charts/yaml.ts'], zod: ['../../charts/yaml.ts'] };
  write('servers/echo/tsconfig.json', JSON.stringify({ compilerOptions: { paths } }));
  expect(await foreignImports(root, 'servers/echo')).toEqual([]);
});
