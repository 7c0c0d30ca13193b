import { fluxCopy } from './flux-copy';

// `npm run interop -- cluster` has source-controller judge more of them.
const paths = ['apps/mcp/values.yaml', 'apps/mcp/a.yaml', 'docs/a.yaml', '.github/a.yaml', 'apps/.sops.yaml'];

/** The files that a copy lacks of those above, with rules in some folders. */
function leftOut(rules: Readonly<Record<string, string>>): readonly string[] {
  const files = new Map([...paths.map((path) => [path, 'x'] as const), ...Object.entries(rules)]);
  const read = (path: string) => Buffer.from(files.get(path) ?? '');
  const copy = fluxCopy({ paths: new Set(files.keys()), read, objectsOf: () => undefined });
  return paths.filter((path) => !copy.has(path));
}

const byFluxItself = ['.github/a.yaml', 'apps/.sops.yaml'];

test.each([
  ['at the root', '.sourceignore', 'apps/**/values.yaml\n', ['apps/mcp/values.yaml']],
  ['beside it', 'apps/mcp/.sourceignore', '/values.yaml\n', ['apps/mcp/values.yaml']],
  ['elsewhere', 'docs/.sourceignore', 'values.yaml\n', []],
  ['whose capital letters count', '.sourceignore', 'APPS\n*.YAML\n', []],
  [
    'that takes back as go-git does and git does not',
    '.sourceignore',
    '/*\n!/apps/mcp\napps/mcp/values.yaml\n',
    ['apps/mcp/values.yaml', 'docs/a.yaml', '.github/a.yaml', 'apps/.sops.yaml'],
  ],
])('a rule %s leaves out what it says, and nothing beside it', (_, file, text, wanted) => {
  expect(leftOut({ [file]: text })).toEqual(wanted);
});

test('without any rule, what Flux has on a list of its own is left out', () => {
  expect(leftOut({})).toEqual(byFluxItself);
  expect(leftOut({ '.sourceignore': '# nothing\n\n' })).toEqual(byFluxItself);
});
