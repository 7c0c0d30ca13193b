import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPlatforms } from './model/platforms';
import type { Problem } from './model/problem';
import { distinct, readServers } from './model/servers';
import { problemsOf } from './testing/problems';
import { foreignImports } from './worker/build.mjs';
import { runExample } from './worker/catalog/example';
import { loadCatalog, readToolFiles } from './worker/catalog/load';
import { resourceLoaders } from './worker/server-files.mjs';

// What people own, judged by what it says of itself: nothing here names a server, a tool or a platform.
const { servers, problems } = declared();

test('every declaration is right', () => {
  expect(problems.map(({ code, message, fix }) => `${code} ${message}; fix: ${fix}`)).toEqual([]);
});

test('declarations are data: they import "#server" or "#platform" and nothing else', () => {
  const files = [
    ...distinct(servers).map(({ source }) => ({ file: source, allowed: '#server' })),
    ...readdirSync(join(__dirname, 'platforms'))
      .filter((file) => file.endsWith('.ts'))
      .map((file) => ({ file: `platforms/${file}`, allowed: '#platform' })),
  ];
  const foreign = files.flatMap(({ file, allowed }) =>
    [...readFileSync(join(__dirname, file), 'utf8').matchAll(/(?:from|import|require)\s*\(?\s*['"`]([^'"`]*)/g)]
      .filter(([, specifier]) => specifier !== allowed)
      .map(([, specifier]) => `${file} imports "${specifier}"`),
  );
  expect(foreign).toEqual([]);
});

for (const { name, toolkit } of distinct(servers)) {
  if (toolkit === undefined) continue;
  describe(`the tools of ${name}`, () => {
    const files = toolkit.tools.map((tool) => [tool, () => require(`./servers/${name}/tools/${tool}.ts`)] as const);
    const load = (resource: string) => require(`./servers/${name}/resources/${resource}.ts`);
    const resources = resourceLoaders(join(__dirname, 'servers', name), load);
    const { tools } = loadCatalog(toolkit, readToolFiles(Object.fromEntries([...files, ...resources])));
    const examples = tools.flatMap((tool) =>
      tool.definition.examples.map((example, index) => ({ name: tool.name, tool, example, index })),
    );

    test('import "#tool", files of their own folder, packages of the lockfile, and nothing else', async () => {
      expect(await foreignImports(__dirname, `servers/${name}`)).toEqual([]);
    });

    test.each(examples)('$name does what its example $index says', async ({ tool, example }) => {
      const { expected, received } = await runExample(tool, example);
      // The whole of it: the example is what people and models are shown. A failure is shown with what the tool threw.
      expect(received).toEqual(expected);
    });
  });
}

/** Problems of the platforms are told like those of the servers, instead of ending the run before its first test. */
function declared(): { servers: ReturnType<typeof readServers>['servers']; problems: readonly Problem[] } {
  let list: ReturnType<typeof readServers> = { servers: [], problems: [] };
  const ofPlatform = problemsOf(() => {
    list = readServers(__dirname, readPlatforms(__dirname));
  });
  return { servers: list.servers, problems: [...ofPlatform, ...list.problems] };
}
