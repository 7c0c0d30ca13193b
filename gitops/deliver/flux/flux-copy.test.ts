import { fluxCopy } from './flux-copy';

// `npm run interop -- cluster` compares more rules with the real source-controller.
const paths = ['apps/mcp/values.yaml', 'apps/mcp/a.yaml', 'docs/a.yaml', '.github/a.yaml', 'apps/.sops.yaml'];

/** Which of the files above a copy ignores, given these rule files. */
function ignoredWith(rules: Readonly<Record<string, string>>): readonly string[] {
  const files = new Map([...paths.map((path) => [path, 'x'] as const), ...Object.entries(rules)]);
  const read = (path: string) => Buffer.from(files.get(path) ?? '');
  const copy = fluxCopy({ paths: new Set(files.keys()), read, objectsOf: () => undefined });
  return paths.filter((path) => !copy.has(path));
}

const defaults = ['.github/a.yaml', 'apps/.sops.yaml'];

test.each([
  ['at the root', '.sourceignore', 'apps/**/values.yaml\n', ['apps/mcp/values.yaml']],
  ['next to the file', 'apps/mcp/.sourceignore', '/values.yaml\n', ['apps/mcp/values.yaml']],
  ['in another folder', 'docs/.sourceignore', 'values.yaml\n', []],
  ['with other capitals', '.sourceignore', 'APPS\n*.YAML\n', []],
  [
    'that re-includes files as go-git does and git does not',
    '.sourceignore',
    '/*\n!/apps/mcp\napps/mcp/values.yaml\n',
    ['apps/mcp/values.yaml', 'docs/a.yaml', '.github/a.yaml', 'apps/.sops.yaml'],
  ],
])('applies a rule %s', (_, file, text, wanted) => {
  expect(ignoredWith({ [file]: text })).toEqual(wanted);
});

test("applies Flux's default list without any rule", () => {
  expect(ignoredWith({})).toEqual(defaults);
  expect(ignoredWith({ '.sourceignore': '# nothing\n\n' })).toEqual(defaults);
});
