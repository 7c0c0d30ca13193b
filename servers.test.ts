import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readPlatform } from './model/platforms';
import { readServers } from './model/servers';
import { foreignImports } from './worker/build.mjs';
import { call } from './worker/catalog/call';
import { CallContext } from './worker/catalog/context';
import { loadCatalog, readToolFiles } from './worker/catalog/load';

// What people own, judged by what it says of itself: no test names a server, a tool or a platform.
const { servers, problems } = readServers(__dirname, readPlatform(__dirname));

test('every folder in servers/ is a server', () => {
  expect(problems.map(({ file, message, fix }) => ({ file, message, fix }))).toEqual([]);
  expect(servers.map(({ name }) => name)).toEqual(
    existsSync(join(__dirname, 'servers')) ? readdirSync(join(__dirname, 'servers')).sort() : [],
  );
});

describe.each(servers.flatMap(({ name, toolkit }) => (toolkit === undefined ? [] : [{ name, toolkit }])))(
  'the tools of $name',
  ({ name, toolkit }) => {
    const files = Object.fromEntries(
      toolkit.tools.map((tool) => [tool, () => require(`./servers/${name}/tools/${tool}.ts`)]),
    );
    const { tools } = loadCatalog(toolkit, readToolFiles(files));
    const examples = tools.flatMap((tool) =>
      tool.definition.examples.map((example, index) => ({ tool, example, index })),
    );

    test('import nothing but "#tool", files of their own folder, and packages of the lockfile', async () => {
      expect(await foreignImports(__dirname, `servers/${name}`)).toEqual([]);
    });

    test.each(examples)('$tool.name does what its example $index says', async ({ tool, example }) => {
      const outcome = await call(tool, example.input, new CallContext(example.context ?? {}));
      if ('fails' in example) expect(outcome).toMatchObject({ ok: false, failure: { kind: example.fails } });
      // The whole of it: the example is what people and models are shown.
      else expect([outcome.ok, outcome.ok && outcome.value]).toEqual([true, example.output]);
    });
  },
);
